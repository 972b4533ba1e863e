"""An uploaded PDF, recognised by its bytes and never rendered."""

from django.core.files.uploadedfile import UploadedFile

MAX_BYTES = 2 * 1024 * 1024
TOO_LARGE = (
    "Ce fichier dépasse 2 Mo : enregistrez-le en PDF, ou numérisez-le en noir et blanc."
)
UNKNOWN = "Ce fichier n’est pas un PDF : enregistrez le document dans ce format."
CUT_SHORT = "Ce PDF est incomplet : sa copie s’est arrêtée en route. Recommencez-la."
LOCKED = (
    "Ce PDF est protégé par un mot de passe : son destinataire ne pourrait pas le "
    "lire. Enregistrez-le sans protection."
)


class NotAPdf(Exception):
    """``str(error)`` is the reason and the remedy."""


def read(file: UploadedFile) -> bytes:
    """Return the bytes, or raise NotAPdf."""
    if (file.size or 0) > MAX_BYTES:
        raise NotAPdf(TOO_LARGE)
    content = file.read()
    check(content)
    return content


def check(content: bytes) -> None:
    """Raise NotAPdf if no PDF, cut short or locked."""
    if not content.startswith(b"%PDF-"):
        raise NotAPdf(UNKNOWN)
    if b"%%EOF" not in content:
        raise NotAPdf(CUT_SHORT)
    # In the trailer, or in the dictionary of the stream that replaces it.
    if b"/Encrypt " in content or b"/Encrypt\n" in content:
        raise NotAPdf(LOCKED)
