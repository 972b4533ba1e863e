"""Exports: what members ask for, made by a worker and kept a day (S25)."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import opus.lib.making


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0027_guards_of_agreements"),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
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
                ("what", models.CharField(max_length=40, verbose_name="contenu")),
                ("arguments", models.JSONField(default=dict, verbose_name="critères")),
                ("title", models.CharField(max_length=200, verbose_name="intitulé")),
                (
                    "format",
                    models.CharField(
                        choices=[
                            ("xlsx", "Classeur Excel (.xlsx)"),
                            ("ods", "Classeur OpenDocument (.ods)"),
                            ("csv", "Texte séparé par des points-virgules (.csv)"),
                        ],
                        max_length=4,
                        verbose_name="format",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("attente", "en attente"),
                            ("en_cours", "en préparation"),
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
                    "asked_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="demandé le",
                    ),
                ),
                ("ready_at", models.DateTimeField(null=True, verbose_name="prêt le")),
                (
                    "expires_at",
                    models.DateTimeField(
                        default=opus.lib.making.in_a_day, verbose_name="gardé jusqu’au"
                    ),
                ),
                (
                    "rows_done",
                    models.PositiveIntegerField(
                        default=0, verbose_name="lignes écrites"
                    ),
                ),
                (
                    "rows_total",
                    models.PositiveIntegerField(
                        null=True, verbose_name="lignes à écrire"
                    ),
                ),
                ("content", models.BinaryField(null=True)),
                ("size", models.PositiveIntegerField(null=True, verbose_name="taille")),
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
                            ("droits", "vos droits ont changé depuis votre demande"),
                            ("duree", "la préparation a pris trop de temps"),
                            ("panne", "la préparation s’est arrêtée"),
                        ],
                        db_default="",
                        max_length=10,
                        verbose_name="cause de l’échec",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="exports",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
            ],
            options={
                "verbose_name": "export",
                "ordering": ("-asked_at", "pk"),
                "abstract": False,
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["attente", "en_cours"])),
                        fields=["next_attempt_at"],
                        name="export_waiting",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["attente", "en_cours", "pret", "echec", "annule"],
                            )
                        ),
                        name="export_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("content__isnull", False), ("state", "pret")),
                            models.Q(
                                models.Q(("state", "pret"), _negated=True),
                                ("content__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="export_is_ready_with_its_file",
                    ),
                ],
            },
        ),
    ]
