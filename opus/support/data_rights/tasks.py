"""Reminders of deadlines (R6, V12)."""

import datetime as dt

from celery import shared_task

from opus.lib import jobs
from opus.support.data_rights import emails
from opus.support.data_rights.models import RightsRequest


@shared_task
@jobs.exclusive("check-rights", every=dt.timedelta(hours=1))
def check_rights() -> None:
    """Remind of answers due within a week, then late (V12)."""
    for rights_request in RightsRequest.objects.near().select_related("agency"):
        step = "retard" if rights_request.is_late else "echeance"
        emails.post(
            emails.rights_due, rights_request, step=f"{step}:{rights_request.deadline}"
        )
