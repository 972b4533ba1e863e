"""What is at term goes by itself: class by class, in batches (V9, V10, R25).

An app says in its ``retention.py`` what is due and how it goes; the runner knows
neither persons nor acts. For rows that are simply deleted, one line:

    retention.deletes(Retention.TICKETS, "tickets", lambda: Ticket.objects.at_term())

Without ``really`` nothing changes: the same sets are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from opus.lib import audit
from opus.lib.calendar import past_months
from opus.lib.models import OutboxEntry, PurgeRun
from opus.lib.personal_data import Retention

# What the triggers look for: without it they refuse to let a row go.
LEAVE = "opus.letting_go"
JOB = "purge-personal-data"
# The classes that other jobs of the timetable let go.
ELSEWHERE = {
    Retention.CV: "watch-cvs",
    Retention.HABITS: "tidy-searches",
    Retention.SIGN_IN: "tidy-sessions",
    Retention.JOURNAL: "purge-journal",
    Retention.FILES: "purge-exports",
}

Due = Callable[[], QuerySet[Any]]
Counts = dict[str, int]


@dataclass(frozen=True)
class Purge:
    """What goes at its term.

    Args:
        retention: its class.
        what: in French and the plural, as the command shows it.
        due: the rows at term now, without those that a hold keeps.
        let_go: what happens to the rows of these keys; says how many of what went.
    """

    retention: Retention
    what: str
    due: Due
    let_go: Callable[[Sequence[Any]], Counts]


_purges: dict[str, Purge] = {}


def lets_go(purge: Purge) -> None:
    """Declare what goes, in an app's ``retention.py``."""
    if purge.what in _purges:
        raise ValueError(f"Declared twice: {purge.what}.")
    _purges[purge.what] = purge


def deletes(retention: Retention, what: str, due: Due) -> None:
    """Declare rows that are deleted at term, and nothing more."""

    def let_go(pks: Sequence[Any]) -> Counts:
        return {what: delete(due().model._base_manager.filter(pk__in=pks))}

    lets_go(Purge(retention, what, due, let_go))


def purges(only: Retention | None = None) -> list[Purge]:
    """What was declared, in the order of the classes."""
    autodiscover_modules("retention")
    order = list(Retention)
    found = [each for each in _purges.values() if only in (None, each.retention)]
    return sorted(found, key=lambda each: (order.index(each.retention), each.what))


def due_now(only: Retention | None = None) -> list[tuple[Purge, int]]:
    """The dry run: what would go, and how many."""
    return [(each, each.due().count()) for each in purges(only)]


def run(only: Retention | None = None) -> PurgeRun:
    """Let go all that is at term. Killed midway, the next run goes on from there."""
    told = PurgeRun.objects.create()
    for each in purges(only):
        last = let_some_go(each, told)
        while last is not None:
            last = let_some_go(each, told, after=last)
    told.ended_at = timezone.now()
    told.save(update_fields=["ended_at"])
    return told


@transaction.atomic
def let_some_go(purge: Purge, told: PurgeRun, after: Any = None) -> Any:
    """One batch, whole or not at all; the last key that it held, None at the end.

    Args:
        after: where the batch before ended, so that no row is asked twice in a run.
    """
    due = purge.due().order_by("pk")
    if after is not None:
        due = due.filter(pk__gt=after)
    free = due.select_for_update(of=("self",), skip_locked=True)
    pks = list(free.values_list("pk", flat=True)[: settings.PURGED_AT_ONCE])
    if not pks:
        return None
    # Asked again under the lock: something may have happened since to one of them.
    still_due = list(purge.due().filter(pk__in=pks).values_list("pk", flat=True))
    if still_due:
        with letting_go():
            counts = purge.let_go(still_due)
        told.add(purge.retention.name, counts)
        audit.record(
            audit.Action.DATA_PURGED,
            by=None,
            details={"class": purge.retention.name, "rows": counts},
        )
    return pks[-1]


@contextmanager
def letting_go() -> Iterator[None]:
    """Within a transaction, the leave to let rows go that stay for everybody else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'on', true)", [LEAVE])
        yield
        cursor.execute("SELECT set_config(%s, 'off', true)", [LEAVE])


def delete(rows: QuerySet[Any]) -> int:
    """Delete rows by one statement, their keys left to PostgreSQL, which checks them.

    Django's own deletion would first read all that hangs on them, and refuse what is
    protected and goes in the next statement of the same transaction.
    """
    plain: Any = rows.order_by()
    return int(plain._raw_delete(rows.db))


def letters_at_term() -> QuerySet[OutboxEntry]:
    """What left, was dropped or given up so long ago, and still says for whom."""
    limit = past_months(settings.KEPT.letters)
    ended = Greatest("sent_at", "dropped_at", "given_up_at")
    return OutboxEntry.objects.annotate(over_at=ended).filter(
        ~Q(arguments={}), over_at__lt=limit
    )


def empty_letters(pks: Sequence[Any]) -> Counts:
    """The row stays: its key keeps the same letter from leaving a second time."""
    rows = OutboxEntry.objects.filter(pk__in=pks)
    return {"courriels vidés": rows.update(arguments={})}


lets_go(Purge(Retention.LETTERS, "courriels vidés", letters_at_term, empty_letters))
