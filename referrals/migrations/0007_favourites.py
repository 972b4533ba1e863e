"""Offers kept for a person, or for nobody yet."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0008_dates_of_modes"),
        ("referrals", "0006_withdrawals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Favourite",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="gardée le",
                    ),
                ),
                (
                    "adviser",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="favourites",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="conseiller",
                    ),
                ),
                (
                    "candidate",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="favourites",
                        to="referrals.candidate",
                        verbose_name="candidat",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="favourites",
                        to="offers.offer",
                        verbose_name="offre",
                    ),
                ),
            ],
            options={
                "verbose_name": "offre gardée",
                "verbose_name_plural": "offres gardées",
                "ordering": ("-created_at", "pk"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("candidate__isnull", False)),
                        fields=("candidate", "offer"),
                        name="one_favourite_for_a_person",
                        violation_error_message="Cette offre est déjà gardée pour cette personne.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("adviser__isnull", False)),
                        fields=("adviser", "offer"),
                        name="one_favourite_for_nobody",
                        violation_error_message="Vous gardez déjà cette offre.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("adviser__isnull", True), ("candidate__isnull", False)
                            ),
                            models.Q(
                                ("adviser__isnull", False), ("candidate__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="favourite_is_a_persons_or_an_advisers",
                    ),
                ],
            },
        ),
    ]
