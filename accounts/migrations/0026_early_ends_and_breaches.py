"""Early ends, proposed and confirmed, and the files of breaches (art. 12)."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import accounts.models.endings


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0025_amendments"),
    ]

    operations = [
        migrations.CreateModel(
            name="Breach",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("ouvert", "lettre à poster"),
                            ("notifie", "manquements notifiés"),
                            ("observe", "observations reçues"),
                            ("maintenu", "décision maintenue"),
                            ("resilie", "convention résiliée"),
                            ("leve", "procédure abandonnée"),
                        ],
                        default="ouvert",
                        editable=False,
                        max_length=20,
                        verbose_name="état",
                    ),
                ),
                (
                    "reasons",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("partage", "Comptes prêtés ou partagés (art. 5.1)"),
                                (
                                    "comptes",
                                    "Comptes non fermés après un départ ou une absence (art. 4.2)",
                                ),
                                (
                                    "vacance",
                                    "Départ du RGC non signalé sous huit jours (art. 4.3)",
                                ),
                                (
                                    "offres",
                                    "Offres modifiées ou rediffusées (art. 7 et 9)",
                                ),
                                (
                                    "documents",
                                    "Documents non remis aux candidats (art. 7)",
                                ),
                                (
                                    "mentions",
                                    "Mentions interdites sur des personnes (art. 9.1)",
                                ),
                                (
                                    "donnees",
                                    "Données utilisées ou communiquées à d’autres fins (art. 9.2)",
                                ),
                            ],
                            max_length=20,
                        ),
                        verbose_name="motifs",
                    ),
                ),
                (
                    "facts",
                    models.CharField(max_length=300, verbose_name="faits constatés"),
                ),
                ("notified_on", models.DateField(null=True, verbose_name="notifié le")),
                (
                    "observed_on",
                    models.DateField(null=True, verbose_name="observations reçues le"),
                ),
                (
                    "upheld_on",
                    models.DateField(null=True, verbose_name="décision maintenue le"),
                ),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="breaches",
                        to="accounts.convention",
                        verbose_name="convention",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ouvert par",
                    ),
                ),
            ],
            options={
                "verbose_name": "dossier de manquement",
                "verbose_name_plural": "dossiers de manquement",
                "ordering": ("-pk",),
            },
        ),
        migrations.AddField(
            model_name="letter",
            name="breach",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="letters",
                to="accounts.breach",
                verbose_name="manquements",
            ),
        ),
        migrations.CreateModel(
            name="BreachStep",
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
                    "breach",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="accounts.breach",
                        verbose_name="manquements",
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
                "verbose_name": "étape d’un dossier de manquement",
                "verbose_name_plural": "étapes d’un dossier de manquement",
                "ordering": ("at", "pk"),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Ending",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("propose", "à confirmer"),
                            ("confirme", "confirmé"),
                            ("abandonne", "abandonné"),
                        ],
                        default="propose",
                        editable=False,
                        max_length=20,
                        verbose_name="état",
                    ),
                ),
                (
                    "proposed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="proposé le",
                    ),
                ),
                (
                    "confirmed_at",
                    models.DateTimeField(
                        editable=False, null=True, verbose_name="confirmé le"
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("structure", "la structure (préavis d’un mois)"),
                            ("france_travail", "France Travail (un mois au plus)"),
                            ("accord", "les deux parties, d’un commun accord"),
                            ("partenariat", "fin de la convention de partenariat"),
                            ("manquement", "France Travail, manquements maintenus"),
                        ],
                        max_length=20,
                        verbose_name="à la demande de",
                    ),
                ),
                ("told_on", models.DateField(verbose_name="lettre ou décision du")),
                ("ends_on", models.DateField(verbose_name="dernier jour d’accès")),
                (
                    "at_once",
                    models.BooleanField(
                        default=False,
                        verbose_name="fermer les accès dès la confirmation",
                    ),
                ),
                (
                    "breach",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="endings",
                        to="accounts.breach",
                        verbose_name="manquements",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="confirmé par",
                    ),
                ),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="endings",
                        to="accounts.convention",
                        verbose_name="convention",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposé par",
                    ),
                ),
            ],
            options={
                "verbose_name": "fin anticipée",
                "verbose_name_plural": "fins anticipées",
                "ordering": ("-proposed_at",),
            },
        ),
        migrations.CreateModel(
            name="EndingStep",
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
                    "ending",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="accounts.ending",
                        verbose_name="fin anticipée",
                    ),
                ),
            ],
            options={
                "verbose_name": "étape d’une fin anticipée",
                "verbose_name_plural": "étapes d’une fin anticipée",
                "ordering": ("at", "pk"),
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="breach",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("state__in", ("ouvert", "notifie", "observe", "maintenu"))
                ),
                fields=("convention",),
                name="one_live_breach",
                violation_error_message="Une procédure pour manquement est déjà en cours pour cette convention.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breach",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["ouvert", "leve"]),
                    ("notified_on__isnull", False),
                    _connector="OR",
                ),
                name="breach_is_notified_first",
            ),
        ),
        migrations.AddConstraint(
            model_name="breach",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("observed_on", None),
                    ("observed_on__gte", models.F("notified_on")),
                    _connector="OR",
                ),
                name="observations_follow_the_notice",
                violation_error_message="Les observations répondent à la lettre\xa0: elles ne la précèdent pas.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breach",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("upheld_on", None),
                    ("upheld_on__gte", models.F("observed_on")),
                    models.Q(
                        ("observed_on", None),
                        ("upheld_on__gt", models.F("notified_on")),
                    ),
                    _connector="OR",
                ),
                name="decision_follows_the_observations",
                violation_error_message="La décision suit les observations.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breach",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["maintenu", "resilie"]), _negated=True),
                    ("upheld_on__isnull", False),
                    _connector="OR",
                ),
                name="upheld_breach_has_its_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="breach",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["ouvert", "notifie", "observe", "maintenu", "resilie", "leve"],
                    ),
                    models.Q(("reasons", []), _negated=True),
                ),
                name="breach_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="ending",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("confirmed_at__isnull", False),
                        ("confirmed_by__isnull", False),
                        ("state", "confirme"),
                    ),
                    models.Q(
                        models.Q(("state", "confirme"), _negated=True),
                        ("confirmed_at", None),
                        ("confirmed_by", None),
                    ),
                    _connector="OR",
                ),
                name="confirmed_ending_is_signed",
            ),
        ),
        migrations.AddConstraint(
            model_name="ending",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by", None),
                    models.Q(("confirmed_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="two_hands_on_an_ending",
                violation_error_message="Une autre personne que celle qui propose doit confirmer\xa0: demandez-le à un collègue.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ending",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("breach__isnull", False), ("origin", "manquement")),
                    models.Q(
                        models.Q(("origin", "manquement"), _negated=True),
                        ("breach", None),
                    ),
                    _connector="OR",
                ),
                name="ending_for_breach_has_its_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="ending",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("origin", "structure"), _negated=True),
                    models.Q(
                        ("at_once", False),
                        (
                            "ends_on__gte",
                            accounts.models.endings.MonthLater(models.F("told_on")),
                        ),
                    ),
                    _connector="OR",
                ),
                name="a_structure_gives_a_month",
                violation_error_message="Le préavis de la structure est d’un mois à compter de sa lettre (art. 12)\xa0: choisissez un jour plus tardif.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ending",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("origin__in", ("france_travail", "manquement")), _negated=True
                    ),
                    (
                        "ends_on__lte",
                        accounts.models.endings.MonthLater(models.F("told_on")),
                    ),
                    _connector="OR",
                ),
                name="france_travail_gives_a_month_at_most",
                violation_error_message="France Travail met fin à la convention dans le mois qui suit sa décision (art. 12)\xa0: choisissez un jour plus proche.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ending",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("told_on"))),
                name="ending_after_its_letter",
                violation_error_message="Le dernier jour d’accès précède la lettre ou la décision.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ending",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "propose")),
                fields=("convention",),
                name="one_ending_waits",
                violation_error_message="Une fin anticipée attend déjà d’être confirmée\xa0: confirmez-la ou abandonnez-la d’abord.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ending",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["propose", "confirme", "abandonne"]),
                    (
                        "origin__in",
                        [
                            "structure",
                            "france_travail",
                            "accord",
                            "partenariat",
                            "manquement",
                        ],
                    ),
                ),
                name="ending_is_known",
            ),
        ),
    ]
