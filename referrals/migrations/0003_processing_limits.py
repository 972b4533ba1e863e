"""Limits that persons set to the use of their data (GDPR 18, 21)."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from opus.lib.database.migration_operations import run_sql


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0002_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ProcessingLimit",
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
                    "processing",
                    models.CharField(
                        choices=[
                            ("tout", "tout usage : les données sont gelées (RGPD)"),
                            ("courriels", "les courriels d’Opus"),
                            ("veilles", "les veilles d’offres"),
                            ("statistiques", "les extraits pour les statistiques"),
                        ],
                        max_length=12,
                        verbose_name="ce qui s’arrête",
                    ),
                ),
                (
                    "reference",
                    models.CharField(max_length=20, verbose_name="n° de la demande"),
                ),
                (
                    "placed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="décidée le",
                    ),
                ),
                ("lifted_at", models.DateTimeField(null=True, verbose_name="levée le")),
                (
                    "candidate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="limits",
                        to="referrals.candidate",
                        verbose_name="candidat",
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="levée par",
                    ),
                ),
                (
                    "placed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="décidée par",
                    ),
                ),
            ],
            options={
                "verbose_name": "limite à l’usage des données",
                "verbose_name_plural": "limites à l’usage des données",
                "ordering": ("-placed_at", "pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "processing__in",
                                ["tout", "courriels", "veilles", "statistiques"],
                            )
                        ),
                        name="limit_processing_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reference", ""), _negated=True),
                        name="limit_has_its_request",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("lifted_at__isnull", True), ("lifted_by__isnull", True)
                            ),
                            models.Q(
                                ("lifted_at__isnull", False),
                                ("lifted_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="limit_is_lifted_by_somebody",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at__isnull", True)),
                        fields=("candidate", "processing"),
                        name="one_limit_in_force",
                        violation_error_message="Cette limite est déjà en place.",
                    ),
                ],
            },
        ),
        run_sql(
            __file__,
            "limits",
            reverse_sql="""
            DROP TRIGGER referrals_referral_within_limits ON referrals_referral;
            DROP TRIGGER referrals_screenedreferral_within_limits ON referrals_screenedreferral;
            DROP TRIGGER referrals_cvrequest_within_limits ON referrals_cvrequest;
            DROP TRIGGER referrals_appointment_within_limits ON referrals_appointment;
            DROP TRIGGER referrals_mailconsent_within_limits ON referrals_mailconsent;
            DROP TRIGGER referrals_favourite_within_limits ON referrals_favourite;
            DROP TRIGGER referrals_savedsearch_within_limits ON referrals_savedsearch;
            DROP TRIGGER referrals_processinglimit_frozen ON referrals_processinglimit;
            DROP FUNCTION opus_within_limits();
            """,
        ),
    ]
