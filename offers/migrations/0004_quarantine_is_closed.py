"""A line in quarantine is closed: by whom, when, why."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from opus.lib.database.states import guard_moves


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0003_trades_of_labels"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="QuarantineStep",
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
                    "origin",
                    models.CharField(blank=True, max_length=20, verbose_name="de"),
                ),
                ("target", models.CharField(max_length=20, verbose_name="à")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="le",
                    ),
                ),
                (
                    "note",
                    models.JSONField(
                        blank=True, default=dict, verbose_name="précisions"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="par",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="offers.quarantine",
                        verbose_name="ligne",
                    ),
                ),
            ],
            options={
                "verbose_name": "étape d’une ligne en quarantaine",
                "verbose_name_plural": "étapes d’une ligne en quarantaine",
                "ordering": ("at", "pk"),
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="quarantine",
            name="closed_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("renvoyee", "Offre corrigée et renvoyée par France Travail"),
                    ("signalee", "Signalée à qui produit les fichiers"),
                    (
                        "inutile",
                        "Ligne vide, d’essai, ou d’une offre qui n’est plus à pourvoir",
                    ),
                ],
                db_default="",
                editable=False,
                max_length=20,
                verbose_name="close parce que",
            ),
        ),
        migrations.AddField(
            model_name="quarantine",
            name="state",
            field=models.CharField(
                choices=[("attente", "à traiter"), ("close", "close")],
                db_default="attente",
                default="attente",
                editable=False,
                max_length=20,
                verbose_name="état",
            ),
        ),
        migrations.AddConstraint(
            model_name="quarantine",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["attente", "close"])),
                name="quarantine_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="quarantine",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_because__in", ["renvoyee", "signalee", "inutile"]),
                        ("state", "close"),
                    ),
                    models.Q(("closed_because", ""), ("state", "attente")),
                    _connector="OR",
                ),
                name="closed_line_says_why",
                violation_error_message="Dites pourquoi cette ligne est close.",
            ),
        ),
        guard_moves("offers_quarantine", {"attente": ["close"]}),
    ]
