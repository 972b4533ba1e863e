"""Litigation holds on candidates (V11)."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0023_summonses_by_their_plural"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CandidateHold",
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
                    "reason",
                    models.CharField(
                        choices=[
                            ("contentieux", "contentieux ou procédure judiciaire"),
                            ("reclamation", "réclamation ou recours administratif"),
                            ("cnil", "contrôle ou plainte auprès de la CNIL"),
                            ("securite", "incident de sécurité en cours d’examen"),
                        ],
                        max_length=20,
                        verbose_name="motif",
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        help_text="Le numéro du dossier contentieux ; aucun nom.",
                        max_length=60,
                        verbose_name="référence du dossier",
                    ),
                ),
                (
                    "ends_on",
                    models.DateField(
                        help_text="Dernier jour ; à prolonger au besoin.",
                        verbose_name="conservé jusqu’au",
                    ),
                ),
                (
                    "placed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="décidé le",
                    ),
                ),
                (
                    "lifted_at",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="levé le"
                    ),
                ),
                (
                    "candidate",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="holds",
                        to="referrals.candidate",
                        verbose_name="candidat",
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="levé par",
                    ),
                ),
                (
                    "placed_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="décidé par",
                    ),
                ),
            ],
            options={
                "verbose_name": "conservation pour litige (candidat)",
                "verbose_name_plural": "conservations pour litige (candidats)",
                "ordering": ("-placed_at", "pk"),
                "abstract": False,
                "constraints": [
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
                        name="candidatehold_lifted_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reference", ""), _negated=True),
                        name="candidatehold_has_its_reference",
                    ),
                ],
            },
        ),
    ]
