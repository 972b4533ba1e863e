"""The worker's side of background files: make, sweep, delete (R6, R7).

A task is given a table and an id: it may run twice, late or not at all, since the row
says what is still to do.
"""

import datetime as dt
import functools
import logging

from celery import shared_task
from django.apps import apps
from django.db import transaction

from opus.lib import jobs
from opus.lib.files import background_files
from opus.lib.files.background_files import BackgroundFile

logger = logging.getLogger(__name__)

# A sweep that comes late has nothing to add to the next one.
SWEEP_EVERY = 10


# The hard limit is half of the broker's visibility time-out (R7).
@shared_task(soft_time_limit=40, time_limit=45)
def make_file(table: str, pk: str) -> None:
    """Make one file, if it still waits."""
    background_files.make(apps.get_model(table), pk)


@shared_task(expires=SWEEP_EVERY)
def make_waiting_files() -> None:
    """Send the files that no worker knows, or whose worker died."""
    for file in background_files.due():
        make_file.delay(file._meta.label_lower, str(file.pk))


@shared_task
@jobs.alone("delete-expired-files", every=dt.timedelta(hours=1))
def delete_expired_files() -> None:
    """Delete the files whose day is over; no page shows them."""
    for rows in background_files.expired():
        rows.delete()


def wake(file: BackgroundFile) -> None:
    """Send a file to a worker once the transaction is committed.

    A broker that is away costs the page a line in the log: the sweep finds the row
    (R14).
    """
    send = functools.partial(_send, file._meta.label_lower, str(file.pk))
    transaction.on_commit(send, robust=True)


def _send(table: str, pk: str) -> None:
    try:
        make_file.apply_async((table, pk), retry=False, ignore_result=True)
    except make_file.OperationalError:
        logger.warning("Broker away: a file of %s is left to the sweep.", table)
