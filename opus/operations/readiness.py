"""Check whether Opus works, for a supervisor, (R15)."""

import datetime as dt

from django.db import DatabaseError
from django.db.models import Value
from django.utils import timezone

from offers.feed.health import Health
from opus.lib.background_files import WRITERS, FileState
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from opus.operations.emails import report_late_jobs
from opus.startup import files_problem, postgres_problem, tables_problem

# A document or an e-mail needs a second: a queue of minutes means that no worker
# runs, or no mail server.
WORK_IS_LATE_AFTER = dt.timedelta(minutes=5)


def readiness() -> str:
    """Down: no page is served, until the database is back or somebody runs a command.

    Degraded: a queue, the feed, a job or beat is late; or this is a copy, which sends
    nothing (R21).
    """
    try:
        if postgres_problem() or not is_prepared():
            return "down"
        late = timezone.now() - WORK_IS_LATE_AFTER
        files = (
            model._default_manager.filter(state=FileState.WAITING, created_at__lt=late)
            for model in WRITERS
        )
        mails = OutboxEntry.objects.waiting().filter(created_at__lt=late)
        # One statement, which stops at the first row.
        first, *others = (
            rows.order_by().values_list(Value(1))[:1] for rows in (mails, *files)
        )
        is_degraded = (
            first.union(*others, all=True).exists()
            or Health().is_silent
            or outbox.is_mute()
        )
        # Report even if degraded already: only the probe reports a stopped clock (R25).
        is_degraded = report_late_jobs() or is_degraded
        return "degraded" if is_degraded else "ok"
    except DatabaseError:
        return "down"


_prepared = False


def is_prepared() -> bool:
    """Return whether files, tables and rights are this release's; True is cached."""
    global _prepared
    _prepared = _prepared or not (files_problem() or tables_problem())
    return _prepared
