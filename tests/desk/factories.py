"""Announcements, incidents, works, minutes and surveys, with a trait for each state."""

import datetime as dt
from typing import Any

import factory
from django.db import connection
from django.utils import timezone
from factory.django import DjangoModelFactory

from opus.desk.models import (
    Announcement,
    AnnouncementKind,
    AnnouncementState,
    Incident,
    PlannedWork,
    Survey,
    SurveyAnswer,
)
from opus.desk.models.surveys import QUESTIONS

DAY = dt.timedelta(days=1)


def in_days(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def to_the_minute(at: dt.datetime) -> dt.datetime:
    return at.replace(second=0, microsecond=0)


class AnnouncementFactory(DjangoModelFactory):
    """A published information for everybody."""

    class Meta:
        model = Announcement

    kind = AnnouncementKind.INFORMATION
    title = factory.Sequence(lambda n: f"Nouvelle adresse de l’agence {n}")
    text = "L’agence a déménagé.\nSon téléphone reste le même."
    state = AnnouncementState.PUBLISHED
    published_on = factory.LazyFunction(timezone.localdate)

    class Params:
        draft = factory.Trait(state=AnnouncementState.DRAFT, published_on=None)
        change = factory.Trait(
            kind=AnnouncementKind.CHANGE,
            note="Ouvrez la page Suivi.",
            goes_live_on=factory.LazyFunction(lambda: in_days(5)),
        )
        withdrawn = factory.Trait(state=AnnouncementState.WITHDRAWN)


class IncidentFactory(DjangoModelFactory):
    """An incident under way, told a moment ago."""

    class Meta:
        model = Incident

    title = "L’impression des documents"
    advice = "Imprimez la version à l’écran."
    declared_at = factory.LazyFunction(timezone.now)
    started_at = factory.LazyAttribute(lambda incident: incident.declared_at)

    class Params:
        silent = factory.Trait(
            declared_at=factory.LazyFunction(
                lambda: timezone.now() - DAY - dt.timedelta(minutes=1)
            )
        )
        over = factory.Trait(
            ended_at=factory.LazyFunction(timezone.now), summary="Un disque plein."
        )


class PlannedWorkFactory(DjangoModelFactory):
    """Works in six days, for an hour."""

    class Meta:
        model = PlannedWork

    title = "Tout Opus"
    advice = "Imprimez vos documents la veille."
    starts_at = factory.LazyFunction(lambda: to_the_minute(timezone.now() + 6 * DAY))
    ends_at = factory.LazyAttribute(
        lambda works: works.starts_at + dt.timedelta(hours=1)
    )
    announced_at = factory.LazyAttribute(
        lambda works: min(timezone.now(), works.starts_at - 6 * DAY)
    )

    class Params:
        under_way = factory.Trait(
            starts_at=factory.LazyFunction(
                lambda: to_the_minute(timezone.now() - dt.timedelta(minutes=10))
            )
        )


class SurveyFactory(DjangoModelFactory):
    """A survey that is open today."""

    class Meta:
        model = Survey

    opens_on = factory.LazyFunction(lambda: in_days(-1))
    closes_on = factory.LazyFunction(lambda: in_days(10))
    rank = 1

    class Params:
        over = factory.Trait(
            opens_on=factory.LazyFunction(lambda: in_days(-20)),
            closes_on=factory.LazyFunction(lambda: in_days(-1)),
        )


MARKS = dict.fromkeys(QUESTIONS, 4)


def answer(survey: Survey, times: int = 1, **given: Any) -> None:
    """That many answers, all alike."""
    SurveyAnswer.objects.bulk_create(
        SurveyAnswer(survey=survey, **{**MARKS, **given}) for _ in range(times)
    )


def probe_between(low: dt.datetime, high: dt.datetime, state: str = "ok") -> None:
    """A row for each minute, its end left out; those that stand already stay."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO desk_probe (minute, state, latency_ms)"
            " SELECT minute, %s, 12 FROM generate_series("
            "%s::timestamptz, %s::timestamptz - interval '1 minute', '1 minute')"
            " AS minute ON CONFLICT DO NOTHING",
            [state, low, high],
        )
