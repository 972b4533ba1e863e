"""The copy that the worker makes (V13); the reminders of deadlines (R6, V12)."""

import datetime as dt

from celery import shared_task

from accounts.signin.models import TotpDevice
from opus.lib import exports, jobs
from opus.lib.background_files import NotAllowed
from opus.lib.privacy import subject_access
from opus.support.data_rights import emails
from opus.support.data_rights.models import PersonFile, RightsRequest


@exports.kind("person", slug="copie-de-donnees")
def make(file: PersonFile) -> bytes:
    """Return the copy, sealed: never stored in clear. Raises NotAllowed."""
    rights_request = file.request
    if not (rights_request.may_have_file and file.asked_by.is_active):
        raise NotAllowed
    # Under keys outside the database (S3).
    return TotpDevice.vault().encrypt(subject_access.make(rights_request.person))


@shared_task
@jobs.exclusive("check-rights", every=dt.timedelta(hours=1))
def check_rights() -> None:
    """Remind of answers due within a week, then late (V12)."""
    for rights_request in RightsRequest.objects.near().select_related("agency"):
        step = "retard" if rights_request.is_late else "echeance"
        emails.post(
            emails.rights_due, rights_request, step=f"{step}:{rights_request.deadline}"
        )
