"""What one watches for a person."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0007_favourites"),
    ]

    operations = [
        migrations.CreateModel(
            name="Watch",
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
                ("query", models.CharField(max_length=2000, verbose_name="recherche")),
                (
                    "by_mail",
                    models.BooleanField(
                        default=True, verbose_name="signalée par courriel"
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="créée le",
                    ),
                ),
                (
                    "seen_until",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="vue jusqu’au",
                    ),
                ),
                (
                    "told_until",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="signalée jusqu’au",
                    ),
                ),
                (
                    "mail_from",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="signalée depuis le",
                    ),
                ),
                (
                    "looked_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="dernière lecture",
                    ),
                ),
                (
                    "candidate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="watches",
                        to="referrals.candidate",
                        verbose_name="candidat",
                    ),
                ),
            ],
            options={
                "verbose_name": "veille",
                "ordering": ("created_at", "pk"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("candidate", "query"),
                        name="one_watch_for_a_search",
                        violation_error_message="Cette veille existe déjà pour cette personne.",
                    )
                ],
            },
        ),
    ]
