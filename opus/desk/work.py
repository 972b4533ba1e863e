"""What waits for one reader: all queues in one statement."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Case, Count, Q, QuerySet, Value, When, Window
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.structures.models import Structure
from accounts.users.models.users import User
from opus.desk.queues import VIEW, Queue, Trade, structure_shown, structure_url
from opus.desk.trades import QUEUES
from opus.lib.dates import date_format

# Lines of one queue; the others are a link away.
SHOWN = 4
# What another person must do comes last; PostgreSQL puts an empty day at the end.
ORDER = ("desk_is_own", "desk_due", "desk_since")
TEXT = models.TextField()
INSTANT = models.DateTimeField()
HOUR = "G\xa0\\h\xa0i"
DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")


class Bucket(models.TextChoices):
    LATE = "late", "En retard"
    TODAY = "today", "Aujourd’hui"
    WEEK = "week", "Cette semaine"
    LATER = "later", "Plus tard"
    NO_DAY = "no-day", "Sans jour fixé"


@dataclass(frozen=True)
class Task:
    """One line: a row that waits."""

    queue: Queue
    pk: str
    who: str
    # Where its structure's page is, for who may open it.
    who_url: str
    what: str
    due: dt.datetime | None
    since: dt.datetime | None
    button: str
    is_mine: bool

    @property
    def page_url(self) -> str:
        return self.queue.page_of(self.pk)

    @property
    def verb_url(self) -> str:
        return self.queue.url_of(self.pk, self.button)

    @property
    def title(self) -> str:
        return self.queue.task or self.queue.label

    @cached_property
    def bucket(self) -> Bucket:
        if self.due is None:
            return Bucket.NO_DAY
        now = timezone.localtime()
        day = timezone.localdate(self.due)
        ahead = (day - now.date()).days
        if ahead < 0 or self.queue.has_hour and self.due <= now:
            return Bucket.LATE
        if ahead == 0:
            return Bucket.TODAY
        return Bucket.WEEK if ahead < 7 else Bucket.LATER

    @property
    def is_late(self) -> bool:
        return self.bucket == Bucket.LATE

    @property
    def when(self) -> str:
        """Return the day: « hier, 15 h », « ven. 4 déc. », « depuis le 3 nov. »."""
        if self.due:
            return day_in_words(self.due, has_hour=self.queue.has_hour)
        if self.since is None:
            return "—"
        words = day_in_words(self.since, has_hour=False)
        return f"depuis {words if words in NEAR.values() else f'le\xa0{words}'}"


NEAR = {-1: "hier", 0: "aujourd’hui", 1: "demain"}


def day_in_words(at: dt.datetime, *, has_hour: bool) -> str:
    at, today = timezone.localtime(at), timezone.localdate()
    ahead = (at.date() - today).days
    if ahead in NEAR:
        words = NEAR[ahead]
    elif 1 < ahead < 7:
        words = f"{DAYS[at.weekday()]} {date_format(at.date(), 'j N')}"
    else:
        pattern = "j N" if at.year == today.year else "j N Y"
        words = date_format(at.date(), pattern)
    is_near = -2 < ahead < 7
    return f"{words}, {date_format(at, HOUR)}" if has_hour and is_near else words


@dataclass(frozen=True)
class Pile:
    """A queue with what it holds for this reader."""

    queue: Queue
    total: int
    late: int
    tasks: tuple[Task, ...]
    is_mine: bool

    @property
    def label(self) -> str:
        return self.queue.label

    @property
    def value(self) -> str:
        return str(self.total)

    @property
    def is_waiting(self) -> bool:
        return self.total > 0

    @property
    def url(self) -> str:
        return self.queue.list_url

    @property
    def more(self) -> int:
        """Return how many rows the desk does not show."""
        return self.total - len(self.tasks)


def piles_of(request: HttpRequest, structure: Structure | None = None) -> list[Pile]:
    """Return each queue whose register this reader may open, maybe of a structure."""
    user: Any = request.user
    queues = [
        queue
        for queue in QUEUES
        if (structure is None or queue.structure)
        and queue.reader(user)
        and queue.pages.has_view_permission(request)
    ]
    mine = {
        queue.slug: queue.doer(user)
        and (queue.verb == VIEW or queue.pages.may_act(request))
        for queue in queues
    }
    found: dict[str, list[Any]] = {queue.slug: [] for queue in queues}
    for row in union(arm(queue, user, structure) for queue in queues):
        found[row[0]].append(row)
    return [
        pile_of(queue, found[queue.slug], is_mine=mine[queue.slug]) for queue in queues
    ]


def pile_of(queue: Queue, rows: list[Any], *, is_mine: bool) -> Pile:
    tasks = tuple(
        Task(
            *(queue, pk, who, structure_url(structure), what, due, since, button),
            is_mine and not is_own,
        )
        for _, pk, who, structure, what, due, since, button, is_own, _, _ in rows
    )
    total, late = rows[0][9:] if rows else (0, 0)
    return Pile(queue, total, late, tasks, is_mine)


def union(arms: Iterable[QuerySet[Any, Any]]) -> Iterable[Any]:
    first, *others = arms
    if not others:
        return first
    rows = first.union(*others, all=True)
    return rows.order_by("desk_queue", *ORDER, "desk_pk")


def arm(queue: Queue, user: User, structure: Structure | None) -> QuerySet[Any, Any]:
    """Return the first rows of a queue, each with the count of all."""
    rows = queue.pages.within(queue.model._default_manager.all(), user)
    rows = queue.waiting(rows)
    if structure:
        rows = rows.filter(**{queue.structure: structure})
    now = timezone.now()
    start_of_today = timezone.localtime(now).replace(hour=0, minute=0, second=0)
    others = Q(**{queue.not_by: user.pk}) if queue.not_by else queue.elsewhere
    is_own = Case(When(others, then=True), default=False) if others else Value(False)
    due = queue.due if queue.due is not None else Value(None, INSTANT)
    since = queue.since if queue.since is not None else Value(None, INSTANT)
    button = Value(queue.button) if isinstance(queue.button, str) else queue.button
    is_late = Q(desk_due__lt=now if queue.has_hour else start_of_today)
    return (
        rows.annotate(
            desk_queue=Cast(Value(queue.slug), TEXT),
            desk_pk=Cast("pk", TEXT),
            desk_who=Cast(queue.who, TEXT),
            desk_structure=structure_shown(queue.structure, user),
            desk_what=Cast(queue.what, TEXT),
            desk_due=Cast(due, INSTANT),
            desk_since=Cast(since, INSTANT),
            desk_button=Cast(button, TEXT),
            desk_is_own=Cast(is_own, models.BooleanField()),
            desk_total=Window(Count("*")),
        )
        .annotate(desk_late=Window(Count("pk", filter=is_late)))
        .order_by(*ORDER, "pk")
        .values_list(
            *("desk_queue", "desk_pk", "desk_who", "desk_structure", "desk_what"),
            *("desk_due", "desk_since", "desk_button", "desk_is_own"),
            *("desk_total", "desk_late"),
        )[:SHOWN]
    )


# --- The page -------------------------------------------------------------------------


@dataclass(frozen=True)
class Section:
    """What is due at the same time; ``more``: the piles that go on elsewhere."""

    bucket: Bucket
    tasks: list[Task]
    more: list[Pile]


def sections_of(piles: Iterable[Pile]) -> list[Section]:
    """Sort the reader's own work by its day."""
    mine = [pile for pile in piles if pile.is_mine]
    tasks = sorted(
        (task for pile in mine for task in pile.tasks if task.is_mine),
        key=lambda task: (task.due or task.since or timezone.now(), task.title),
    )
    sections = []
    for bucket in Bucket:
        those = [task for task in tasks if task.bucket == bucket]
        more = [pile for pile in mine if pile.more and pile.tasks[-1].bucket == bucket]
        if those or more:
            sections.append(Section(bucket, those, more))
    return sections


@dataclass(frozen=True)
class TradeOfDesk:
    trade: Trade
    waiting: list[Pile]
    empty: list[Pile]

    @property
    def total(self) -> int:
        return sum(pile.total for pile in self.waiting)


def trades_of(piles: Iterable[Pile]) -> list[TradeOfDesk]:
    found = []
    for trade in Trade:
        those = [pile for pile in piles if pile.queue.trade == trade]
        if those:
            waiting = [pile for pile in those if pile.is_waiting]
            empty = [pile for pile in those if not pile.is_waiting]
            found.append(TradeOfDesk(trade, waiting, empty))
    return found
