"""Work after the answer: copies of data, deadlines (R6, V12, V13)."""

import datetime as dt

from celery import shared_task

from opus.desk.models import PersonFile, RightsRequest
from opus.desk.rights import emails
from opus.desk.rights import files as files  # The worker knows its kind of file.
from opus.lib import exports, jobs, making
from opus.lib.printing import SWEEP_EVERY


@shared_task(soft_time_limit=40, time_limit=45)
def make_person_file(file_pk: str) -> None:
    """Make one copy, if it still waits."""
    file = PersonFile.take(file_pk)
    if file:
        exports.make(file)


@shared_task(expires=SWEEP_EVERY)
def make_waiting_person_files() -> None:
    """Find the copies that no worker was told of, or whose worker died (R6, R7)."""
    for pk in making.due(PersonFile):
        make_person_file.delay(pk)


@shared_task
@jobs.alone("watch-rights", every=dt.timedelta(hours=1))
def watch_rights() -> None:
    """Tell of the answers that are due within a week, then late, once each (V12); let
    go the copies whose week is over (V13).
    """
    for asked in RightsRequest.objects.near().select_related("agency"):
        step = "retard" if asked.is_late else "echeance"
        emails.post(emails.rights_due, asked, step=f"{step}:{asked.deadline}")
    making.purge(PersonFile)
