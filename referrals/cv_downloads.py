"""A CV that leaves Opus: counted and told like any sight of a person (S25, S38)."""

from django.http import HttpResponse

from accounts.models import User
from opus.lib.audit import Action
from referrals import sightings
from referrals.cv_uploads import CONTENT_TYPES
from referrals.models import CvFile, CvFormat


def download_of(file: CvFile, *, by: User) -> HttpResponse:
    """The CV as it came, to be kept by the browser and never shown in a page (S31).

    Raises:
        CeilingReached: the account has seen too many different persons this hour.
    """
    sightings.show(by, Action.DOCUMENT_READ, [file.cv_request.candidate], target=file)
    return HttpResponse(
        bytes(file.content or b""),
        content_type=CONTENT_TYPES[CvFormat(file.format)],
        headers={"Content-Disposition": f'attachment; filename="{file.filename}"'},
    )
