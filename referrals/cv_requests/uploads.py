"""Accepted CVs, detected by their bytes (S31).

A photo of a paper becomes a PDF of its pixels; another CV is kept as it came.
"""

import dataclasses

from django.http import HttpResponse

from accounts.users.models import User
from opus.lib.audit.journal import Action
from opus.lib.uploads import photos, received
from opus.lib.uploads.findings import Finding
from opus.lib.uploads.received import MAX_BYTES, TOO_LARGE
from referrals.candidates import access_log
from referrals.cv_requests.models import CvFile, CvFormat

CONTENT_TYPES = {
    CvFormat.PDF: "application/pdf",
    CvFormat.DOCX: "application/vnd.openxmlformats-officedocument"
    ".wordprocessingml.document",
    CvFormat.ODT: "application/vnd.oasis.opendocument.text",
}
# The first bytes of files sent by mistake, and the remedy.
MISTAKEN = (
    (
        b"\xd0\xcf\x11\xe0",
        "C’est un ancien document Word (.doc), ou un document protégé par un mot de "
        "passe : enregistrez-le en PDF, sans mot de passe, puis déposez-le.",
    ),
    (b"{\\rtf", "C’est un document RTF : enregistrez-le en PDF, puis déposez-le."),
)
UNKNOWN = (
    "Ce fichier n’est ni un PDF, ni une photo (JPEG, PNG), ni un document Word (.docx) "
    "ou OpenDocument (.odt) : enregistrez le CV dans l’un de ces formats."
)
# The photos and films of telephones begin so, whatever their name.
CONTAINER = b"ftyp"
HEIC = (
    "C’est une photo au format HEIC des iPhone, même si son nom finit par .jpg : "
    "faites-en une copie d’écran, ou enregistrez-la en JPEG ou en PDF."
)


class NotACv(Exception):
    """The message has the reason and the remedy."""


@dataclasses.dataclass(frozen=True)
class Cv:
    """The bytes of an accepted CV, and their format."""

    content: bytes
    format: CvFormat


def read(content: bytes) -> Cv:
    """Return the CV, with its format. Raises NotACv."""
    if content.startswith((photos.JPEG, photos.PNG)):
        try:
            return Cv(photos.to_pdf(content), CvFormat.PDF)
        except photos.NotAPhoto as error:
            raise NotACv(str(error)) from error
    if content[4:8] == CONTAINER:
        raise NotACv(HEIC)
    if len(content) > MAX_BYTES:
        raise NotACv(TOO_LARGE)
    for mark, sentence in MISTAKEN:
        if content.startswith(mark):
            raise NotACv(sentence)
    try:
        return Cv(content, CvFormat(received.check(content)))
    except received.Refused as error:
        is_unknown = str(error) == Finding.UNKNOWN
        raise NotACv(UNKNOWN if is_unknown else str(error)) from error


def download_of(file: CvFile, *, by: User) -> HttpResponse:
    """Return the CV, never inline (S31). Raises CeilingReached."""
    access_log.show(by, Action.DOCUMENT_READ, [file.cv_request.candidate], target=file)
    return HttpResponse(
        bytes(file.content or b""),
        content_type=CONTENT_TYPES[CvFormat(file.format)],
        headers={"Content-Disposition": f'attachment; filename="{file.filename}"'},
    )
