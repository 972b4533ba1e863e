"""Why a file is refused; how archives and XML of a stranger are read, within bounds."""

import io
import re
import struct
import zipfile
import zlib
from enum import StrEnum
from urllib.parse import unquote
from xml.parsers import expat

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


def refuse_link(address: str) -> None:
    """Refuse one that starts a program, or signs in to a share, by one click."""
    text = spelt_out(address)
    is_on_share = text.startswith(("//", "file:")) and not LOCAL.match(text)
    if is_on_share or OF_PROGRAMS.match(text):
        raise Found(Finding.LINK)


# The readers open the file with their own tools: what may exhaust them is refused.
MAX_UNPACKED = 100 * 1024 * 1024
MAX_PARTS = 2_000
HEADER = struct.Struct("<4s22xHH")
IS_ENCRYPTED, IS_UTF8 = 0x1, 0x800
OLE = b"\xd0\xcf\x11\xe0"
ZIP = b"PK\x03\x04"


def parts_of(content: bytes) -> dict[str, bytes]:
    """Return each part by its name in small letters. Raises Found."""
    entries = entries_of(content)
    if len(entries) > MAX_PARTS or sum(e.file_size for e in entries) > MAX_UNPACKED:
        raise Found(Finding.SWOLLEN)
    if any(entry.flag_bits & IS_ENCRYPTED for entry in entries):
        raise Found(Finding.LOCKED)
    parts = {
        entry.filename.replace("\\", "/").lstrip("/").lower(): unpacked(content, entry)
        for entry in entries
    }
    # Of two with one name, each reader opens the one that it likes.
    if len(parts) != len(entries):
        raise Found(Finding.BROKEN)
    return parts


def entries_of(content: bytes) -> list[zipfile.ZipInfo]:
    """Return the archive's own list, if the archive is all of the file."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            comment = archive.comment
    except (
        zipfile.BadZipFile,
        struct.error,
        ValueError,
        NotImplementedError,
        OverflowError,
        OSError,
    ) as error:
        raise Found(Finding.BROKEN) from error
    # A reader of PDF looks for its own beginning in the first kilobyte.
    is_after = min((entry.header_offset for entry in entries), default=0) > 0
    if comment or is_after or b"%PDF-" in content[:1024]:
        raise Found(Finding.TWO_IN_ONE)
    return entries


def unpacked(content: bytes, entry: zipfile.ZipInfo) -> bytes:
    """Return one part, exactly as long as the list says."""
    begin = entry.header_offset
    header = content[begin : begin + HEADER.size]
    if len(header) < HEADER.size or not header.startswith(ZIP):
        raise Found(Finding.BROKEN)
    _, name_length, extra_length = HEADER.unpack(header)
    begin += HEADER.size + name_length
    name = entry.orig_filename.encode("utf-8" if entry.flag_bits & IS_UTF8 else "cp437")
    if content[begin - name_length : begin] != name:
        raise Found(Finding.BROKEN)
    begin += extra_length
    packed = content[begin : begin + entry.compress_size]
    whole, is_whole = packed, True
    if entry.compress_type == zipfile.ZIP_DEFLATED:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            whole = stream.decompress(packed, entry.file_size + 1)
        except zlib.error as error:
            raise Found(Finding.BROKEN) from error
        is_whole = stream.eof or entry.file_size == 0
    elif entry.compress_type != zipfile.ZIP_STORED:
        raise Found(Finding.BROKEN)
    if len(whole) > entry.file_size:
        raise Found(Finding.SWOLLEN)
    if not is_whole or zlib.crc32(whole) != entry.CRC:
        raise Found(Finding.BROKEN)
    return whole


# Of two with one local name, we would judge one, and a program might obey the other.
JUDGED = {
    *("instr", "fldCharType", "src", "href"),
    *("Type", "Target", "TargetMode", "ContentType", "PartName", "Extension"),
}


class XmlReader:
    """Reads nothing; subclasses read the parts that count."""

    def start(self, name: str, attributes: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, words: str) -> None: ...


def read_xml(
    content: bytes,
    reader: XmlReader,
    *,
    is_data: bool = False,
    is_drawing: bool = False,
) -> None:
    """Walk the elements by their local names. Raises Found.

    ``is_data``: it will be opened by itself, so no stylesheet may turn it into a page.
    ``is_drawing``: it may name the DTD of SVG, which nobody fetches, without entities.
    """
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, attributes: dict[str, str]) -> None:
        if is_data and "http://www.w3.org/" in name:
            raise Found(Finding.ATTACHED)
        values: dict[str, str] = {}
        for key, value in attributes.items():
            if local_name(key) in JUDGED & values.keys():
                raise Found(Finding.BROKEN)
            values[local_name(key)] = value
        reader.start(local_name(name), values)

    def end(name: str) -> None:
        reader.end(local_name(name))

    def doctype(name: str, system: object, public: object, has_entities: bool) -> None:
        if has_entities or not is_drawing:
            raise Found(Finding.BROKEN)

    def instruction(target: str, _: str) -> None:
        if is_data and target.lower() == "xml-stylesheet":
            raise Found(Finding.ATTACHED)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = doctype
    parser.ProcessingInstructionHandler = instruction
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise Found(Finding.BROKEN) from error


def local_name(name: str) -> str:
    return name.rpartition(" ")[2]


def is_markup(content: bytes) -> bool:
    """Return whether it begins as XML does, in one of its encodings."""
    return content.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0").startswith(b"<")
