"""Lost second factors: asked, perhaps confirmed by a second person, done (S10)."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from opus.lib.states import guard_moves


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_passkeys_and_backup_codes"),
        ("lib", "0001_audit_journal"),
    ]

    operations = [
        migrations.CreateModel(
            name="FactorReset",
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
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="factor_resets",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="compte",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("demandee", "demandée"),
                            ("confirmee", "confirmée par une seconde personne"),
                            ("faite", "faite"),
                            ("arretee", "arrêtée"),
                            ("perimee", "périmée"),
                        ],
                        default="demandee",
                        editable=False,
                        max_length=20,
                        verbose_name="état",
                    ),
                ),
                (
                    "check_done",
                    models.CharField(
                        choices=[
                            ("piece", "En personne, au vu d’une pièce d’identité"),
                            (
                                "rappel",
                                "Par un rappel au numéro déjà connu de la structure",
                            ),
                            (
                                "video",
                                "En visioconférence, au vu d’une pièce d’identité",
                            ),
                        ],
                        max_length=20,
                        verbose_name="vérification d’identité",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("perte", "Téléphone ou clé perdus"),
                            ("vol", "Téléphone ou clé volés"),
                            ("panne", "Appareil en panne ou remplacé"),
                            ("vu", "Codes vus par quelqu’un d’autre"),
                        ],
                        max_length=20,
                        verbose_name="motif",
                    ),
                ),
                ("four_eyes", models.BooleanField(verbose_name="deux personnes")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="demandée par",
                    ),
                ),
                (
                    "asked_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="demandée le"
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="confirmée par",
                    ),
                ),
                ("ready_at", models.DateTimeField(verbose_name="possible à partir du")),
                ("lapses_at", models.DateTimeField(verbose_name="périmée le")),
                ("done_at", models.DateTimeField(null=True, verbose_name="faite le")),
            ],
            options={
                "verbose_name": "remise à zéro des seconds facteurs",
                "verbose_name_plural": "remises à zéro des seconds facteurs",
                "ordering": ("-asked_at",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("demandee", "confirmee"))),
                        fields=("account",),
                        name="one_open_factor_reset",
                        violation_error_message="Une remise à zéro est déjà demandée.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("asked_by", models.F("account")), _negated=True),
                            models.Q(
                                ("confirmed_by__isnull", True),
                                models.Q(
                                    ("confirmed_by", models.F("account")), _negated=True
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="nobody_resets_his_own_factors",
                        violation_error_message="Personne ne remet à zéro ses propres seconds facteurs.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by__isnull", True),
                            models.Q(
                                ("confirmed_by", models.F("asked_by")), _negated=True
                            ),
                            _connector="OR",
                        ),
                        name="factor_reset_by_two_persons",
                        violation_error_message="Une autre personne que celle qui a demandé la remise à zéro doit la confirmer.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("four_eyes", True), ("state", "faite"), _negated=True
                            ),
                            ("confirmed_by__isnull", False),
                            _connector="OR",
                        ),
                        name="factor_reset_confirmed_before_done",
                        violation_error_message="Une seconde personne doit d’abord confirmer.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "faite"), _negated=True),
                            models.Q(
                                ("done_at__gte", models.F("ready_at")),
                                ("done_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="factor_reset_after_its_notice",
                        violation_error_message="La personne est prévenue 24 heures avant.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "demandee",
                                    "confirmee",
                                    "faite",
                                    "arretee",
                                    "perimee",
                                ],
                            )
                        ),
                        name="factor_reset_state_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FactorResetStep",
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
                    "reset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="accounts.factorreset",
                        verbose_name="demande",
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
                "verbose_name": "étape d’une remise à zéro",
                "verbose_name_plural": "étapes d’une remise à zéro",
                "ordering": ("at", "pk"),
                "abstract": False,
            },
        ),
        guard_moves(
            "accounts_factorreset",
            {
                "demandee": ["arretee", "confirmee", "faite", "perimee"],
                "confirmee": ["arretee", "faite", "perimee"],
            },
        ),
    ]
