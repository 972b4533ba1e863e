"""The information sheets of offers, as PDF."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0011_fill_filters"),
    ]

    operations = [
        migrations.CreateModel(
            name="OfferSheet",
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
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sheets",
                        to="offers.offer",
                        verbose_name="offre",
                    ),
                ),
            ],
            options={
                "verbose_name": "fiche d’information",
                "verbose_name_plural": "fiches d’information",
                "ordering": ("-created_at",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "attente")),
                        fields=["next_attempt_at"],
                        name="offer_sheet_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("offer", "html_sha256"), name="one_sheet_for_a_content"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "pret"), _negated=True),
                            models.Q(
                                ("pdf__isnull", False), ("ready_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="ready_offer_sheet_has_its_pdf",
                    ),
                ],
            },
        ),
    ]
