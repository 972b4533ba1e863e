"""Review meetings with minutes and decisions; what partners propose (art. 11)."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0031_index_of_last_uses"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReviewMeeting",
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
                            ("planifiee", "planifiée"),
                            ("tenue", "tenue, compte rendu à valider"),
                            ("validee", "compte rendu validé"),
                            ("annulee", "annulée"),
                        ],
                        default="planifiee",
                        editable=False,
                        max_length=20,
                        verbose_name="état",
                    ),
                ),
                ("planned_on", models.DateField(verbose_name="prévue le")),
                (
                    "held_on",
                    models.DateField(
                        editable=False, null=True, verbose_name="tenue le"
                    ),
                ),
                (
                    "place",
                    models.CharField(
                        choices=[
                            ("agence", "dans les locaux de France Travail"),
                            ("structure", "dans les locaux de la structure"),
                            ("distance", "à distance"),
                            ("ailleurs", "ailleurs"),
                        ],
                        max_length=20,
                        verbose_name="lieu",
                    ),
                ),
                (
                    "covers_from",
                    models.DateField(
                        help_text="Le dossier de bilan compte par mois entiers.",
                        verbose_name="chiffres du",
                    ),
                ),
                ("covers_until", models.DateField(verbose_name="au")),
                (
                    "attended",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("rgc", "RGC de la structure"),
                                ("direction", "direction de la structure"),
                                ("conseillers", "conseillers de la structure"),
                                ("agence", "direction de l’agence France Travail"),
                                (
                                    "correspondant",
                                    "correspondant France Travail de la convention",
                                ),
                                (
                                    "territoire",
                                    "direction territoriale ou régionale France Travail",
                                ),
                            ],
                            max_length=20,
                        ),
                        default=list,
                        editable=False,
                        verbose_name="présents",
                    ),
                ),
                (
                    "cancel_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("report", "reportée à une autre date"),
                            ("partenaire", "à la demande de la structure"),
                            ("france_travail", "à la demande de France Travail"),
                            ("erreur", "planifiée par erreur"),
                        ],
                        editable=False,
                        max_length=20,
                        verbose_name="motif",
                    ),
                ),
                (
                    "revision",
                    models.PositiveSmallIntegerField(default=0, editable=False),
                ),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="review_meetings",
                        to="accounts.convention",
                        verbose_name="convention",
                    ),
                ),
            ],
            options={
                "verbose_name": "réunion de suivi",
                "verbose_name_plural": "réunions de suivi",
                "ordering": ("-planned_on", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Remark",
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
                    "version",
                    models.PositiveSmallIntegerField(verbose_name="sur la version"),
                ),
                ("text", models.TextField(max_length=1000, verbose_name="remarque")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="le",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="par",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="remarks",
                        to="accounts.reviewmeeting",
                        verbose_name="réunion",
                    ),
                ),
            ],
            options={
                "verbose_name": "remarque sur un compte rendu",
                "verbose_name_plural": "remarques sur un compte rendu",
                "ordering": ("at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Minutes",
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
                ("version", models.PositiveSmallIntegerField(verbose_name="version")),
                (
                    "text",
                    models.TextField(max_length=4000, verbose_name="compte rendu"),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="le",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="par",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="minutes",
                        to="accounts.reviewmeeting",
                        verbose_name="réunion",
                    ),
                ),
            ],
            options={
                "verbose_name": "compte rendu",
                "verbose_name_plural": "comptes rendus",
                "ordering": ("-version",),
            },
        ),
        migrations.CreateModel(
            name="Decision",
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
                ("number", models.PositiveSmallIntegerField(verbose_name="numéro")),
                ("text", models.CharField(max_length=300, verbose_name="décision")),
                (
                    "carrier",
                    models.CharField(
                        choices=[
                            ("structure", "la structure"),
                            ("france_travail", "France Travail"),
                        ],
                        max_length=20,
                        verbose_name="portée par",
                    ),
                ),
                ("due_on", models.DateField(verbose_name="échéance")),
                (
                    "closed_on",
                    models.DateField(
                        editable=False, null=True, verbose_name="close le"
                    ),
                ),
                (
                    "is_dropped",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="sans objet"
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="accounts.reviewmeeting",
                        verbose_name="réunion",
                    ),
                ),
            ],
            options={
                "verbose_name": "décision",
                "ordering": ("meeting", "number"),
            },
        ),
        migrations.CreateModel(
            name="ReviewMeetingStep",
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
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="accounts.reviewmeeting",
                        verbose_name="réunion",
                    ),
                ),
            ],
            options={
                "verbose_name": "étape d’une réunion de suivi",
                "verbose_name_plural": "étapes d’une réunion de suivi",
                "ordering": ("at", "pk"),
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Suggestion",
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
                            ("deposee", "déposée"),
                            ("etude", "à l’étude"),
                            ("retenue", "retenue"),
                            ("realisee", "réalisée"),
                            ("ecartee", "écartée"),
                            ("retiree", "retirée"),
                        ],
                        default="deposee",
                        editable=False,
                        max_length=20,
                        verbose_name="état",
                    ),
                ),
                (
                    "area",
                    models.CharField(
                        choices=[
                            ("offres", "offres et recherche"),
                            ("contacts", "mises en contact"),
                            ("documents", "documents"),
                            ("suivi", "suivi de l’activité"),
                            ("comptes", "comptes et connexion"),
                            ("autre", "autre"),
                        ],
                        max_length=20,
                        verbose_name="domaine",
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="titre")),
                ("text", models.TextField(max_length=1500, verbose_name="proposition")),
                (
                    "deposited_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="déposée le",
                    ),
                ),
                (
                    "planned_on",
                    models.DateField(
                        editable=False, null=True, verbose_name="prévue pour le"
                    ),
                ),
                (
                    "planned_version",
                    models.CharField(
                        blank=True,
                        editable=False,
                        max_length=40,
                        verbose_name="version prévue",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="déposée par",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="suggestions",
                        to="accounts.reviewmeeting",
                        verbose_name="évoquée à la réunion",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="suggestions",
                        to="accounts.structure",
                        verbose_name="structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "proposition d’évolution",
                "verbose_name_plural": "propositions d’évolution",
                "ordering": ("-deposited_at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Answer",
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
                            ("deposee", "déposée"),
                            ("etude", "à l’étude"),
                            ("retenue", "retenue"),
                            ("realisee", "réalisée"),
                            ("ecartee", "écartée"),
                            ("retiree", "retirée"),
                        ],
                        max_length=20,
                        verbose_name="état",
                    ),
                ),
                ("text", models.TextField(max_length=1000, verbose_name="réponse")),
                (
                    "suggestion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="accounts.suggestion",
                        verbose_name="proposition",
                    ),
                ),
            ],
            options={
                "verbose_name": "réponse à une proposition d’évolution",
                "verbose_name_plural": "réponses à une proposition d’évolution",
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="SuggestionStep",
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
                    "suggestion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="accounts.suggestion",
                        verbose_name="proposition",
                    ),
                ),
            ],
            options={
                "verbose_name": "étape d’une proposition d’évolution",
                "verbose_name_plural": "étapes d’une proposition d’évolution",
                "ordering": ("at", "pk"),
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="reviewmeeting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("held_on__isnull", False), ("state__in", ("tenue", "validee"))
                    ),
                    models.Q(
                        models.Q(("state__in", ("tenue", "validee")), _negated=True),
                        ("held_on", None),
                    ),
                    _connector="OR",
                ),
                name="held_meeting_has_its_day",
                violation_error_message="Une réunion tenue a sa date.",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewmeeting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("tenue", "validee")), _negated=True),
                    models.Q(
                        ("attended__overlap", ["rgc", "direction", "conseillers"]),
                        (
                            "attended__overlap",
                            ["agence", "correspondant", "territoire"],
                        ),
                    ),
                    _connector="OR",
                ),
                name="both_parties_were_there",
                violation_error_message="Une réunion de suivi réunit les deux parties (art. 11) : cochez au moins une fonction de la structure et une de France Travail.",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewmeeting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "cancel_reason__in",
                            ["report", "partenaire", "france_travail", "erreur"],
                        ),
                        ("state", "annulee"),
                    ),
                    models.Q(
                        models.Q(("state", "annulee"), _negated=True),
                        ("cancel_reason", ""),
                    ),
                    _connector="OR",
                ),
                name="cancelled_meeting_says_why",
                violation_error_message="Dites pourquoi la réunion est annulée.",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewmeeting",
            constraint=models.CheckConstraint(
                condition=models.Q(("covers_from__lte", models.F("covers_until"))),
                name="meeting_covers_a_period",
                violation_error_message="Les chiffres vont du premier au second jour : vérifiez leur ordre.",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewmeeting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("place__in", ["agence", "structure", "distance", "ailleurs"]),
                    ("state__in", ["planifiee", "tenue", "validee", "annulee"]),
                ),
                name="meeting_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewmeeting",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "planifiee")),
                fields=("convention", "planned_on"),
                name="one_meeting_planned_that_day",
                violation_error_message="Une réunion est déjà prévue ce jour-là pour cette convention.",
            ),
        ),
        migrations.AddConstraint(
            model_name="remark",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.GreaterThan(
                        django.db.models.functions.text.Length("text"), 0
                    ),
                    django.db.models.lookups.LessThanOrEqual(
                        django.db.models.functions.text.Length("text"), 1000
                    ),
                ),
                name="remark_is_short",
                violation_error_message="Une remarque compte au plus 1000 caractères.",
            ),
        ),
        migrations.AddConstraint(
            model_name="minutes",
            constraint=models.UniqueConstraint(
                fields=("meeting", "version"), name="minutes_have_their_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="minutes",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.GreaterThan(
                        django.db.models.functions.text.Length("text"), 0
                    ),
                    django.db.models.lookups.LessThanOrEqual(
                        django.db.models.functions.text.Length("text"), 4000
                    ),
                ),
                name="minutes_are_of_a_page",
                violation_error_message="Le compte rendu compte au plus 4000 caractères.",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                fields=("meeting", "number"), name="decisions_are_numbered"
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_dropped", False), ("closed_on__isnull", False), _connector="OR"
                ),
                name="dropped_decision_is_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("carrier__in", ["structure", "france_travail"])),
                name="decision_is_carried",
            ),
        ),
        migrations.AddConstraint(
            model_name="suggestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "area__in",
                        [
                            "offres",
                            "contacts",
                            "documents",
                            "suivi",
                            "comptes",
                            "autre",
                        ],
                    ),
                    (
                        "state__in",
                        [
                            "deposee",
                            "etude",
                            "retenue",
                            "realisee",
                            "ecartee",
                            "retiree",
                        ],
                    ),
                ),
                name="suggestion_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="suggestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.GreaterThan(
                        django.db.models.functions.text.Length("text"), 0
                    ),
                    django.db.models.lookups.LessThanOrEqual(
                        django.db.models.functions.text.Length("text"), 1500
                    ),
                ),
                name="suggestion_is_short",
            ),
        ),
        migrations.AddConstraint(
            model_name="suggestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "retenue"), _negated=True),
                    ("planned_on__isnull", False),
                    models.Q(("planned_version", ""), _negated=True),
                    _connector="OR",
                ),
                name="kept_suggestion_says_when",
                violation_error_message="Une proposition retenue dit pour quand : donnez une date, une version, ou les deux.",
            ),
        ),
        migrations.AddConstraint(
            model_name="suggestion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "deposee")),
                fields=("structure", "title"),
                name="one_suggestion_of_that_title",
                violation_error_message="Votre structure a déjà déposé une proposition qui porte ce titre : choisissez-en un autre, ou retirez la première.",
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.UniqueConstraint(
                fields=("suggestion", "state"), name="one_answer_for_a_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.GreaterThan(
                        django.db.models.functions.text.Length("text"), 0
                    ),
                    django.db.models.lookups.LessThanOrEqual(
                        django.db.models.functions.text.Length("text"), 1000
                    ),
                ),
                name="answer_is_short",
            ),
        ),
    ]
