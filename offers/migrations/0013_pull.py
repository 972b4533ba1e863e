"""Pull: its runs over the public API, and what each found different."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0012_information_sheets"),
    ]

    operations = [
        migrations.CreateModel(
            name="PullRun",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("nouveautes", "nouveautés"),
                            ("comparaison", "comparaison complète"),
                        ],
                        max_length=12,
                        verbose_name="relève",
                    ),
                ),
                (
                    "started_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="commencée le"
                    ),
                ),
                (
                    "ended_at",
                    models.DateTimeField(null=True, verbose_name="terminée le"),
                ),
                (
                    "covers_from",
                    models.DateTimeField(verbose_name="offres créées depuis le"),
                ),
                ("covers_to", models.DateTimeField(verbose_name="jusqu’au")),
                ("read_to", models.DateTimeField(verbose_name="lues jusqu’au")),
                ("step", models.DurationField(verbose_name="fenêtre")),
                (
                    "resume_at",
                    models.DateTimeField(null=True, verbose_name="reprise le"),
                ),
                (
                    "requests",
                    models.PositiveIntegerField(default=0, verbose_name="requêtes"),
                ),
                ("read", models.PositiveIntegerField(default=0, verbose_name="lues")),
                (
                    "created",
                    models.PositiveIntegerField(default=0, verbose_name="créées"),
                ),
                (
                    "updated",
                    models.PositiveIntegerField(default=0, verbose_name="modifiées"),
                ),
                (
                    "unchanged",
                    models.PositiveIntegerField(default=0, verbose_name="inchangées"),
                ),
                (
                    "rejected",
                    models.PositiveIntegerField(default=0, verbose_name="rejetées"),
                ),
                (
                    "partial",
                    models.PositiveIntegerField(
                        default=0, verbose_name="fenêtres incomplètes"
                    ),
                ),
                (
                    "active_before",
                    models.PositiveIntegerField(
                        default=0, verbose_name="offres comparées"
                    ),
                ),
                (
                    "missing",
                    models.PositiveIntegerField(default=0, verbose_name="introuvables"),
                ),
                (
                    "still_there",
                    models.PositiveIntegerField(default=0, verbose_name="retrouvées"),
                ),
                (
                    "withdrawn",
                    models.PositiveIntegerField(default=0, verbose_name="retirées"),
                ),
                (
                    "held",
                    models.PositiveIntegerField(
                        default=0, verbose_name="tenues par un évènement"
                    ),
                ),
                (
                    "refusal",
                    models.CharField(blank=True, max_length=300, verbose_name="refus"),
                ),
                (
                    "trouble",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="dernière difficulté"
                    ),
                ),
            ],
            options={
                "verbose_name": "relève",
                "verbose_name_plural": "relèves de l’API",
                "ordering": ("-started_at", "-pk"),
                "indexes": [
                    models.Index(fields=["kind", "-started_at"], name="pull_last")
                ],
            },
        ),
        migrations.CreateModel(
            name="PullFinding",
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
                    "reference",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="n° d’offre"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("manquait", "manquait à Opus : créée"),
                            ("modifiee", "plus récente dans l’API : modifiée"),
                            (
                                "introuvable",
                                "introuvable dans l’API : second regard à venir",
                            ),
                            ("absente", "introuvable deux fois : à retirer"),
                            ("retiree", "introuvable deux fois : retirée"),
                            (
                                "epargnee",
                                "introuvable, mais un évènement en a parlé depuis",
                            ),
                            ("retrouvee", "retrouvée au second regard"),
                            (
                                "tenue",
                                "visible dans l’API, retirée par un évènement : reste retirée",
                            ),
                            ("rejetee", "illisible comme offre"),
                        ],
                        max_length=12,
                        verbose_name="écart",
                    ),
                ),
                (
                    "reason",
                    models.CharField(blank=True, max_length=300, verbose_name="motif"),
                ),
                ("raw", models.TextField(blank=True, verbose_name="texte reçu")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="le",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="offers.pullrun",
                        verbose_name="relève",
                    ),
                ),
            ],
            options={
                "verbose_name": "écart",
                "verbose_name_plural": "écarts avec l’API",
                "ordering": ("-at", "-pk"),
                "indexes": [models.Index(fields=["run", "kind"], name="finding_kind")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("reference", ""), _negated=True),
                        fields=("run", "reference"),
                        name="one_finding_by_offer",
                    )
                ],
            },
        ),
    ]
