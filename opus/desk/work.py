"""What waits for one reader: all queues in one statement, and how offers come in."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Case, Count, F, Q, QuerySet, Value, When, Window
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.timesince import timesince

from accounts.structures.models import Structure
from accounts.users.models import User
from offers.feed.health import Figure, Health, last_event, since
from offers.feed.models import FeedDelivery
from offers.files.models import ImportRun
from offers.pull.health import last_comparison, last_poll
from offers.pull.models import PullRun
from opus.desk.queues import (
    QUEUES,
    VIEW,
    Queue,
    Section,
    structure_shown,
    structure_url,
)
from opus.lib.database.queries import union_of
from opus.lib.dates import date_format

# Lines of one queue; the others are a link away.
SHOWN = 4
# What another person must do comes last; PostgreSQL puts an empty day at the end.
ORDER = ("desk_is_own", "desk_due", "desk_since")
TEXT = models.TextField()
INSTANT = models.DateTimeField()
NEAR = {-1: "hier", 0: "aujourd’hui", 1: "demain"}
DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")


class Due(models.TextChoices):
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
    # The key of its structure, for who may open its page.
    structure: str
    what: str
    due_at: dt.datetime | None
    since: dt.datetime | None
    button: str
    is_mine: bool

    @property
    def who_url(self) -> str:
        return structure_url(self.structure)

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
    def due(self) -> Due:
        if self.due_at is None:
            return Due.NO_DAY
        now = timezone.localtime()
        ahead = (timezone.localdate(self.due_at) - now.date()).days
        if ahead < 0 or self.queue.has_hour and self.due_at <= now:
            return Due.LATE
        if ahead == 0:
            return Due.TODAY
        return Due.WEEK if ahead < 7 else Due.LATER

    @property
    def when(self) -> str:
        """Return the day: « hier, 15 h », « ven. 4 déc. », « depuis le 3 nov. »."""
        if self.due_at:
            return day_in_words(self.due_at, has_hour=self.queue.has_hour)
        if self.since is None:
            return "—"
        words = day_in_words(self.since, has_hour=False)
        return f"depuis {words if words in NEAR.values() else f'le\xa0{words}'}"


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
    if has_hour and -2 < ahead < 7:
        words += f", {date_format(at, 'G\xa0\\h\xa0i')}"
    return words


@dataclass(frozen=True)
class Pile:
    """A queue with what it holds for this reader."""

    queue: Queue
    total: int
    late: int
    tasks: list[Task]
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
    """Return each queue whose register this reader may open.

    Of a structure, those with a task about it.
    """
    user: Any = request.user
    queues = [
        queue
        for queue in QUEUES
        if (structure is None or (queue.task and queue.structure))
        and queue.reader(user)
        and queue.pages.has_view_permission(request)
    ]
    found: dict[str, list[Any]] = {queue.slug: [] for queue in queues}
    queries = [rows_of(queue, user, structure) for queue in queues]
    for slug, *row in union_of(queries, "desk_queue", *ORDER, "desk_pk"):
        found[slug].append(row)
    piles = []
    for queue in queues:
        may_act = queue.verb == VIEW or queue.pages.may_act(request)
        is_mine = bool(queue.task) and queue.doer(user) and may_act
        rows = found[queue.slug]
        tasks = [
            Task(*(queue, *columns, is_mine and not is_own))
            for *columns, is_own, _, _ in rows
        ]
        total, late = rows[0][-2:] if rows else (0, 0)
        piles.append(Pile(queue, total, late, tasks, is_mine))
    return piles


def rows_of(
    queue: Queue, user: User, structure: Structure | None
) -> QuerySet[Any, Any]:
    """Return the first rows of a queue, each with the count of all."""
    rows = queue.pages.within(queue.model._default_manager.all(), user)
    rows = queue.waiting(rows)
    if structure:
        rows = rows.filter(**{queue.structure: structure})
    who = queue.who or (F(f"{queue.structure}__name") if queue.structure else Value(""))
    others = queue.elsewhere or Q(desk_not_by=user.pk)
    now = timezone.now()
    start_of_today = timezone.localtime(now).replace(hour=0, minute=0, second=0)
    is_late = Q(desk_due__lt=now if queue.has_hour else start_of_today)
    return (
        rows.annotate(
            desk_queue=Cast(Value(queue.slug), TEXT),
            desk_pk=Cast("pk", TEXT),
            desk_who=Cast(who, TEXT),
            desk_structure=structure_shown(queue.structure, user),
            desk_what=Cast(queue.what, TEXT),
            desk_due=Cast(queue.due, INSTANT),
            desk_since=Cast(queue.since, INSTANT),
            desk_button=Cast(queue.button, TEXT),
            desk_not_by=queue.not_by,
            desk_total=Window(Count("*")),
        )
        .annotate(
            desk_is_own=Case(When(others, then=True), default=False),
            desk_late=Window(Count("pk", filter=is_late)),
        )
        .order_by(*ORDER, "pk")
        .values_list(
            *("desk_queue", "desk_pk", "desk_who", "desk_structure", "desk_what"),
            *("desk_due", "desk_since", "desk_button", "desk_is_own"),
            *("desk_total", "desk_late"),
        )[:SHOWN]
    )


def agenda_of(piles: Iterable[Pile]) -> list[dict[str, Any]]:
    """Sort the reader's own work by its day; ``more``: piles that go on elsewhere."""
    mine = [pile for pile in piles if pile.is_mine]
    tasks = sorted(
        (task for pile in mine for task in pile.tasks if task.is_mine),
        key=lambda task: (task.due_at or task.since or timezone.now(), task.title),
    )
    parts = [
        {
            "due": due,
            "tasks": [task for task in tasks if task.due == due],
            "more": [pile for pile in mine if pile.more and pile.tasks[-1].due == due],
        }
        for due in Due
    ]
    return [part for part in parts if part["tasks"] or part["more"]]


