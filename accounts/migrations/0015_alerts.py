"""Alerts of detection, their steps, and how far the journal was read (S39)."""

import uuid

import django.contrib.postgres.constraints
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import accounts.models.alerts


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0014_identifiers_for_ever"),
    ]

    operations = [
        migrations.CreateModel(
            name="Alert",
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
                    "rule",
                    models.CharField(
                        choices=[
                            ("personnes", "plafond de personnes atteint"),
                            ("personnes_moitie", "beaucoup de personnes consultées"),
                            ("exports", "plafond d’exports atteint"),
                            ("exports_moitie", "plusieurs exports dans la journée"),
                            ("nuit", "consultations de nuit"),
                            ("eloignement", "personnes éloignées de la structure"),
                            (
                                "recherches_vaines",
                                "recherches de personnes sans résultat",
                            ),
                            (
                                "adresses_inconnues",
                                "adresses de personnes inexistantes",
                            ),
                            (
                                "echecs_adresse",
                                "échecs de connexion d’une même adresse",
                            ),
                            ("echecs_compte", "échecs de connexion sur un compte"),
                            (
                                "echecs_disperses",
                                "un échec de connexion sur beaucoup de comptes",
                            ),
                            (
                                "session_deplacee",
                                "session passée sur un autre appareil",
                            ),
                            ("deux_lieux", "compte utilisé à deux endroits à la fois"),
                            ("nouveau_lieu", "réseau ou navigateur jamais vu"),
                            (
                                "appareil_nouveau",
                                "accès modifié depuis un nouvel appareil",
                            ),
                            ("partage", "plus de deux sessions à la fois"),
                            ("recherches", "recherches d’offres très nombreuses"),
                        ],
                        editable=False,
                        max_length=20,
                        verbose_name="règle",
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[("grave", "à traiter"), ("signal", "signal")],
                        editable=False,
                        max_length=10,
                        verbose_name="niveau",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("nouvelle", "nouvelle"),
                            ("prise", "prise en charge"),
                            ("close", "close"),
                        ],
                        default="nouvelle",
                        editable=False,
                        max_length=20,
                        verbose_name="état",
                    ),
                ),
                ("subject", models.CharField(editable=False, max_length=60)),
                (
                    "address",
                    models.GenericIPAddressField(
                        editable=False, null=True, verbose_name="adresse"
                    ),
                ),
                (
                    "first_at",
                    models.DateTimeField(editable=False, verbose_name="début"),
                ),
                (
                    "last_at",
                    models.DateTimeField(editable=False, verbose_name="dernier fait"),
                ),
                (
                    "quiet_at",
                    models.DateTimeField(
                        editable=False, verbose_name="fin de la rafale"
                    ),
                ),
                (
                    "raised_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="levée le"),
                ),
                (
                    "peak",
                    models.PositiveIntegerField(editable=False, verbose_name="nombre"),
                ),
                (
                    "conclusion",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("legitime", "Usage légitime"),
                            ("detournement", "Usage détourné ou compte compromis"),
                            ("essai", "Essai ou exercice"),
                            ("erreur", "Erreur de manipulation"),
                            ("fausse_alerte", "Fausse alerte : règle à revoir"),
                        ],
                        editable=False,
                        max_length=20,
                        verbose_name="conclusion",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alerts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alerts",
                        to="accounts.structure",
                        verbose_name="structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "alerte",
                "ordering": ("-last_at",),
            },
        ),
        migrations.CreateModel(
            name="AlertStep",
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
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="accounts.alert",
                        verbose_name="alerte",
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
            ],
            options={
                "verbose_name": "étape d’une alerte",
                "verbose_name_plural": "étapes d’une alerte",
                "ordering": ("at", "pk"),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="WatchCursor",
            fields=[
                (
                    "id",
                    models.BooleanField(
                        default=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("read_until", models.DateTimeField(verbose_name="lu jusqu’au")),
            ],
            options={
                "verbose_name": "curseur de la détection",
                "verbose_name_plural": "curseur de la détection",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", True)), name="one_cursor_only"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["-last_at"], name="alerts_by_day"),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("rule", "="),
                    ("subject", "="),
                    (accounts.models.alerts.InstantRange("first_at", "quiet_at"), "&&"),
                ],
                name="one_alert_for_a_burst",
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("first_at__lte", models.F("last_at")),
                    ("last_at__lt", models.F("quiet_at")),
                ),
                name="burst_ends_after_its_last_hit",
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["nouvelle", "prise", "close"])),
                name="alert_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "conclusion__in",
                            [
                                "legitime",
                                "detournement",
                                "essai",
                                "erreur",
                                "fausse_alerte",
                            ],
                        ),
                        ("state", "close"),
                    ),
                    models.Q(
                        models.Q(("state", "close"), _negated=True), ("conclusion", "")
                    ),
                    _connector="OR",
                ),
                name="closed_alert_says_what_it_was",
                violation_error_message="Dites ce que c’était pour clore l’alerte.",
            ),
        ),
    ]
