"""The purge at term, in batches (V9, V10, R25).

Apps declare purges in ``retention.py``. A failed batch is halved until its faulty rows
are alone and recorded. The preview (not ``really``) is a run, rolled back by class.
"""

import datetime as dt
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from dateutil.relativedelta import relativedelta
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.db.models.sql import DeleteQuery
from django.db.models.sql.constants import ROW_COUNT
from django.utils import timezone

from opus.lib import jobs
from opus.lib.audit import journal
from opus.lib.audit.models import AuditEntry
from opus.lib.privacy.models import FAILED, PurgeRun
from opus.lib.privacy.personal_data import Register, Retention
from opus.lib.registers import discover

logger = logging.getLogger(__name__)

# The setting without which triggers refuse deletions.
LEAVE = "opus.purging"
JOB = "purge-personal-data"
# Above N faults the code is wrong: stop until the next night.
MOST_FAILURES = 20


class PurgeFailed(Exception):
    """Some rows could not be purged; all others were."""


Due = Callable[[], QuerySet[Any]]
# What was changed or deleted → how many.
Counts = dict[str, int]


@dataclass(frozen=True)
class Purge:
    """Rows purged at term; ``what`` is a French plural.

    ``due`` includes kept rows; ``apply`` purges keys and returns counts by kind;
    ``accounts`` and ``candidates`` are lookups from a row to its persons.
    """

    retention: Retention
    what: str
    due: Due
    apply: Callable[[Sequence[Any]], Counts]
    accounts: str = ""
    candidates: str = ""

    def free(self) -> QuerySet[Any]:
        rows = self.due()
        if self.accounts or self.candidates:
            rows = rows.filter(free(self.accounts, self.candidates))
        return rows

    def waiting(self) -> Counts:
        load()
        counts = {}
        for keeper in keeps:
            kept = keeper.keeps(self.accounts, self.candidates)
            number = self.due().filter(kept).count() if kept else 0
            if number:
                counts[keeper.reason] = number
        return counts


@dataclass(frozen=True)
class Keeper:
    """A French reason to keep data past their term.

    ``accounts`` and ``candidates`` are rows, each with such a foreign key.
    """

    reason: str
    accounts: Due | None = None
    candidates: Due | None = None

    def keeps(self, accounts: str, candidates: str) -> Q:
        kept = Q()
        if self.accounts and accounts:
            kept |= Q(Exists(self.accounts().filter(account=OuterRef(accounts))))
        if self.candidates and candidates:
            kept |= Q(Exists(self.candidates().filter(candidate=OuterRef(candidates))))
        return kept


@dataclass(frozen=True)
class Job:
    """A job that purges a part of a class itself."""

    retention: Retention
    name: str
    due: Callable[[], Counts]


_purges: dict[str, Purge] = {}
keeps = Register[Keeper]()
purged_by = Register[Job]()


def register_purge(purge: Purge) -> None:
    if purge.what in _purges:
        raise ValueError(f"Declared twice: {purge.what}.")
    _purges[purge.what] = purge


def deletes(retention: Retention, what: str, due: Due, accounts: str = "") -> None:
    def apply(pks: Sequence[Any]) -> Counts:
        rows = due().model._base_manager.filter(pk__in=pks)
        return deleted(rows, what)

    register_purge(Purge(retention, what, due, apply, accounts))


def deleted(rows: QuerySet[Any], what: str = "") -> Counts:
    """Delete rows in cascade; count by kind, these as ``what``."""
    own, names = rows.model._meta.label, {}
    _, counts = rows.only("pk").delete()
    for label, number in counts.items():
        plural = str(apps.get_model(label)._meta.verbose_name_plural)
        names[what if what and label == own else plural] = number
    return names


def rehearsed(work: Callable[[], Counts]) -> Callable[[], Counts]:
    return rolled_back()(work)


def load() -> None:
    """Import what each subject declares, beside its tables or apart."""
    discover("personal_data")
    discover("retention")


def free(accounts: str = "", candidates: str = "") -> Q:
    """Filter rows whose persons may be purged (V11, art. 10)."""
    load()
    kept = [keeper.keeps(accounts, candidates) for keeper in keeps]
    return Q(*(~one for one in kept if one))


def purges(only: Retention | None = None) -> list[Purge]:
    load()
    order = list(Retention)
    found = [each for each in _purges.values() if only in (None, each.retention)]
    return sorted(found, key=lambda each: (order.index(each.retention), each.what))


def jobs_of(retention: Retention) -> list[Job]:
    load()
    return [job for job in purged_by if job.retention == retention]


