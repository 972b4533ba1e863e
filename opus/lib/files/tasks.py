"""Tasks that may run twice, late or never (R6, R7)."""

import datetime as dt
import functools

from celery import shared_task
from django.apps import apps
from django.db import transaction

from opus.lib.files import background_files
from opus.lib.files.background_files import BackgroundFile
from opus.lib.jobs import runner

# The next sweep replaces a late one.
SWEEP_EVERY = 10


# The hard limit is half of the broker's visibility time-out (R7).
@shared_task(soft_time_limit=40, time_limit=45)
def make_file(table: str, pk: str) -> None:
    background_files.make(apps.get_model(table), pk)


@shared_task(expires=SWEEP_EVERY)
def make_waiting_files() -> None:
    for file in background_files.due():
        make_file.delay(file._meta.label_lower, str(file.pk))


@shared_task
@runner.alone("delete-expired-files", every=dt.timedelta(hours=1))
def delete_expired_files() -> None:
    for rows in background_files.expired():
        rows.delete()


def wake(file: BackgroundFile) -> None:
    table, pk = file._meta.label_lower, str(file.pk)
    send = functools.partial(runner.wake, make_file, table, pk)
    transaction.on_commit(send, robust=True)
