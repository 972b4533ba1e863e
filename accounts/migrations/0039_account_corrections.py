"""What an account said before it was put right (GDPR 16; V14)."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0038_validate_rules_of_nominations")]

    operations = [
        migrations.CreateModel(
            name="AccountCorrection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "gesture",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, verbose_name="geste"
                    ),
                ),
                ("field", models.CharField(max_length=40, verbose_name="donnée")),
                (
                    "before",
                    models.CharField(blank=True, max_length=254, verbose_name="avant"),
                ),
                (
                    "after",
                    models.CharField(blank=True, max_length=254, verbose_name="après"),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("erreur", "erreur de saisie"),
                            ("changement", "changement de situation"),
                            ("demande", "à la demande de la personne (art. 10)"),
                        ],
                        max_length=20,
                        verbose_name="motif",
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="le",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="par",
                    ),
                ),
            ],
            options={
                "verbose_name": "rectification d’un compte",
                "verbose_name_plural": "rectifications de comptes",
                "ordering": ("at", "pk"),
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("gesture", "field"),
                        name="account_field_corrected_once_a_gesture",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("before", models.F("after")), _negated=True
                        ),
                        name="account_correction_changes_something",
                    ),
                ],
            },
        )
    ]
