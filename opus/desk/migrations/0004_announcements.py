"""Announcements, a change told five days ahead with its note (art. 6, R17)."""

import datetime
import uuid

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import opus.desk.models.announcements
from opus.lib.states import guard_moves

KEEP = """
-- What people have read stays as they read it: it is withdrawn, and another published.
CREATE FUNCTION opus_keep_announcements() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Une actualité publiée ne change plus : retirez-la et publiez-en une autre.'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER desk_announcement_kept BEFORE UPDATE ON desk_announcement
    FOR EACH ROW WHEN (
        OLD.state <> 'brouillon'
        AND (OLD.kind, OLD.title, OLD.text, OLD.note, OLD.guide, OLD.audience,
             OLD.region, OLD.goes_live_on, OLD.published_on)
            IS DISTINCT FROM
            (NEW.kind, NEW.title, NEW.text, NEW.note, NEW.guide, NEW.audience,
             NEW.region, NEW.goes_live_on, NEW.published_on)
    )
    EXECUTE FUNCTION opus_keep_announcements();
"""

UNDO_KEEP = """
DROP TRIGGER desk_announcement_kept ON desk_announcement;
DROP FUNCTION opus_keep_announcements();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0003_guards_of_tickets"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Announcement",
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
                ("title", models.CharField(max_length=120, verbose_name="titre")),
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
                            django.core.validators.URLValidator(schemes=["https"])
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
                        choices=opus.desk.models.announcements.region_choices,
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
            ],
            options={
                "verbose_name": "actualité",
                "ordering": (
                    models.OrderBy(
                        models.F("published_on"), descending=True, nulls_first=True
                    ),
                    "-pk",
                ),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("audience__in", ["tous", "rgc", "region"]),
                            ("kind__in", ["information", "evolution"]),
                            ("state__in", ["brouillon", "publiee", "retiree"]),
                        ),
                        name="announcement_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_on", None), ("state", "brouillon")),
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
                            models.Q(("kind", "evolution"), _negated=True),
                            ("state", "brouillon"),
                            models.Q(("guide", ""), ("note", ""), _negated=True),
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
                                        models.Value(datetime.timedelta(days=5)),
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
                    "announcement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="desk.announcement",
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
                        to="desk.announcement",
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
        guard_moves(
            "desk_announcement",
            {"brouillon": ["publiee"], "publiee": ["retiree"]},
        ),
        migrations.RunSQL(KEEP, UNDO_KEEP),
    ]
