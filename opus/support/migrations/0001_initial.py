"""Help, tickets, news, service, rights of persons: the tables, as the models say."""

import datetime
import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import opus.lib.dates
import opus.lib.forms.fields
import opus.support.data_rights.models
import opus.support.news.models
from opus.lib.database.migration_operations import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [("accounts", "0001_initial")]

    operations = [
        CreateModels(
            operations=[
                migrations.CreateModel(
                    name="Announcement",
                    fields=[
                        (
                            "version",
                            models.PositiveIntegerField(
                                db_default=1, default=1, editable=False
                            ),
                        ),
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
                                    ("brouillon", "brouillon"),
                                    ("publiee", "publiée"),
                                    ("retiree", "retirée"),
                                ],
                                default="brouillon",
                                editable=False,
                                max_length=20,
                                verbose_name="état",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("information", "information"),
                                    ("evolution", "évolution de l’application"),
                                ],
                                max_length=20,
                                verbose_name="nature",
                            ),
                        ),
                        (
                            "title",
                            models.CharField(max_length=120, verbose_name="titre"),
                        ),
                        (
                            "text",
                            models.TextField(
                                help_text="Un paragraphe par ligne.",
                                max_length=3000,
                                verbose_name="texte",
                            ),
                        ),
                        (
                            "goes_live_on",
                            models.DateField(
                                blank=True,
                                help_text="Pour une évolution\xa0: au moins 5 jours après la publication (art. 6).",
                                null=True,
                                verbose_name="mise en service le",
                            ),
                        ),
                        (
                            "note",
                            models.TextField(
                                blank=True,
                                help_text="Pour une évolution\xa0: ce qui change à l’écran, pas à pas. Ou donnez l’adresse du guide ci-dessous.",
                                max_length=6000,
                                verbose_name="notice pour les utilisateurs",
                            ),
                        ),
                        (
                            "guide",
                            models.URLField(
                                blank=True,
                                help_text="Commence par https://",
                                validators=[
                                    django.core.validators.URLValidator(
                                        schemes=["https"]
                                    )
                                ],
                                verbose_name="adresse du guide",
                            ),
                        ),
                        (
                            "audience",
                            models.CharField(
                                choices=[
                                    ("tous", "tous les utilisateurs"),
                                    ("rgc", "les RGC"),
                                    ("region", "les structures d’une région"),
                                    ("territoire", "les structures d’un territoire"),
                                ],
                                default="tous",
                                max_length=20,
                                verbose_name="destinataires",
                            ),
                        ),
                        (
                            "region",
                            models.CharField(
                                blank=True,
                                choices=opus.support.news.models.region_choices,
                                max_length=2,
                                verbose_name="région",
                            ),
                        ),
                        (
                            "published_on",
                            models.DateField(
                                editable=False, null=True, verbose_name="publiée le"
                            ),
                        ),
                        (
                            "territory",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.agency",
                                verbose_name="territoire",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "actualité",
                        "ordering": (
                            models.OrderBy(
                                models.F("published_on"),
                                descending=True,
                                nulls_first=True,
                            ),
                            "-pk",
                        ),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "goes_live_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "published_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                ),
                                name="announcement_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "audience__in",
                                        ["tous", "rgc", "region", "territoire"],
                                    ),
                                    ("kind__in", ["information", "evolution"]),
                                    ("state__in", ["brouillon", "publiee", "retiree"]),
                                ),
                                name="announcement_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("published_on", None), ("state", "brouillon")
                                    ),
                                    models.Q(
                                        models.Q(("state", "brouillon"), _negated=True),
                                        ("published_on__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="published_announcement_has_its_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("audience", "region"),
                                        models.Q(("region", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(("audience", "region"), _negated=True),
                                        ("region", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="regional_announcement_names_its_region",
                                violation_error_message="Choisissez la région quand l’actualité s’adresse aux structures d’une région, et seulement alors.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("audience", "territoire"),
                                        ("territory__isnull", False),
                                    ),
                                    models.Q(
                                        models.Q(
                                            ("audience", "territoire"), _negated=True
                                        ),
                                        ("territory", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="territorial_announcement_names_its_territory",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "evolution"), _negated=True),
                                    ("state", "brouillon"),
                                    models.Q(
                                        ("guide", ""), ("note", ""), _negated=True
                                    ),
                                    _connector="OR",
                                ),
                                name="published_change_has_its_note",
                                violation_error_message="Une évolution est publiée avec sa notice pour les utilisateurs (art. 6)\xa0: écrivez-la, ou donnez l’adresse du guide.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "evolution"), _negated=True),
                                    ("state", "brouillon"),
                                    models.Q(
                                        (
                                            "goes_live_on__gte",
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("published_on"),
                                                "+",
                                                models.Value(
                                                    datetime.timedelta(days=5)
                                                ),
                                            ),
                                        ),
                                        ("goes_live_on__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="change_is_published_five_days_ahead",
                                violation_error_message="Une évolution est annoncée au moins cinq jours avant sa mise en service (art. 6).",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AnnouncementReading",
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
                            "at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="ouverte le",
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="compte",
                            ),
                        ),
                        (
                            "announcement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="readings",
                                to="support.announcement",
                                verbose_name="actualité",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "lecture d’une actualité",
                        "verbose_name_plural": "lectures d’actualités",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("announcement", "account"),
                                name="one_reading_for_an_account",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AnnouncementStep",
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
                            models.CharField(
                                blank=True, max_length=20, verbose_name="de"
                            ),
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
                            "announcement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="support.announcement",
                                verbose_name="actualité",
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
                        "verbose_name": "étape d’une actualité",
                        "verbose_name_plural": "étapes d’une actualité",
                        "ordering": ("at", "pk"),
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="CertifiedBrowser",
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
                            models.PositiveIntegerField(
                                db_default=1, default=1, editable=False
                            ),
                        ),
                        (
                            "position",
                            models.PositiveSmallIntegerField(
                                default=100, verbose_name="rang"
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(
                                auto_now=True, verbose_name="modifié le"
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                max_length=60, unique=True, verbose_name="navigateur"
                            ),
                        ),
                        (
                            "since",
                            models.CharField(
                                max_length=40, verbose_name="version minimale"
                            ),
                        ),
                        (
                            "systems",
                            models.CharField(max_length=120, verbose_name="systèmes"),
                        ),
                        (
                            "passkeys",
                            models.CharField(
                                max_length=160, verbose_name="clé d’accès"
                            ),
                        ),
                        (
                            "checking",
                            models.CharField(
                                max_length=160, verbose_name="vérification"
                            ),
                        ),
                        (
                            "is_certified",
                            models.BooleanField(default=True, verbose_name="certifié"),
                        ),
                        (
                            "updated_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="modifié par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "navigateur certifié",
                        "verbose_name_plural": "navigateurs certifiés",
                        "ordering": ("position", "pk"),
                    },
                ),
                migrations.CreateModel(
                    name="Guide",
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
                            models.PositiveIntegerField(
                                db_default=1, default=1, editable=False
                            ),
                        ),
                        (
                            "position",
                            models.PositiveSmallIntegerField(
                                default=100, verbose_name="rang"
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(
                                auto_now=True, verbose_name="modifié le"
                            ),
                        ),
                        (
                            "slug",
                            models.SlugField(
                                max_length=60, unique=True, verbose_name="adresse"
                            ),
                        ),
                        (
                            "title",
                            models.CharField(max_length=160, verbose_name="titre"),
                        ),
                        (
                            "body",
                            models.TextField(
                                help_text="Texte simple. Une ligne vide sépare deux paragraphes\xa0; «\xa0-\xa0» en début de ligne fait une liste\xa0; «\xa0##\xa0» en début de ligne fait un intertitre.",
                                max_length=8000,
                                verbose_name="texte",
                            ),
                        ),
                        (
                            "is_shown",
                            models.BooleanField(default=True, verbose_name="publié"),
                        ),
                        (
                            "is_for_staff",
                            models.BooleanField(
                                db_default=False,
                                default=False,
                                help_text="Les partenaires ne voient pas ce texte.",
                                verbose_name="pour France Travail",
                            ),
                        ),
                        (
                            "updated_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="modifié par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "guide d’un écran",
                        "verbose_name_plural": "guides des écrans",
                        "ordering": ("position", "pk"),
                    },
                ),
                migrations.CreateModel(
                    name="Incident",
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
                            models.PositiveIntegerField(
                                db_default=1, default=1, editable=False
                            ),
                        ),
                        (
                            "title",
                            models.CharField(
                                help_text="Dans les mots des conseillers\xa0: «\xa0L’impression des documents\xa0».",
                                max_length=120,
                                verbose_name="ce qui est touché",
                            ),
                        ),
                        (
                            "advice",
                            models.CharField(
                                help_text="Comment travailler en attendant\xa0: «\xa0Imprimez la version à l’écran\xa0».",
                                max_length=300,
                                verbose_name="ce qu’il faut faire",
                            ),
                        ),
                        ("started_at", models.DateTimeField(verbose_name="début")),
                        (
                            "declared_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                editable=False,
                                verbose_name="déclaré le",
                            ),
                        ),
                        (
                            "ended_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="fin"
                            ),
                        ),
                        (
                            "summary",
                            models.CharField(
                                blank=True,
                                editable=False,
                                max_length=600,
                                verbose_name="bilan",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "incident",
                        "ordering": ("-started_at", "-pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "ended_at__range",
                                        (
                                            datetime.datetime(
                                                1999, 12, 31, 0, 0, tzinfo=datetime.UTC
                                            ),
                                            datetime.datetime(
                                                2101, 1, 2, 0, 0, tzinfo=datetime.UTC
                                            ),
                                        ),
                                    ),
                                    (
                                        "started_at__range",
                                        (
                                            datetime.datetime(
                                                1999, 12, 31, 0, 0, tzinfo=datetime.UTC
                                            ),
                                            datetime.datetime(
                                                2101, 1, 2, 0, 0, tzinfo=datetime.UTC
                                            ),
                                        ),
                                    ),
                                ),
                                name="incident_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("started_at__lte", models.F("declared_at"))
                                ),
                                name="incident_has_begun",
                                violation_error_message="Un incident a déjà commencé\xa0: son début n’est pas à venir. Une interruption prévue est une opération planifiée.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "started_at__gte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("declared_at"),
                                            "-",
                                            models.Value(datetime.timedelta(days=366)),
                                        ),
                                    )
                                ),
                                name="incident_began_within_the_year",
                                violation_error_message="Un incident a commencé depuis un an au plus\xa0: vérifiez la date de son début.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_at", None), ("summary", "")),
                                    models.Q(
                                        ("ended_at__gte", models.F("started_at")),
                                        models.Q(("summary", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="ended_incident_has_its_summary",
                                violation_error_message="Un incident se clôt avec sa fin, qui suit son début, et son bilan.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IncidentUpdate",
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
                            "at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="le",
                            ),
                        ),
                        (
                            "text",
                            models.CharField(max_length=300, verbose_name="nouvelles"),
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
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="updates",
                                to="support.incident",
                                verbose_name="incident",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "nouvelles d’un incident",
                        "verbose_name_plural": "nouvelles d’incidents",
                        "ordering": ("-at", "-pk"),
                    },
                ),
                migrations.CreateModel(
                    name="MeasuredMonth",
                    fields=[
                        (
                            "month",
                            models.DateField(
                                primary_key=True, serialize=False, verbose_name="mois"
                            ),
                        ),
                        (
                            "elapsed",
                            models.PositiveIntegerField(verbose_name="minutes du mois"),
                        ),
                        (
                            "planned",
                            models.PositiveIntegerField(
                                verbose_name="minutes d’opérations planifiées"
                            ),
                        ),
                        (
                            "up",
                            models.PositiveIntegerField(
                                verbose_name="minutes en service"
                            ),
                        ),
                        (
                            "unseen",
                            models.PositiveIntegerField(
                                verbose_name="minutes sans mesure"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "mois mesuré",
                        "verbose_name_plural": "mois mesurés",
                        "ordering": ("month",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "up__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("elapsed"),
                                                "-",
                                                models.F("planned"),
                                            ),
                                            "-",
                                            models.F("unseen"),
                                        ),
                                    )
                                ),
                                name="month_is_no_longer_than_itself",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("month__day", 1)),
                                name="month_is_its_first_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PlannedWork",
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
                            models.PositiveIntegerField(
                                db_default=1, default=1, editable=False
                            ),
                        ),
                        (
                            "title",
                            models.CharField(
                                help_text="Dans les mots des conseillers\xa0: «\xa0Tout Opus\xa0», «\xa0Les documents\xa0».",
                                max_length=120,
                                verbose_name="ce qui sera indisponible",
                            ),
                        ),
                        (
                            "advice",
                            models.CharField(
                                blank=True,
                                help_text="Par exemple\xa0: «\xa0Imprimez vos documents avant 18 h\xa0».",
                                max_length=300,
                                verbose_name="ce qu’il faut faire",
                            ),
                        ),
                        ("starts_at", models.DateTimeField(verbose_name="début")),
                        ("ends_at", models.DateTimeField(verbose_name="fin")),
                        (
                            "announced_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                editable=False,
                                verbose_name="annoncée le",
                            ),
                        ),
                        (
                            "cancelled_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="annulée le"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "opération planifiée",
                        "verbose_name_plural": "opérations planifiées",
                        "ordering": ("starts_at", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "ends_at__range",
                                        (
                                            datetime.datetime(
                                                1999, 12, 31, 0, 0, tzinfo=datetime.UTC
                                            ),
                                            datetime.datetime(
                                                2101, 1, 2, 0, 0, tzinfo=datetime.UTC
                                            ),
                                        ),
                                    ),
                                    (
                                        "starts_at__range",
                                        (
                                            datetime.datetime(
                                                1999, 12, 31, 0, 0, tzinfo=datetime.UTC
                                            ),
                                            datetime.datetime(
                                                2101, 1, 2, 0, 0, tzinfo=datetime.UTC
                                            ),
                                        ),
                                    ),
                                ),
                                name="works_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("starts_at__lt", models.F("ends_at"))
                                ),
                                name="works_end_after_their_start",
                                violation_error_message="La fin vient après le début.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "ends_at__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("starts_at"),
                                            "+",
                                            models.Value(datetime.timedelta(days=28)),
                                        ),
                                    ),
                                    (
                                        "starts_at__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("announced_at"),
                                            "+",
                                            models.Value(datetime.timedelta(days=366)),
                                        ),
                                    ),
                                ),
                                name="works_are_near_and_short",
                                violation_error_message="Une opération planifiée commence dans l’année qui vient et dure quatre semaines au plus.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "starts_at__gte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("announced_at"),
                                            "+",
                                            models.Value(datetime.timedelta(days=1)),
                                        ),
                                    )
                                ),
                                name="works_are_announced_ahead",
                                violation_error_message="Une opération planifiée est annoncée au moins un jour avant\xa0; sinon, déclarez un incident.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_at__second", 0), ("starts_at__second", 0)
                                ),
                                name="works_are_announced_by_the_minute",
                                violation_error_message="Début et fin s’écrivent à la minute.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Probe",
                    fields=[
                        (
                            "minute",
                            models.DateTimeField(
                                primary_key=True, serialize=False, verbose_name="minute"
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("ok", "en service"),
                                    ("degraded", "en service, avec du retard"),
                                    ("down", "indisponible"),
                                ],
                                max_length=10,
                                verbose_name="état",
                            ),
                        ),
                        (
                            "latency_ms",
                            models.PositiveIntegerField(
                                null=True, verbose_name="délai de réponse, en ms"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "mesure",
                        "ordering": ("-minute",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["ok", "degraded", "down"])
                                ),
                                name="probe_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("minute__second", 0)),
                                name="probe_is_of_a_whole_minute",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Question",
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
                            models.PositiveIntegerField(
                                db_default=1, default=1, editable=False
                            ),
                        ),
                        (
                            "position",
                            models.PositiveSmallIntegerField(
                                default=100, verbose_name="rang"
                            ),
                        ),
                        (
                            "updated_at",
                            models.DateTimeField(
                                auto_now=True, verbose_name="modifié le"
                            ),
                        ),
                        (
                            "slug",
                            models.SlugField(
                                max_length=60, unique=True, verbose_name="adresse"
                            ),
                        ),
                        (
                            "title",
                            models.CharField(max_length=160, verbose_name="titre"),
                        ),
                        (
                            "body",
                            models.TextField(
                                help_text="Texte simple. Une ligne vide sépare deux paragraphes\xa0; «\xa0-\xa0» en début de ligne fait une liste\xa0; «\xa0##\xa0» en début de ligne fait un intertitre.",
                                max_length=8000,
                                verbose_name="texte",
                            ),
                        ),
                        (
                            "is_shown",
                            models.BooleanField(default=True, verbose_name="publié"),
                        ),
                        (
                            "is_for_staff",
                            models.BooleanField(
                                db_default=False,
                                default=False,
                                help_text="Les partenaires ne voient pas ce texte.",
                                verbose_name="pour France Travail",
                            ),
                        ),
                        (
                            "theme",
                            models.CharField(
                                choices=[
                                    ("connexion", "Connexion et sécurité"),
                                    ("offres", "Recherche et offres"),
                                    ("candidats", "Candidats et données personnelles"),
                                    ("actes", "Propositions et documents"),
                                    ("comptes", "Comptes et convention"),
                                    ("service", "Assistance et fonctionnement"),
                                ],
                                max_length=20,
                                verbose_name="thème",
                            ),
                        ),
                        (
                            "updated_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="modifié par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "question de la FAQ",
                        "verbose_name_plural": "questions de la FAQ",
                        "ordering": ("position", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "theme__in",
                                        [
                                            "connexion",
                                            "offres",
                                            "candidats",
                                            "actes",
                                            "comptes",
                                            "service",
                                        ],
                                    )
                                ),
                                name="question_theme_is_known",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RightsRequest",
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
                            models.PositiveIntegerField(
                                db_default=1, default=1, editable=False
                            ),
                        ),
                        (
                            "number",
                            models.CharField(
                                editable=False,
                                max_length=20,
                                unique=True,
                                verbose_name="numéro",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("recue", "reçue, identité à vérifier"),
                                    ("verifiee", "identité vérifiée"),
                                    ("en_cours", "en cours"),
                                    ("repondue", "répondue"),
                                    ("refusee", "refusée"),
                                ],
                                default="recue",
                                editable=False,
                                max_length=20,
                                verbose_name="état",
                            ),
                        ),
                        (
                            "received_on",
                            models.DateField(
                                default=django.utils.timezone.localdate,
                                verbose_name="reçue le",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    (
                                        "inscrit",
                                        "demandeur d’emploi inscrit à France Travail",
                                    ),
                                    ("non_inscrit", "candidat qui n’est pas inscrit"),
                                    ("agent", "agent de France Travail"),
                                    ("partenaire", "agent d’une structure partenaire"),
                                    ("employeur", "employeur"),
                                ],
                                max_length=20,
                                verbose_name="la personne est",
                            ),
                        ),
                        (
                            "right",
                            models.CharField(
                                choices=[
                                    ("acces", "Accès aux données (RGPD, art. 15)"),
                                    ("rectification", "Rectification (RGPD, art. 16)"),
                                    ("effacement", "Effacement (RGPD, art. 17)"),
                                    (
                                        "limitation",
                                        "Limitation du traitement (RGPD, art. 18)",
                                    ),
                                    ("opposition", "Opposition (RGPD, art. 21)"),
                                ],
                                max_length=20,
                                verbose_name="droit exercé",
                            ),
                        ),
                        (
                            "addressed_to",
                            models.CharField(
                                choices=[
                                    (
                                        "agence",
                                        "l’agence France Travail de la personne",
                                    ),
                                    (
                                        "dpo",
                                        "le délégué à la protection des données (DPO)",
                                    ),
                                ],
                                help_text="À qui la personne a écrit\xa0; Opus dit si c’est la bonne voie.",
                                max_length=10,
                                verbose_name="adressée à",
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                max_length=120, verbose_name="nom et prénom"
                            ),
                        ),
                        (
                            "reply_to",
                            models.CharField(
                                help_text="Adresse de courriel ou postale.",
                                max_length=254,
                                verbose_name="où répondre",
                            ),
                        ),
                        (
                            "ft_id",
                            models.CharField(
                                blank=True,
                                db_default="",
                                help_text="S’il est donné\xa0: Opus cherche la personne par lui.",
                                max_length=11,
                                validators=[opus.lib.forms.fields.validate_ft_id],
                                verbose_name="identifiant France Travail",
                            ),
                        ),
                        (
                            "email",
                            models.EmailField(
                                blank=True,
                                db_default="",
                                help_text="Si elle en donne un autre.",
                                max_length=254,
                                verbose_name="autre courriel",
                            ),
                        ),
                        (
                            "phone",
                            models.CharField(
                                blank=True,
                                db_default="",
                                max_length=20,
                                validators=[opus.lib.forms.fields.validate_phone],
                                verbose_name="téléphone",
                            ),
                        ),
                        (
                            "redirected_on",
                            models.DateField(
                                editable=False, null=True, verbose_name="réorientée le"
                            ),
                        ),
                        (
                            "check_done",
                            models.CharField(
                                blank=True,
                                choices=[
                                    (
                                        "piece",
                                        "En personne, au vu d’une pièce d’identité",
                                    ),
                                    ("rappel", "Par un rappel au numéro déjà connu"),
                                    (
                                        "espace",
                                        "Par l’espace personnel de la personne à France Travail",
                                    ),
                                    (
                                        "copie",
                                        "Copie d’une pièce d’identité, lue puis détruite",
                                    ),
                                    (
                                        "connexion",
                                        "Par la connexion à Opus, avec les deux facteurs",
                                    ),
                                ],
                                editable=False,
                                max_length=20,
                                verbose_name="vérification d’identité",
                            ),
                        ),
                        (
                            "checked_on",
                            models.DateField(
                                editable=False,
                                null=True,
                                verbose_name="identité vérifiée le",
                            ),
                        ),
                        (
                            "due_on",
                            models.DateField(
                                editable=False, verbose_name="réponse due le"
                            ),
                        ),
                        (
                            "extended_on",
                            models.DateField(
                                editable=False,
                                null=True,
                                verbose_name="prolongation dite le",
                            ),
                        ),
                        (
                            "extended_to",
                            models.DateField(
                                editable=False, null=True, verbose_name="prolongée au"
                            ),
                        ),
                        (
                            "extended_because",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("complexe", "La demande est complexe"),
                                    (
                                        "nombre",
                                        "La personne a fait de nombreuses demandes",
                                    ),
                                ],
                                editable=False,
                                max_length=20,
                                verbose_name="motif de la prolongation",
                            ),
                        ),
                        (
                            "ended_on",
                            models.DateField(
                                editable=False, null=True, verbose_name="réponse du"
                            ),
                        ),
                        (
                            "refused_because",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("identite", "L’identité n’a pas pu être établie"),
                                    (
                                        "infondee",
                                        "Demande manifestement infondée ou excessive (art. 12.5)",
                                    ),
                                    (
                                        "obligation",
                                        "Obligation légale de conserver (art. 17.3 et 18.2)",
                                    ),
                                    (
                                        "autrui",
                                        "Atteinte aux droits d’autres personnes (art. 15.4)",
                                    ),
                                    (
                                        "exactes",
                                        "Les données sont exactes et complètes (RGPD, art. 16)",
                                    ),
                                    (
                                        "hors_cas",
                                        "Aucun des cas prévus (RGPD, art. 17.1 et 18.1)",
                                    ),
                                    (
                                        "imperieux",
                                        "Motifs impérieux, ou sécurité (RGPD, art. 21.1)",
                                    ),
                                ],
                                editable=False,
                                max_length=20,
                                verbose_name="motif du refus",
                            ),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="enregistrée le",
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="compte",
                            ),
                        ),
                        (
                            "agency",
                            models.ForeignKey(
                                blank=True,
                                help_text="Pour un demandeur d’emploi inscrit\xa0: l’agence qui le suit.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="accounts.agency",
                                verbose_name="agence de la personne",
                            ),
                        ),
                        (
                            "checked_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="identité vérifiée par",
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="enregistrée par",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "demande d’exercice des droits",
                        "verbose_name_plural": "demandes d’exercice des droits",
                        "ordering": ("due_on", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "checked_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "due_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "ended_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "extended_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "extended_to__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "received_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "redirected_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                ),
                                name="rights_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "name__regex",
                                            "[\\u0001-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ue000-\\uf8ff\\ufeff\\ufff9-\\ufffb]",
                                        ),
                                        _negated=True,
                                    )
                                ),
                                name="rights_name_shows_whole",
                                violation_error_message="Ce nom contient un signe qui ne se voit pas\xa0: retapez-le.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("phone__regex", "^[0-9 +.()/-]*$")),
                                name="phone_of_a_request",
                                violation_error_message="Écrivez un numéro de téléphone entier, en chiffres, par exemple 04\xa065\xa071\xa000\xa000\xa0; un numéro de l’étranger commence par + et l’indicatif du pays.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ft_id", ""),
                                    ("ft_id__regex", "^(\\d{11}|\\d{7}[0-9A-Z])$"),
                                    _connector="OR",
                                ),
                                name="rights_ft_id_has_one_of_two_forms",
                                violation_error_message="Cet identifiant France Travail n’a aucune des deux formes connues.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "recue",
                                            "verifiee",
                                            "en_cours",
                                            "repondue",
                                            "refusee",
                                        ],
                                    )
                                ),
                                name="rights_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("agency__isnull", False), ("kind", "inscrit")
                                    ),
                                    models.Q(
                                        models.Q(("kind", "inscrit"), _negated=True),
                                        ("agency__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="rights_agency_for_the_registered",
                                violation_error_message="Indiquez l’agence d’un demandeur d’emploi inscrit, et d’aucune autre personne\xa0: les autres relèvent du DPO (art. 10).",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["recue", "refusee"]),
                                    models.Q(
                                        ("checked_on__isnull", False),
                                        models.Q(("check_done", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="rights_identity_first",
                                violation_error_message="L’identité se vérifie d’abord.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["recue", "refusee"]),
                                    ("redirected_on__isnull", False),
                                    models.Q(
                                        ("addressed_to", "agence"),
                                        ("agency__isnull", False),
                                    ),
                                    models.Q(
                                        ("addressed_to", "dpo"),
                                        ("agency__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="rights_by_the_right_route",
                                violation_error_message="La demande n’est pas arrivée par la bonne voie\xa0: réorientez-la d’abord (art. 10).",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("extended_because", ""),
                                        ("extended_on", None),
                                        ("extended_to", None),
                                    ),
                                    models.Q(
                                        ("extended_on__lte", models.F("due_on")),
                                        ("extended_to__gt", models.F("due_on")),
                                        models.Q(
                                            ("extended_because", ""), _negated=True
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="rights_put_off_in_time",
                                violation_error_message="La prolongation se dit à la personne dans le premier mois, avec son motif.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_on__isnull", False),
                                        ("state__in", ["repondue", "refusee"]),
                                    ),
                                    models.Q(
                                        ("ended_on", None),
                                        (
                                            "state__in",
                                            ("recue", "verifiee", "en_cours"),
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="rights_answered_on_a_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state", "refusee"),
                                        models.Q(
                                            ("refused_because", ""), _negated=True
                                        ),
                                    ),
                                    models.Q(
                                        models.Q(("state", "refusee"), _negated=True),
                                        ("refused_because", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="rights_refused_with_a_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("redirected_on", None),
                                        ("redirected_on__gte", models.F("received_on")),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("checked_on", None),
                                        ("checked_on__gte", models.F("received_on")),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("extended_on", None),
                                        ("extended_on__gte", models.F("received_on")),
                                        _connector="OR",
                                    ),
                                    models.Q(
                                        ("ended_on", None),
                                        ("ended_on__gte", models.F("received_on")),
                                        _connector="OR",
                                    ),
                                ),
                                name="rights_follow_their_receipt",
                                violation_error_message="Aucune date d’une demande ne précède sa réception.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("account", None),
                                    ("kind__in", ["agent", "partenaire"]),
                                    _connector="OR",
                                ),
                                name="rights_account_of_its_kind",
                                violation_error_message="Un compte est celui d’un agent de France Travail ou d’une structure partenaire\xa0: cette demande est d’une autre personne.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("check_done", "connexion"),
                                    ("checked_by", None),
                                    models.Q(
                                        ("checked_by", models.F("recorded_by")),
                                        _negated=True,
                                    ),
                                    _connector="OR",
                                ),
                                name="rights_checked_by_another",
                                violation_error_message="Vous avez enregistré cette demande pour une autre personne\xa0: un collègue vérifie l’identité, prépare la copie et la télécharge. Il faut être deux.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("check_done", "connexion"), _negated=True
                                    ),
                                    models.Q(
                                        ("account__isnull", False),
                                        ("checked_by__isnull", False),
                                        ("account", models.F("recorded_by")),
                                        ("checked_by", models.F("recorded_by")),
                                    ),
                                    _connector="OR",
                                ),
                                name="rights_own_account",
                                violation_error_message="Une demande faite par sa propre connexion porte sur le compte de cette personne, et sur aucun autre.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("due_on__gt", models.F("received_on"))
                                ),
                                name="rights_due_after_received",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RightsGesture",
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
                                    ("copie", "copie des données téléchargée"),
                                    ("rectification", "données rectifiées"),
                                    ("effacement", "données effacées"),
                                    ("limitation", "données gelées"),
                                    ("opposition", "traitement arrêté"),
                                    (
                                        "transmission",
                                        "demande transmise à l’émetteur des offres",
                                    ),
                                    ("rien", "aucune donnée dans Opus"),
                                    ("levee", "limitation levée"),
                                ],
                                max_length=20,
                                verbose_name="geste",
                            ),
                        ),
                        (
                            "answer",
                            models.CharField(
                                choices=[
                                    ("accordee", "accordée"),
                                    ("en_partie", "accordée en partie"),
                                ],
                                max_length=20,
                                verbose_name="réponse",
                            ),
                        ),
                        (
                            "because",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("identite", "L’identité n’a pas pu être établie"),
                                    (
                                        "infondee",
                                        "Demande manifestement infondée ou excessive (art. 12.5)",
                                    ),
                                    (
                                        "obligation",
                                        "Obligation légale de conserver (art. 17.3 et 18.2)",
                                    ),
                                    (
                                        "autrui",
                                        "Atteinte aux droits d’autres personnes (art. 15.4)",
                                    ),
                                    (
                                        "exactes",
                                        "Les données sont exactes et complètes (RGPD, art. 16)",
                                    ),
                                    (
                                        "hors_cas",
                                        "Aucun des cas prévus (RGPD, art. 17.1 et 18.1)",
                                    ),
                                    (
                                        "imperieux",
                                        "Motifs impérieux, ou sécurité (RGPD, art. 21.1)",
                                    ),
                                ],
                                max_length=20,
                                verbose_name="motif de ce qui est refusé",
                            ),
                        ),
                        (
                            "counts",
                            models.JSONField(default=dict, verbose_name="en nombres"),
                        ),
                        (
                            "at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
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
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="gestures",
                                to="support.rightsrequest",
                                verbose_name="demande",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "geste d’une demande de droits",
                        "verbose_name_plural": "gestes des demandes de droits",
                        "ordering": ("at", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        [
                                            "copie",
                                            "rectification",
                                            "effacement",
                                            "limitation",
                                            "opposition",
                                            "transmission",
                                            "rien",
                                            "levee",
                                        ],
                                    )
                                ),
                                name="gesture_kind_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("answer", "accordee"), ("because", "")),
                                    models.Q(
                                        ("answer", "en_partie"),
                                        (
                                            "because__in",
                                            [
                                                "identite",
                                                "infondee",
                                                "obligation",
                                                "autrui",
                                                "exactes",
                                                "hors_cas",
                                                "imperieux",
                                            ],
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="gesture_in_part_with_its_reason",
                                violation_error_message="Ce qui n’est accordé qu’en partie a un motif, qui se dit à la personne.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Reply",
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
                            "created_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="établi le",
                            ),
                        ),
                        (
                            "ready_at",
                            models.DateTimeField(null=True, verbose_name="prêt le"),
                        ),
                        ("content", models.BinaryField(null=True)),
                        (
                            "size",
                            models.PositiveIntegerField(
                                null=True, verbose_name="taille"
                            ),
                        ),
                        (
                            "attempts",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="essais"
                            ),
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
                                        "droits",
                                        "vos droits ont changé depuis votre demande",
                                    ),
                                    (
                                        "imprimante",
                                        "l’outil d’impression manque sur le serveur",
                                    ),
                                    ("duree", "la préparation a pris trop de temps"),
                                    ("panne", "la préparation s’est arrêtée"),
                                ],
                                db_default="",
                                max_length=10,
                                verbose_name="cause de l’échec",
                            ),
                        ),
                        ("html", models.TextField(editable=False)),
                        (
                            "html_sha256",
                            models.CharField(
                                editable=False, max_length=64, verbose_name="empreinte"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("accordee", "demande accordée"),
                                    ("en_partie", "demande accordée en partie"),
                                    ("refusee", "demande refusée"),
                                    ("prolongee", "délai prolongé"),
                                    ("levee", "limitation levée"),
                                ],
                                max_length=20,
                                verbose_name="objet",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="préparée par",
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="replies",
                                to="support.rightsrequest",
                                verbose_name="demande",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "lettre de réponse",
                        "verbose_name_plural": "lettres de réponse",
                        "ordering": ("-created_at", "pk"),
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("state__in", ["attente", "en_cours"])
                                ),
                                fields=["next_attempt_at"],
                                name="reply_waiting",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "attente",
                                            "en_cours",
                                            "pret",
                                            "echec",
                                            "annule",
                                        ],
                                    )
                                ),
                                name="reply_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "pret"), _negated=True),
                                    models.Q(
                                        ("content__isnull", False),
                                        ("ready_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="reply_is_ready_with_its_file",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        [
                                            "accordee",
                                            "en_partie",
                                            "refusee",
                                            "prolongee",
                                            "levee",
                                        ],
                                    )
                                ),
                                name="reply_kind_is_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PersonFile",
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
                            "created_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now(),
                                verbose_name="établi le",
                            ),
                        ),
                        (
                            "ready_at",
                            models.DateTimeField(null=True, verbose_name="prêt le"),
                        ),
                        ("content", models.BinaryField(null=True)),
                        (
                            "size",
                            models.PositiveIntegerField(
                                null=True, verbose_name="taille"
                            ),
                        ),
                        (
                            "attempts",
                            models.PositiveSmallIntegerField(
                                default=0, verbose_name="essais"
                            ),
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
                                        "droits",
                                        "vos droits ont changé depuis votre demande",
                                    ),
                                    (
                                        "imprimante",
                                        "l’outil d’impression manque sur le serveur",
                                    ),
                                    ("duree", "la préparation a pris trop de temps"),
                                    ("panne", "la préparation s’est arrêtée"),
                                ],
                                db_default="",
                                max_length=10,
                                verbose_name="cause de l’échec",
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
                        (
                            "what",
                            models.CharField(max_length=40, verbose_name="contenu"),
                        ),
                        (
                            "arguments",
                            models.JSONField(default=dict, verbose_name="critères"),
                        ),
                        (
                            "title",
                            models.CharField(max_length=200, verbose_name="intitulé"),
                        ),
                        (
                            "format",
                            models.CharField(
                                choices=[
                                    ("xlsx", "Classeur Excel (.xlsx)"),
                                    ("ods", "Classeur OpenDocument (.ods)"),
                                    (
                                        "csv",
                                        "Texte séparé par des points-virgules (.csv)",
                                    ),
                                ],
                                max_length=4,
                                verbose_name="format",
                            ),
                        ),
                        (
                            "expires_at",
                            models.DateTimeField(
                                default=opus.support.data_rights.models.in_a_week,
                                verbose_name="gardé jusqu’au",
                            ),
                        ),
                        (
                            "taken_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="téléchargé le"
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="demandé par",
                            ),
                        ),
                        (
                            "taken_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="téléchargé par",
                            ),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="files",
                                to="support.rightsrequest",
                                verbose_name="demande",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "copie des données d’une personne",
                        "verbose_name_plural": "copies des données d’une personne",
                        "ordering": ("-created_at", "pk"),
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("state__in", ["attente", "en_cours"])
                                ),
                                fields=["next_attempt_at"],
                                name="personfile_waiting",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "attente",
                                            "en_cours",
                                            "pret",
                                            "echec",
                                            "annule",
                                        ],
                                    )
                                ),
                                name="personfile_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "pret"), _negated=True),
                                    models.Q(
                                        ("content__isnull", False),
                                        ("ready_at__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="personfile_is_ready_with_its_file",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state", "pret"),
                                    ("content__isnull", True),
                                    _connector="OR",
                                ),
                                name="personfile_keeps_no_other_file",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("taken_at", None), ("taken_by", None)),
                                    models.Q(
                                        ("taken_at__isnull", False),
                                        ("taken_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="person_file_went_to_somebody",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("state__in", ("attente", "en_cours", "pret"))
                                ),
                                fields=("request",),
                                name="one_person_file_at_a_time",
                                violation_error_message="Une copie est déjà en préparation ou prête pour cette demande.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ConcernedOffer",
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
                            "offer",
                            models.CharField(max_length=20, verbose_name="n° d’offre"),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="offers",
                                to="support.rightsrequest",
                                verbose_name="demande",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "offre concernée par une demande",
                        "verbose_name_plural": "offres concernées par une demande",
                        "ordering": ("offer",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("request", "offer"), name="offer_concerned_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ConcernedCandidate",
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
                            "candidate",
                            models.UUIDField(verbose_name="n° de la fiche de candidat"),
                        ),
                        (
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="candidates",
                                to="support.rightsrequest",
                                verbose_name="demande",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "fiche concernée par une demande",
                        "verbose_name_plural": "fiches concernées par une demande",
                        "ordering": ("pk",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("request", "candidate"),
                                name="candidate_concerned_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RightsRequestStep",
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
                            models.CharField(
                                blank=True, max_length=20, verbose_name="de"
                            ),
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
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="support.rightsrequest",
                                verbose_name="demande",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "étape d’une demande de droits",
                        "verbose_name_plural": "étapes des demandes de droits",
                        "ordering": ("at", "pk"),
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Survey",
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
                            models.PositiveIntegerField(
                                db_default=1, default=1, editable=False
                            ),
                        ),
                        ("opens_on", models.DateField(verbose_name="ouverte le")),
                        (
                            "closes_on",
                            models.DateField(verbose_name="close au soir du"),
                        ),
                        (
                            "year",
                            models.GeneratedField(
                                db_persist=True,
                                expression=django.db.models.functions.datetime.ExtractYear(
                                    "opens_on"
                                ),
                                output_field=models.IntegerField(verbose_name="année"),
                            ),
                        ),
                        (
                            "rank",
                            models.PositiveSmallIntegerField(
                                editable=False, verbose_name="rang dans l’année"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "enquête de satisfaction",
                        "verbose_name_plural": "enquêtes de satisfaction",
                        "ordering": ("-opens_on",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "closes_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                    (
                                        "opens_on__range",
                                        (
                                            datetime.date(2000, 1, 1),
                                            datetime.date(2100, 12, 31),
                                        ),
                                    ),
                                ),
                                name="survey_within_the_years",
                                violation_error_message="Vérifiez l’année\xa0: une date s’écrit entre 2000 et 2100.",
                            ),
                            models.UniqueConstraint(
                                models.F("year"),
                                models.F("rank"),
                                name="two_surveys_a_year",
                                violation_error_message="Deux enquêtes au plus par année (art. 6).",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("rank__gte", 1), ("rank__lte", 2)),
                                name="no_third_survey_in_a_year",
                                violation_error_message="Deux enquêtes au plus par année (art. 6).",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("opens_on__lte", models.F("closes_on"))
                                ),
                                name="survey_closes_after_it_opens",
                                violation_error_message="L’enquête se clôt après son ouverture.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "closes_on__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("opens_on"),
                                            "+",
                                            models.Value(datetime.timedelta(days=184)),
                                        ),
                                    )
                                ),
                                name="survey_lasts_six_months_at_most",
                                violation_error_message="Une enquête dure six mois au plus\xa0: une autre ne peut pas s’ouvrir pendant ce temps.",
                            ),
                            django.contrib.postgres.constraints.ExclusionConstraint(
                                expressions=[
                                    (
                                        opus.lib.dates.DateRange(
                                            django.db.models.functions.comparison.Least(
                                                "opens_on", "closes_on"
                                            ),
                                            django.db.models.functions.comparison.Greatest(
                                                "opens_on", "closes_on"
                                            ),
                                            django.contrib.postgres.fields.ranges.RangeBoundary(
                                                True, True
                                            ),
                                        ),
                                        "&&",
                                    )
                                ],
                                name="one_survey_at_a_time",
                                violation_error_message="Une autre enquête est ouverte ces jours-là.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SurveyAnswer",
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
                            "ease",
                            models.PositiveSmallIntegerField(
                                choices=[
                                    (4, "Tout à fait d’accord"),
                                    (3, "Plutôt d’accord"),
                                    (2, "Plutôt pas d’accord"),
                                    (1, "Pas du tout d’accord"),
                                    (0, "Sans avis"),
                                ],
                                verbose_name="Opus est facile à utiliser",
                            ),
                        ),
                        (
                            "offers",
                            models.PositiveSmallIntegerField(
                                choices=[
                                    (4, "Tout à fait d’accord"),
                                    (3, "Plutôt d’accord"),
                                    (2, "Plutôt pas d’accord"),
                                    (1, "Pas du tout d’accord"),
                                    (0, "Sans avis"),
                                ],
                                verbose_name="Les offres sont utiles aux candidats que j’accompagne",
                            ),
                        ),
                        (
                            "acts",
                            models.PositiveSmallIntegerField(
                                choices=[
                                    (4, "Tout à fait d’accord"),
                                    (3, "Plutôt d’accord"),
                                    (2, "Plutôt pas d’accord"),
                                    (1, "Pas du tout d’accord"),
                                    (0, "Sans avis"),
                                ],
                                verbose_name="Les mises en contact et leurs documents me font gagner du temps",
                            ),
                        ),
                        (
                            "help",
                            models.PositiveSmallIntegerField(
                                choices=[
                                    (4, "Tout à fait d’accord"),
                                    (3, "Plutôt d’accord"),
                                    (2, "Plutôt pas d’accord"),
                                    (1, "Pas du tout d’accord"),
                                    (0, "Sans avis"),
                                ],
                                verbose_name="Quand j’ai une difficulté, je trouve de l’aide",
                            ),
                        ),
                        (
                            "comment",
                            models.TextField(
                                blank=True,
                                max_length=300,
                                validators=[
                                    django.core.validators.MaxLengthValidator(300)
                                ],
                                verbose_name="Ce que vous changeriez en premier",
                            ),
                        ),
                        (
                            "survey",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="answers",
                                to="support.survey",
                                verbose_name="enquête",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "réponse à une enquête",
                        "verbose_name_plural": "réponses aux enquêtes",
                        "ordering": ("pk",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("acts__in", [4, 3, 2, 1, 0]),
                                    ("ease__in", [4, 3, 2, 1, 0]),
                                    ("help__in", [4, 3, 2, 1, 0]),
                                    ("offers__in", [4, 3, 2, 1, 0]),
                                ),
                                name="answer_is_on_the_scale",
                            ),
                            models.CheckConstraint(
                                condition=django.db.models.lookups.LessThanOrEqual(
                                    django.db.models.functions.text.Length("comment"),
                                    300,
                                ),
                                name="comment_is_short",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SurveyRespondent",
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
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="compte",
                            ),
                        ),
                        (
                            "survey",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="participations",
                                to="support.survey",
                                verbose_name="enquête",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "participation à une enquête",
                        "verbose_name_plural": "participations aux enquêtes",
                        "ordering": ("pk",),
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("survey", "account"),
                                name="one_respondent_for_an_account",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Ticket",
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
                            "number",
                            models.CharField(
                                editable=False,
                                max_length=20,
                                unique=True,
                                verbose_name="numéro",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("ouvert", "ouverte"),
                                    ("pris", "prise en charge"),
                                    ("precision", "en attente de précision"),
                                    ("repondu", "répondue"),
                                    ("clos", "close"),
                                    ("rouvert", "rouverte"),
                                    ("etude", "à l’étude"),
                                    ("prevue", "prévue"),
                                    ("declinee", "déclinée"),
                                    ("livree", "livrée"),
                                ],
                                default="ouvert",
                                editable=False,
                                max_length=20,
                                verbose_name="état",
                            ),
                        ),
                        (
                            "topic",
                            models.CharField(
                                choices=[
                                    (
                                        "connexion",
                                        "Connexion, mot de passe, second facteur",
                                    ),
                                    ("offres", "Recherche et offres"),
                                    (
                                        "actes",
                                        "Propositions (mise en contact, demande de CV, convocation)",
                                    ),
                                    ("documents", "Documents et impression"),
                                    ("comptes", "Comptes, quota, convention"),
                                    ("accessibilite", "Accessibilité"),
                                    ("donnees", "Données personnelles"),
                                    ("evolution", "Suggestion pour Opus"),
                                    ("autre", "Autre sujet"),
                                ],
                                max_length=20,
                                verbose_name="sujet",
                            ),
                        ),
                        (
                            "subject",
                            models.CharField(max_length=120, verbose_name="objet"),
                        ),
                        (
                            "email",
                            models.EmailField(
                                blank=True,
                                editable=False,
                                max_length=254,
                                verbose_name="courriel",
                            ),
                        ),
                        (
                            "created_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now,
                                editable=False,
                                verbose_name="reçue le",
                            ),
                        ),
                        (
                            "registered_at",
                            models.DateTimeField(
                                editable=False, verbose_name="enregistrée le"
                            ),
                        ),
                        (
                            "receipt_due_at",
                            models.DateTimeField(
                                editable=False, verbose_name="accusé de réception dû le"
                            ),
                        ),
                        (
                            "answer_due_at",
                            models.DateTimeField(
                                editable=False, verbose_name="réponse due le"
                            ),
                        ),
                        (
                            "answered_at",
                            models.DateTimeField(
                                editable=False, null=True, verbose_name="répondue le"
                            ),
                        ),
                        (
                            "closing",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("repondue", "Réponse donnée"),
                                    ("doublon", "Doublon d’une autre demande"),
                                    (
                                        "sans_objet",
                                        "Sans rapport avec Opus, ou indésirable",
                                    ),
                                ],
                                editable=False,
                                max_length=20,
                                verbose_name="motif de clôture",
                            ),
                        ),
                        (
                            "declined_because",
                            models.TextField(
                                blank=True,
                                editable=False,
                                max_length=1000,
                                verbose_name="pourquoi elle est déclinée",
                            ),
                        ),
                        (
                            "assignee",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="confiée à",
                            ),
                        ),
                        (
                            "author",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tickets",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="demandeur",
                            ),
                        ),
                        (
                            "structure",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tickets",
                                to="accounts.structure",
                                verbose_name="structure",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "demande d’assistance",
                        "verbose_name_plural": "demandes d’assistance",
                        "ordering": ("-created_at", "-number"),
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        ("ouvert", "pris", "precision", "rouvert"),
                                    )
                                ),
                                fields=["answer_due_at"],
                                name="tickets_owed_by_deadline",
                            ),
                            models.Index(
                                fields=["author", "-created_at"],
                                name="tickets_of_an_author",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "ouvert",
                                            "pris",
                                            "precision",
                                            "repondu",
                                            "clos",
                                            "rouvert",
                                            "etude",
                                            "prevue",
                                            "declinee",
                                            "livree",
                                        ],
                                    )
                                ),
                                name="ticket_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "topic__in",
                                        [
                                            "connexion",
                                            "offres",
                                            "actes",
                                            "documents",
                                            "comptes",
                                            "accessibilite",
                                            "donnees",
                                            "evolution",
                                            "autre",
                                        ],
                                    )
                                ),
                                name="ticket_topic_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("author__isnull", False), ("email", "")),
                                    models.Q(
                                        ("author__isnull", True),
                                        models.Q(("email", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="ticket_is_of_an_account_or_an_address",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "closing__in",
                                            ["repondue", "doublon", "sans_objet"],
                                        ),
                                        ("state", "clos"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "clos"), _negated=True),
                                        ("closing", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="closed_ticket_says_why",
                                violation_error_message="Dites pourquoi la demande est close.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        (
                                            "state__in",
                                            [
                                                "repondu",
                                                "etude",
                                                "prevue",
                                                "declinee",
                                                "livree",
                                            ],
                                        ),
                                        _negated=True,
                                    ),
                                    ("answered_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="answered_ticket_says_when",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        models.Q(
                                            ("state__in", ["repondu", "rouvert"]),
                                            _negated=True,
                                        ),
                                        ("structure__isnull", False),
                                        ("topic", "evolution"),
                                    ),
                                    models.Q(
                                        models.Q(("topic", "evolution"), _negated=True),
                                        models.Q(
                                            (
                                                "state__in",
                                                (
                                                    "etude",
                                                    "prevue",
                                                    "declinee",
                                                    "livree",
                                                ),
                                            ),
                                            _negated=True,
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="proposal_is_a_structures_and_has_its_states",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state", "declinee"),
                                        models.Q(
                                            ("declined_because", ""), _negated=True
                                        ),
                                    ),
                                    models.Q(
                                        models.Q(("state", "declinee"), _negated=True),
                                        ("declined_because", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="declined_proposal_says_why",
                                violation_error_message="Dites à la structure pourquoi sa suggestion est déclinée.",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["ouvert", "rouvert"]),
                                    ("assignee__isnull", False),
                                    _connector="OR",
                                ),
                                name="ticket_under_way_has_its_assignee",
                                violation_error_message="Prenez d’abord la demande en charge.",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Note",
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
                            "text",
                            models.TextField(max_length=2000, verbose_name="note"),
                        ),
                        (
                            "at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="le"
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
                            "ticket",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="notes",
                                to="support.ticket",
                                verbose_name="demande",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "note interne",
                        "verbose_name_plural": "notes internes",
                        "ordering": ("at", "pk"),
                    },
                ),
                migrations.CreateModel(
                    name="Message",
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
                                    ("demande", "message du demandeur"),
                                    ("reponse", "réponse de France Travail"),
                                    (
                                        "precision",
                                        "France Travail demande une précision",
                                    ),
                                ],
                                max_length=20,
                                verbose_name="nature",
                            ),
                        ),
                        (
                            "text",
                            models.TextField(max_length=2000, verbose_name="message"),
                        ),
                        (
                            "at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, verbose_name="le"
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
                            "ticket",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="messages",
                                to="support.ticket",
                                verbose_name="demande",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "message d’une demande",
                        "verbose_name_plural": "messages d’une demande",
                        "ordering": ("at", "pk"),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kind", "demande"),
                                    models.Q(
                                        ("by__isnull", False),
                                        ("kind__in", ["reponse", "precision"]),
                                    ),
                                    _connector="OR",
                                ),
                                name="staffs_message_is_somebodys",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TicketStep",
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
                            models.CharField(
                                blank=True, max_length=20, verbose_name="de"
                            ),
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
                            "ticket",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="support.ticket",
                                verbose_name="demande",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "étape d’une demande d’assistance",
                        "verbose_name_plural": "étapes d’une demande d’assistance",
                        "ordering": ("at", "pk"),
                        "abstract": False,
                    },
                ),
            ]
        )
    ]
