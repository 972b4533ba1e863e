"""A structure's past: what happened to all that belongs to it."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Greatest

from accounts.agreements.models.amendments import Amendment
from accounts.agreements.models.breaches import Breach
from accounts.agreements.models.conventions import Convention
from accounts.agreements.models.letters import Letter
from accounts.agreements.models.terminations import Ending
from accounts.meetings.models import ReviewMeeting
from accounts.nominations.models import Nomination
from accounts.security.models import Alert
from accounts.structures.models import Structure
from accounts.team.models import TeamReview
from accounts.users.models.users import User
from opus.desk.queues import label_of, words
from opus.desk.trades.agreements import LETTER_NUMBER
from opus.lib.dates import date_format
from opus.lib.forms.base import as_number
from opus.lib.model_admin.formatting import admin_url
from opus.support.tickets.models import Ticket

PAST_SHOWN = 12
# The journal of a partner reads the lines of its latest objects of each kind.
MOST_OF_A_KIND = 100
TEXT = models.TextField()
OF_CONVENTION = "convention__structure"
# What belongs to a structure, by the path that leads to it.
PATHS: dict[type[models.Model], str] = {
    Structure: "pk",
    Convention: "structure",
    Nomination: OF_CONVENTION,
    Amendment: OF_CONVENTION,
    Ending: OF_CONVENTION,
    Breach: OF_CONVENTION,
    Letter: OF_CONVENTION,
    ReviewMeeting: OF_CONVENTION,
    TeamReview: OF_CONVENTION,
    User: "structure",
    Ticket: "structure",
    Alert: "structure",
}


@dataclass(frozen=True)
class Past:
    """A dated line of the history."""

    on: dt.date
    label: str
    url: str

    @property
    def day(self) -> str:
        return date_format(self.on)


@dataclass(frozen=True)
class Event:
    """A dated fact of a kind of object."""

    model: type[models.Model]
    on: str | models.Expression
    label: models.Expression
    among: Q = Q()


def text(sentence: str) -> models.Expression:
    return Value(sentence, TEXT)


CONFIRMED = Q(confirmed_at__isnull=False)
NUMBER = words(text("Convention n°\xa0"), "number")
MAIL = words(text("Lettre n°\xa0"), LETTER_NUMBER)
DECISION = Case(
    When(refusal_reason="", then=text("Accord sur le RGC proposé")),
    default=text("Refus du RGC proposé"),
)
EVENTS = (
    Event(
        Convention,
        Greatest("signed_by_ft_on", "signed_by_structure_on"),
        words(NUMBER, text(", signée")),
    ),
    Event(Nomination, "proposed_on", text("RGC proposé par la structure")),
    Event(Nomination, "decided_on", DECISION),
    Event(Nomination, "notified_on", text("Accord sur le RGC notifié")),
    Event(Nomination, "office_on", text("RGC en fonction")),
    Event(Nomination, "ended_on", text("Fin de fonction du RGC")),
    Event(
        Amendment, "effective_on", words(text("Avenant n°\xa0"), "reference"), CONFIRMED
    ),
    Event(Ending, "ends_on", text("Fin anticipée"), CONFIRMED),
    Event(Breach, "notified_on", text("Manquements notifiés")),
    Event(
        Letter,
        "posted_on",
        words(MAIL, text(", postée\xa0: "), label_of(Letter, "kind")),
    ),
    Event(Letter, "received_on", words(MAIL, text(", présentée"))),
    Event(ReviewMeeting, "held_on", text("Réunion de suivi tenue"), ~Q(attended=[])),
)


def past_of(rows_of: Any) -> list[Past]:
    """Return the latest lines, by one statement.

    ``rows_of`` returns the structure's rows of a model that the reader may open.
    """
    arms = [
        arm(event, rows_of(event.model, PATHS[event.model]), rank)
        for rank, event in enumerate(EVENTS)
    ]
    first, *others = arms
    lines = first.union(*others, all=True).order_by("-past_on", "past_rank", "past_pk")
    return [
        Past(on, label, admin_url(EVENTS[rank].model, "change", pk))
        for on, rank, pk, label in lines[:PAST_SHOWN]
    ]


def arm(event: Event, rows: QuerySet[Any], rank: int) -> QuerySet[Any, Any]:
    on = F(event.on) if isinstance(event.on, str) else event.on
    return (
        rows.filter(event.among)
        .annotate(
            past_on=Cast(on, models.DateField()),
            past_rank=Value(rank),
            past_pk=Cast("pk", TEXT),
            past_label=Cast(event.label, TEXT),
        )
        .filter(past_on__isnull=False)
        .order_by("-past_on", "pk")
        .values_list("past_on", "past_rank", "past_pk", "past_label")[:PAST_SHOWN]
    )


def belongings(key: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the keys of each kind of object of a structure, by one statement."""
    found: dict[str, list[str]] = {}
    for label, pk in keys_of(key):
        found.setdefault(label, []).append(pk)
    yield from found.items()


def keys_of(key: str) -> Iterable[tuple[str, str]]:
    if (number := as_number(key)) is None:
        return []
    arms = [
        model._default_manager.filter(**{path: number})
        .annotate(
            past_model=Value(model._meta.label_lower, TEXT), past_pk=Cast("pk", TEXT)
        )
        .order_by("-pk")
        .values_list("past_model", "past_pk")[:MOST_OF_A_KIND]
        for model, path in PATHS.items()
    ]
    first, *others = arms
    return first.union(*others, all=True).order_by("past_model", "past_pk")
