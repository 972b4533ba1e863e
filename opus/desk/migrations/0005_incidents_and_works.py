"""Incidents and planned works (art. 6, R16, R17)."""

import datetime

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

HOLD = """
-- The minutes of planned works do not count as breakdowns: once told they may be given
-- up before they begin or made shorter, never moved, made longer or taken away.
CREATE FUNCTION opus_hold_works() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.starts_at = OLD.starts_at
        AND NEW.announced_at = OLD.announced_at
        AND NEW.ends_at <= OLD.ends_at
        AND (NEW.cancelled_at IS NOT DISTINCT FROM OLD.cancelled_at
             OR (OLD.cancelled_at IS NULL AND NEW.cancelled_at < OLD.starts_at))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Une opération annoncée ne se déplace pas et ne s’allonge pas : annulez-la avant son début, ou terminez-la plus tôt.'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER desk_plannedwork_held BEFORE UPDATE OR DELETE ON desk_plannedwork
    FOR EACH ROW EXECUTE FUNCTION opus_hold_works();
"""

UNDO_HOLD = """
DROP TRIGGER desk_plannedwork_held ON desk_plannedwork;
DROP FUNCTION opus_hold_works();
"""


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("desk", "0004_announcements"),
    ]

    operations = [
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
                    models.DateTimeField(editable=False, null=True, verbose_name="fin"),
                ),
                (
                    "summary",
                    models.CharField(
                        blank=True, editable=False, max_length=600, verbose_name="bilan"
                    ),
                ),
            ],
            options={
                "verbose_name": "incident",
                "ordering": ("-started_at", "-pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("started_at__lte", models.F("declared_at"))
                        ),
                        name="incident_has_begun",
                        violation_error_message="Un incident a déjà commencé\xa0: son début n’est pas à venir. Une interruption prévue est une opération planifiée.",
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
                ("text", models.CharField(max_length=300, verbose_name="nouvelles")),
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
                        to="desk.incident",
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
                        condition=models.Q(("starts_at__lt", models.F("ends_at"))),
                        name="works_end_after_their_start",
                        violation_error_message="La fin vient après le début.",
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
                        name="works_are_told_ahead",
                        violation_error_message="Une opération planifiée est annoncée au moins un jour avant\xa0; sinon, déclarez un incident.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__second", 0), ("starts_at__second", 0)
                        ),
                        name="works_are_told_by_the_minute",
                        violation_error_message="Début et fin s’écrivent à la minute.",
                    ),
                ],
            },
        ),
        migrations.RunSQL(HOLD, UNDO_HOLD),
    ]
