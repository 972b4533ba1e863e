"""Why a file is refused, and what to do about it; which addresses a file may name."""

import re
from enum import StrEnum
from urllib.parse import unquote

PRINT_IT = "Imprimez-le en PDF, puis déposez cette copie."
SAVE_IT = "Enregistrez-le en PDF, puis déposez cette copie."
WITHOUT = "Enlevez cet élément, ou enregistrez le document en PDF."


class Finding(StrEnum):
    """Each with the sentence that a person reads."""

    UNKNOWN = "Ce fichier n’est ni un PDF, ni un document Word (.docx) ou OpenDocument."
    BROKEN = (
        "Ce document est abîmé ou incomplet : ouvrez-le, puis enregistrez-le de "
        "nouveau, ou en PDF."
    )
    TOO_COMPLEX = (
        "Ce document est trop complexe pour être vérifié. Imprimez-le ou "
        "enregistrez-le de nouveau en PDF, puis déposez cette copie."
    )
    TWO_IN_ONE = (
        "Ce fichier en contient un second, d’un autre format : ouvrez-le, puis "
        "enregistrez-le de nouveau, ou en PDF."
    )
    LOCKED = (
        "Ce document est chiffré ou protégé par un mot de passe : son destinataire ne "
        "pourrait pas toujours le lire. Enregistrez-le sans protection, ou "
        "imprimez-le en PDF."
    )
    LINK = (
        "Ce document contient un lien qui ouvre un programme ou un dossier d’un autre "
        "ordinateur. Enlevez ce lien : ceux vers un site ou une adresse de courriel "
        "conviennent."
    )
    # PDF.
    SCRIPT = f"Ce PDF contient un programme (JavaScript). {PRINT_IT}"
    AUTOMATIC = (
        "Ce PDF déclenche une action à son ouverture, à une page ou dans un champ. "
        f"{PRINT_IT}"
    )
    LAUNCHES = f"Ce PDF ouvre un programme ou un autre fichier. {PRINT_IT}"
    SENDS = f"Ce PDF est un formulaire qui envoie ou importe des données. {PRINT_IT}"
    MEDIA = f"Ce PDF contient un son, une vidéo ou un objet animé. {PRINT_IT}"
    ATTACHED = f"Un autre fichier est joint à ce PDF. {PRINT_IT}"
    XFA = f"Ce PDF est un formulaire dynamique (XFA). {PRINT_IT}"
    # Word, OpenDocument.
    MACROS = (
        "Ce document contient des macros. Enregistrez-le sans macro (.docx ou .odt), "
        "ou en PDF."
    )
    TEMPLATE = (
        "Ce document va chercher son modèle à une autre adresse en s’ouvrant. "
        f"{SAVE_IT}"
    )
    OUTSIDE = (
        "Ce document va chercher une image, un objet ou un texte à une autre adresse "
        "en s’ouvrant. Insérez-les dans le document, ou enregistrez-le en PDF."
    )
    EMBEDDED = (
        f"Ce document contient un objet ou un fichier d’un autre programme. {WITHOUT}"
    )
    DDE = (
        "Ce document contient un champ qui interroge un autre programme (DDE). "
        f"{WITHOUT}"
    )
    FIELD = (
        "Ce document contient un champ qui n’est ni une date, ni un numéro, ni un "
        "sommaire, ni un renvoi. Changez-le en texte (Ctrl+Maj+F9 dans Word), ou "
        "enregistrez le document en PDF."
    )
    SWOLLEN = f"Ce document est anormalement volumineux une fois ouvert. {SAVE_IT}"


class Found(Exception):
    """The file is refused."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.name)
        self.finding = finding


SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:")
# Of this machine: no reader's machine calls another one for it.
LOCAL = re.compile(r"(file:/{0,3})?[a-z][:|]/|file:///(?!/)|file://localhost/")
# A click on any other kind of link asks a browser or a mail program, which warn.
OF_PROGRAMS = re.compile(
    r"(javascript|vbscript|data|ms-[a-z-]+|search|search-ms|shell|mhtml|mk|res|jar|"
    r"ldaps?|hcp|vnd\.sun\.star\.[a-z]+|macro|slot|service|private):"
)


def spelt_out(address: str) -> str:
    """Return it in small letters, with / alone, without escapes or gaps."""
    for _ in range(3):
        address = unquote(address)
    return re.sub(r"[\x00-\x20\x7f-\xa0]", "", address).replace("\\", "/").lower()


def is_local(address: str) -> bool:
    return bool(LOCAL.match(spelt_out(address)))


def is_outside(address: str) -> bool:
    """Return whether to read it is to call another machine or program."""
    text = spelt_out(address)
    if LOCAL.match(text):
        return False
    return text.startswith("//") or bool(SCHEME.match(text))


def is_on_share(address: str) -> bool:
    text = spelt_out(address)
    return text.startswith(("//", "file:")) and not LOCAL.match(text)


def refuse_link(address: str) -> None:
    """Refuse one that starts a program, or signs in to a share, by one click."""
    if is_on_share(address) or OF_PROGRAMS.match(spelt_out(address)):
        raise Found(Finding.LINK)
