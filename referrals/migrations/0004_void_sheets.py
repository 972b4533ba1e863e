"""Why a PDF failed, and the sheets that stand in for void documents."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0003_outcome_codes"),
    ]

    operations = [
        migrations.AddField(
            model_name="document",
            name="failure",
            field=models.CharField(
                blank=True,
                choices=[
                    ("imprimante", "l’outil d’impression manque sur le serveur"),
                    ("duree", "la mise en page a pris trop de temps"),
                    ("panne", "la mise en page a échoué"),
                ],
                db_default="",
                max_length=10,
                verbose_name="cause de l’échec",
            ),
        ),
        migrations.CreateModel(
            name="VoidSheet",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("attente", "en préparation"),
                            ("pret", "prêt"),
                            ("echec", "échec"),
                            ("annule", "annulé"),
                        ],
                        default="attente",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="établi le",
                    ),
                ),
                ("html", models.TextField(editable=False)),
                (
                    "html_sha256",
                    models.CharField(
                        editable=False, max_length=64, verbose_name="empreinte"
                    ),
                ),
                ("pdf", models.BinaryField(null=True)),
                (
                    "pdf_sha256",
                    models.CharField(
                        blank=True,
                        editable=False,
                        max_length=64,
                        verbose_name="empreinte du PDF",
                    ),
                ),
                ("ready_at", models.DateTimeField(null=True, verbose_name="prêt le")),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(default=0, verbose_name="essais"),
                ),
                (
                    "next_attempt_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="prochain essai",
                    ),
                ),
                (
                    "failure",
                    models.CharField(
                        blank=True,
                        choices=[
                            (
                                "imprimante",
                                "l’outil d’impression manque sur le serveur",
                            ),
                            ("duree", "la mise en page a pris trop de temps"),
                            ("panne", "la mise en page a échoué"),
                        ],
                        db_default="",
                        max_length=10,
                        verbose_name="cause de l’échec",
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="annulé le")),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="void_sheets",
                        to="referrals.document",
                        verbose_name="document",
                    ),
                ),
            ],
            options={
                "verbose_name": "fiche d’annulation",
                "verbose_name_plural": "fiches d’annulation",
                "ordering": ("-since",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "attente")),
                        fields=["next_attempt_at"],
                        name="void_sheet_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("document", "since"),
                        name="one_void_sheet_by_withdrawal",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "pret"), _negated=True),
                            models.Q(
                                ("pdf__isnull", False), ("ready_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="ready_void_sheet_has_its_pdf",
                    ),
                ],
            },
        ),
    ]