def sections_of(piles: Iterable[Pile]) -> list[dict[str, Any]]:
    """Return all that waits, by section; empty queues apart."""
    sections = []
    for section in Section:
        those = [pile for pile in piles if pile.queue.section == section]
        if those:
            sections.append(
                {
                    "section": section,
                    "total": sum(pile.total for pile in those),
                    "waiting": [pile for pile in those if pile.is_waiting],
                    "empty": [pile for pile in those if not pile.is_waiting],
                }
            )
    return sections


# --- How the offers come in: three figures under the queues ---------------------------


@dataclass(frozen=True)
class Gauge(Figure):
    url: str = ""


def gauges_of(request: HttpRequest) -> Iterator[Gauge]:
    for model, label, read in (
        (FeedDelivery, "Flux des offres", feed),
        (PullRun, "Relève de l’API", pull),
        (ImportRun, "Dernier import", last_import),
    ):
        pages: Any = admin.site.get_model_admin(model)
        if pages.has_view_permission(request):
            yield Gauge(label, *read(), url=pages.list_url())


def feed() -> tuple[str, str, bool]:
    health = Health()
    event = last_event()
    if not health.is_configured:
        value, hint = "fermé", "aucun flux n’est configuré"
    elif health.last_sign_at is None:
        value, hint = "aucun signe", "rien n’est encore arrivé"
    else:
        value = since(health.last_sign_at)
        hint = f"dernier évènement\xa0: {event.value}"
        hint += f" ({event.hint})" if event.hint else ""
    return value, hint, health.is_silent


def pull() -> tuple[str, str, bool]:
    poll, comparison = last_poll(), last_comparison()
    hint = f"{poll.hint}\xa0; comparaison complète\xa0: {comparison.value}"
    hint += f" ({comparison.hint})" if comparison.hint else ""
    return poll.value, hint, poll.is_waiting or comparison.is_waiting


def last_import() -> tuple[str, str, bool]:
    last = ImportRun.objects.first()
    if last is None:
        return "aucun", "aucun fichier d’offres n’a été importé", False
    is_fresh = timezone.now() - last.started_at < dt.timedelta(minutes=1)
    ago = timesince(last.started_at, depth=1)
    value = "à l’instant" if is_fresh else f"il y a {ago}"
    hint = f"lignes lues\xa0: {last.read}, rejetées\xa0: {last.rejected}"
    return value, hint, last.ended_at is None