def run(only: Retention | None = None, *, really: bool = True) -> PurgeRun:
    """Purge what is at term, despite faults; return the counts.

    Without ``really`` each class is rolled back whole: batches count nothing twice.
    """
    report = PurgeRun.objects.create() if really else PurgeRun()
    for each in purges(only):
        with nullcontext() if really else rolled_back():
            purge_class(each, report)
    if really:
        report.ended_at = timezone.now()
        report.save(update_fields=["ended_at"])
    return report


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def purge_class(purge: Purge, report: PurgeRun) -> None:
    """Purge batch after batch, in the order of the keys."""
    name, after = purge.retention.name, None
    try:
        while report.failed(name) < MOST_FAILURES:
            due = purge.free().order_by("pk")
            if after is not None:
                due = due.filter(pk__gt=after)
            # A query that fails must not break the transaction of a preview.
            with transaction.atomic():
                pks = list(due.values_list("pk", flat=True)[: settings.PURGED_AT_ONCE])
            if not pks:
                return
            purge_or_halve(purge, report, due.model, pks)
            after = pks[-1]
    except Exception as error:  # noqa: BLE001 - it is recorded
        record_failure(error, purge, report)


def purge_or_halve(
    purge: Purge, report: PurgeRun, model: type[Model], pks: Sequence[Any]
) -> None:
    if report.failed(purge.retention.name) >= MOST_FAILURES:
        return
    try:
        purge_rows(purge, report, model, pks)
    except Exception as error:  # noqa: BLE001 - it is recorded
        if len(pks) == 1 or isinstance(error, SoftTimeLimitExceeded):
            record_failure(error, purge, report, row=pks[0])
            return
        middle = len(pks) // 2
        purge_or_halve(purge, report, model, pks[:middle])
        purge_or_halve(purge, report, model, pks[middle:])


@transaction.atomic
def purge_rows(
    purge: Purge, report: PurgeRun, model: type[Model], pks: Sequence[Any]
) -> None:
    rows = model._base_manager.filter(pk__in=pks)
    locked = rows.select_for_update(of=("self",), skip_locked=True)
    mine = list(locked.values_list("pk", flat=True))
    # Read again under the lock: rows may have changed.
    still_due = list(purge.free().filter(pk__in=mine).values_list("pk", flat=True))
    if not still_due:
        return
    with deletions_allowed():
        counts = purge.apply(still_due)
        # Check deferred foreign keys in this batch.
        connection.check_constraints()
    if report.pk is not None:
        details = {"class": purge.retention.name, "rows": counts}
        journal.record(journal.Action.DATA_PURGED, by=None, details=details)
    report.add(purge.retention.name, counts)


def record_failure(
    error: Exception, purge: Purge, report: PurgeRun, row: Any = None
) -> None:
    """Count and log a fault; raise it without a database."""
    if isinstance(error, SoftTimeLimitExceeded) or not connection.is_usable():
        raise error
    diagnosis = getattr(error.__cause__, "diag", None)
    details = {
        "class": purge.retention.name,
        "error": type(error).__name__,
        "constraint": getattr(diagnosis, "constraint_name", None) or "",
        "row": "" if row is None else str(row),
    }
    logger.error("Purge: %(error)s %(constraint)s in %(class)s.", details)
    report.add(purge.retention.name, {FAILED: 1})
    if report.pk is not None:
        journal.record(journal.Action.DATA_PURGED, by=None, details=details)


@contextmanager
def deletions_allowed() -> Iterator[None]:
    """Allow deletions that triggers refuse, within a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'on', true)", [LEAVE])
        yield
        cursor.execute("SELECT set_config(%s, 'off', true)", [LEAVE])


def delete(rows: QuerySet[Any]) -> int:
    """Delete rows by one statement, without Django's cascade.

    It would refuse protected rows that the next statement deletes.
    """
    query: Any = rows.order_by().query.chain(DeleteQuery)
    return query.get_compiler(rows.db).execute_sql(ROW_COUNT) or 0


def journal_at_term() -> Counts:
    limit = timezone.now() - relativedelta(months=settings.KEPT.journal)
    return {"lignes du journal": AuditEntry.objects.filter(at__lt=limit).count()}


purged_by(Job(Retention.JOURNAL, "purge-journal", journal_at_term))


@shared_task
@jobs.exclusive(JOB, every=dt.timedelta(days=1))
def purge_personal_data() -> None:
    """Purge the personal data at term (V9, V10).

    Raises PurgeFailed after the rest is purged; R25 then alerts staff.
    """
    if number := run().failures:
        raise PurgeFailed(f"{number} rows could not go.")
