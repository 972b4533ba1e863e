"""Accepted CVs, detected by their bytes (domain 5.4, S31).

Nothing is unpacked or rendered: only an archive's list of parts is read. A photo of a
paper alone is decoded, and becomes a PDF.
"""

import dataclasses
import io
import struct
import zipfile

from opus.lib.uploads import pdf_files, photos
from opus.lib.uploads.pdf_files import MAX_BYTES, TOO_LARGE
from referrals.cv_requests.models import CvFormat

# Limits of the declared unpacked size. The readers open the CV with their own tools:
# an archive that may exhaust them is refused.
MAX_UNPACKED = 100 * 1024 * 1024
MAX_PARTS = 2_000

CONTENT_TYPES = {
    CvFormat.PDF: "application/pdf",
    CvFormat.DOCX: "application/vnd.openxmlformats-officedocument"
    ".wordprocessingml.document",
    CvFormat.ODT: "application/vnd.oasis.opendocument.text",
}
ODT_MARK = b"mimetype" + CONTENT_TYPES[CvFormat.ODT].encode()
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
BROKEN = "Ce document est abîmé : enregistrez-le de nouveau, ou en PDF."
ACTIVE = "Ce document contient des macros : enregistrez-le en PDF, puis déposez-le."
SWOLLEN = (
    "Ce document est anormalement volumineux une fois ouvert : enregistrez-le en PDF, "
    "puis déposez-le."
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
    if photos.is_photo(content):
        return _photo(content)
    if content[4:8] == CONTAINER:
        raise NotACv(HEIC)
    if len(content) > MAX_BYTES:
        raise NotACv(TOO_LARGE)
    if content.startswith(b"%PDF-"):
        return _pdf(content)
    if content.startswith(b"PK\x03\x04"):
        return _archive(content)
    for mark, sentence in MISTAKEN:
        if content.startswith(mark):
            raise NotACv(sentence)
    raise NotACv(UNKNOWN)


def _photo(content: bytes) -> Cv:
    try:
        return Cv(photos.to_pdf(content), CvFormat.PDF)
    except photos.NotAPhoto as error:
        raise NotACv(str(error)) from error


def _pdf(content: bytes) -> Cv:
    try:
        pdf_files.check(content)
    except pdf_files.NotAPdf as error:
        raise NotACv(str(error)) from error
    return Cv(content, CvFormat.PDF)


def _archive(content: bytes) -> Cv:
    parts = _parts_of(content)
    names = {part.filename for part in parts}
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise NotACv(SWOLLEN)
    # OpenDocument's own mark: the first part, stored as it is, at a fixed place.
    if content[30 : 30 + len(ODT_MARK)] == ODT_MARK:
        if any(name.startswith(("Basic/", "Scripts/")) for name in names):
            raise NotACv(ACTIVE)
        return Cv(content, CvFormat.ODT)
    if {"[Content_Types].xml", "word/document.xml"} <= names:
        if any(name.endswith("vbaProject.bin") for name in names):
            raise NotACv(ACTIVE)
        return Cv(content, CvFormat.DOCX)
    raise NotACv(UNKNOWN)


def _parts_of(content: bytes) -> list[zipfile.ZipInfo]:
    """Return the archive's list of parts, without unpacking."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.infolist()
    except (
        zipfile.BadZipFile,
        struct.error,
        ValueError,
        NotImplementedError,
        OverflowError,
        OSError,
    ) as error:
        raise NotACv(BROKEN) from error
