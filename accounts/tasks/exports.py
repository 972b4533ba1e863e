"""Exports: made, made again where a worker died, let go after a day."""

import datetime as dt

from celery import shared_task

from accounts.models import Export
from opus.lib import exports, jobs, making
from opus.lib.printing import SWEEP_EVERY


# The hard limit is half of the broker's visibility time-out (R7).
@shared_task(soft_time_limit=40, time_limit=45)
def make_export(export_pk: str) -> None:
    """Make one file, if it still waits."""
    export = Export.take(export_pk)
    if export:
        exports.make(export)


@shared_task(expires=SWEEP_EVERY)
def make_waiting_exports() -> None:
    """Find the exports that no worker was told of, or whose worker died (R6, R7)."""
    for pk in making.due(Export):
        make_export.delay(pk)


@shared_task
@jobs.alone("purge-exports", every=dt.timedelta(hours=1))
def purge_exports() -> None:
    """Let go the files whose day is over; the page does not show them any more."""
    making.purge(Export)
