"""CV downloads, counted and logged (S25, S38)."""

from django.http import HttpResponse

from accounts.users.models.users import User
from opus.lib.audit.journal import Action
from referrals.candidates import access_log
from referrals.cv_requests.models import CvFile, CvFormat
from referrals.cv_requests.uploads import CONTENT_TYPES


def download_of(file: CvFile, *, by: User) -> HttpResponse:
    """Return the CV, never inline (S31). Raises CeilingReached."""
    access_log.show(by, Action.DOCUMENT_READ, [file.cv_request.candidate], target=file)
    return HttpResponse(
        bytes(file.content or b""),
        content_type=CONTENT_TYPES[CvFormat(file.format)],
        headers={"Content-Disposition": f'attachment; filename="{file.filename}"'},
    )
