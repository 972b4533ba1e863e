"""What a Word or OpenDocument text runs, fetches or carries beside its text."""

import dataclasses
import posixpath
import re
from collections.abc import Iterator

from opus.lib.uploads import findings
from opus.lib.uploads.findings import (
    Finding,
    Found,
    is_local,
    is_outside,
    refuse_link,
    spelt_out,
)

LIST = "[content_types].xml"
DOCUMENT = "wordprocessingml.document.main+xml"
# Of content types, whatever the parts are called.
TYPES = {
    "macroenabled": Finding.MACROS,
    "vbaproject": Finding.MACROS,
    "vbadata": Finding.MACROS,
    "activex": Finding.EMBEDDED,
    "oleobject": Finding.EMBEDDED,
}
# The last word of a relationship's type.
RELATIONSHIPS = {
    "vbaproject": Finding.MACROS,
    "wordvbadata": Finding.MACROS,
    "attachedtoolbars": Finding.MACROS,
    "extensibility": Finding.MACROS,
    "control": Finding.EMBEDDED,
    "activexcontrolbinary": Finding.EMBEDDED,
    "oleobject": Finding.EMBEDDED,
    "afchunk": Finding.EMBEDDED,
}
WORD_ELEMENTS = {
    "OLEObject": Finding.EMBEDDED,
    "control": Finding.EMBEDDED,
    "ocx": Finding.EMBEDDED,
    "altChunk": Finding.EMBEDDED,
    "subDoc": Finding.OUTSIDE,
    "ddeLink": Finding.DDE,
    "oleLink": Finding.OUTSIDE,
}
# The first word of a field: what may stand in a CV, of dates, numbers, texts and places
# of the document itself.
HARMLESS = {
    *("PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "NUMWORDS", "NUMCHARS"),
    *("DATE", "TIME", "CREATEDATE", "SAVEDATE", "PRINTDATE", "EDITTIME"),
    *("TOC", "TC", "INDEX", "XE", "REF", "PAGEREF", "NOTEREF", "STYLEREF", "SEQ"),
    *("AUTHOR", "LASTSAVEDBY", "TITLE", "SUBJECT", "KEYWORDS", "COMMENTS"),
    *("DOCPROPERTY", "FILENAME", "FILESIZE", "USERNAME", "USERINITIALS"),
    *("SYMBOL", "QUOTE", "ADVANCE", "LISTNUM", "AUTONUM", "AUTONUMLGL", "AUTONUMOUT"),
    *("FORMTEXT", "FORMCHECKBOX", "FORMDROPDOWN"),
}
# Harmless by their words: they take them as they stand, not computed by another field.
HYPERLINK, BUTTON, WORD_PICTURES = (
    "HYPERLINK",
    "MACROBUTTON",
    {"INCLUDEPICTURE", "IMPORT"},
)
# The click on a place to fill, in the templates of Word, does nothing.
NO_MACROS = {"NOMACRO", "DOFIELDCLICK"}
# All others are refused; of these we know why.
FIELDS = {
    "DDE": Finding.DDE,
    "DDEAUTO": Finding.DDE,
    "LINK": Finding.OUTSIDE,
    "INCLUDE": Finding.OUTSIDE,
    "INCLUDETEXT": Finding.OUTSIDE,
    "RD": Finding.OUTSIDE,
    "DATABASE": Finding.OUTSIDE,
    BUTTON: Finding.MACROS,
}
INSTRUCTIONS, WORDS = {"instrText", "delInstrText"}, {"t", "delText"}
# The sheet of a chart has charts of its own at most.
DEEPEST = 2


def is_word(parts: dict[str, bytes]) -> bool:
    return DOCUMENT in parts.get(LIST, b"").decode("utf-8", "replace").lower()


def inspect_word(parts: dict[str, bytes], depth: int = 0) -> None:
    """Raises Found."""
    kinds = Kinds()
    findings.read_xml(parts.get(LIST, b""), kinds)
    for name, content in parts.items():
        kind = kinds.of(name)
        for word, finding in TYPES.items():
            if word in kind:
                raise Found(finding)
        if content.startswith(findings.OLE):
            is_macros = name.endswith("vbaproject.bin")
            raise Found(Finding.MACROS if is_macros else Finding.EMBEDDED)
        if content.startswith(findings.ZIP):
            inspect_sheet(content, depth)
        elif name.endswith(".rels"):
            findings.read_xml(content, Relationships(name))
        elif content and (
            name.endswith((".xml", ".vml")) or findings.is_markup(content)
        ):
            text = Text()
            findings.read_xml(content, text, is_drawing=name.endswith(".svg"))
            text.close()


def inspect_sheet(content: bytes, depth: int) -> None:
    """The figures of a chart are a workbook: as harmless as the document, or refused.

    One that the text itself shows is an object: ``OLEObject``, refused above.
    """
    if depth == DEEPEST:
        raise Found(Finding.EMBEDDED)
    parts = findings.parts_of(content)
    if LIST not in parts:
        raise Found(Finding.EMBEDDED)
    inspect_word(parts, depth + 1)


class Kinds(findings.XmlReader):
    """The content type of each part."""

    def __init__(self) -> None:
        self.by_suffix: dict[str, str] = {}
        self.by_name: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        kind = attributes.get("ContentType", "").lower()
        if name == "Override":
            part = attributes.get("PartName", "").lstrip("/").lower()
            self.by_name[part] = kind
        elif name == "Default":
            self.by_suffix[attributes.get("Extension", "").lower()] = kind

    def of(self, name: str) -> str:
        suffix = posixpath.splitext(name)[1].lstrip(".")
        return self.by_name.get(name) or self.by_suffix.get(suffix, "")


class Relationships(findings.XmlReader):
    """What the parts point to, inside and outside."""

    def __init__(self, name: str) -> None:
        # Its figures are the only workbook that a chart has.
        self.is_of_chart = "/charts/_rels/" in f"/{name}"

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name != "Relationship":
            return
        kind = attributes.get("Type", "").rpartition("/")[2].strip().lower()
        target = attributes.get("Target", "")
        says_outside = attributes.get("TargetMode", "").strip().lower() == "external"
        if kind == "hyperlink":
            refuse_link(target)
            return
        if kind == "package" and not self.is_of_chart:
            raise Found(Finding.EMBEDDED)
        if finding := RELATIONSHIPS.get(kind):
            raise Found(finding)
        if kind == "attachedtemplate":
            # Word writes where the template stood on the author's own machine.
            if not is_local(target) and "/" in spelt_out(target):
                raise Found(Finding.TEMPLATE)
            return
        # A picture that was only on that machine is an empty frame here.
        is_lost = kind == "image" and not is_outside(target)
        if (says_outside and not is_lost) or is_outside(target):
            raise Found(Finding.OUTSIDE)


@dataclasses.dataclass
class Field:
    """An instruction while it is read, without and with what was deleted from it."""

    kept: str = ""
    whole: str = ""
    is_computed: bool = False

    def refuse(self) -> None:
        for instruction in (self.kept, self.whole):
            refuse_field(instruction, is_computed=self.is_computed)


class Text(findings.XmlReader):
    """A part's elements, and its fields, however many runs they are cut into."""

    def __init__(self) -> None:
        # Each open field; None once its result has begun.
        self.fields: list[Field | None] = []
        # The elements of words that are open.
        self.inside: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if finding := WORD_ELEMENTS.get(name):
            raise Found(finding)
        if is_outside(attributes.get("src", "")):
            raise Found(Finding.OUTSIDE)
        if name == "fldSimple":
            refuse_field(attributes.get("instr", ""))
        elif name == "fldChar":
            self.mark(attributes.get("fldCharType", ""))
        if name in INSTRUCTIONS | WORDS:
            self.inside.append(name)

    def end(self, name: str) -> None:
        if name in INSTRUCTIONS | WORDS:
            self.inside.pop()

    def text(self, words: str) -> None:
        if not self.inside:
            return
        field = self.fields[-1] if self.fields else None
        is_instruction = self.inside[-1] in INSTRUCTIONS
        if is_instruction and field is not None:
            field.whole += words
            field.kept += words if self.inside[-1] == "instrText" else ""
        # Where one stands without the other, each reader takes it as it likes.
        elif (is_instruction or field is not None) and words.strip():
            raise Found(Finding.FIELD)

    def mark(self, kind: str) -> None:
        if kind == "begin":
            if self.fields and (outer := self.fields[-1]) is not None:
                # Its name would be what this one computes.
                if not outer.whole.strip():
                    raise Found(Finding.DDE)
                outer.is_computed = True
            self.fields.append(Field())
        elif self.fields:
            if (field := self.fields[-1]) is not None:
                field.refuse()
                self.fields[-1] = None
            if kind == "end":
                self.fields.pop()

    def close(self) -> None:
        """Judge the fields without an end as well."""
        for field in self.fields:
            if field is not None:
                field.refuse()


def refuse_field(instruction: str, *, is_computed: bool = False) -> None:
    """Refuse all but those that only show something of the document itself."""
    name, *words = words_of(instruction) or [""]
    # A switch may follow it without a space.
    name, _, switch = name.upper().partition("\\")
    if name in HARMLESS or not (name or words or switch):
        return
    if not is_computed and not switch:
        if name == HYPERLINK:
            for word in words:
                refuse_link(word)
            return
        if name == BUTTON and words[:1] and words[0].upper() in NO_MACROS:
            return
        # One that was only on the author's machine is an empty frame here.
        if name in WORD_PICTURES and not any(map(is_outside, words)):
            return
    is_fetched = name in WORD_PICTURES
    raise Found(Finding.OUTSIDE if is_fetched else FIELDS.get(name, Finding.FIELD))


def words_of(instruction: str) -> list[str]:
    """Return the words of a field, quotes and doubled backslashes resolved."""
    found: Iterator[tuple[str, str]] = (
        (match[1], match[2])
        for match in re.finditer(r'["“”«]([^"“”»]*)["“”»]|([^\s"“”«»]+)', instruction)
    )
    words = [quoted or bare for quoted, bare in found]
    return [word.replace("\\\\", "\\") for word in words if word]


ODT_TYPE = b"application/vnd.oasis.opendocument.text"
MACRO_FOLDERS = ("basic/", "scripts/", "dialogs/")
ODT_ELEMENTS = {
    "event-listener": Finding.MACROS,
    "event": Finding.MACROS,
    "script": Finding.MACROS,
    "execute-macro": Finding.MACROS,
    "encryption-data": Finding.LOCKED,
    "encrypted-key": Finding.LOCKED,
    "object-ole": Finding.EMBEDDED,
    "applet": Finding.EMBEDDED,
    "plugin": Finding.EMBEDDED,
    "floating-frame": Finding.EMBEDDED,
    "submission": Finding.OUTSIDE,
    "dde-source": Finding.DDE,
    "dde-connection-decl": Finding.DDE,
    "dde-connection": Finding.DDE,
    "dde-link": Finding.DDE,
}
ODT_LINKS = {"a", "area-rectangle", "area-circle", "area-polygon"}
# One that was only on the author's machine is an empty frame here.
ODT_PICTURES = {"image", "background-image", "fill-image"}
OF_MACROS = ("vnd.sun.star.", "macro:")


def is_opendocument(content: bytes) -> bool:
    """Return whether it has the mark: a first part, at its place, not packed."""
    mark = b"mimetype" + ODT_TYPE
    return content[30 : 30 + len(mark)] == mark


def inspect_opendocument(parts: dict[str, bytes]) -> None:
    """Raises Found."""
    for name, content in parts.items():
        if name.startswith(MACRO_FOLDERS):
            raise Found(Finding.MACROS)
        if content.startswith((findings.OLE, findings.ZIP)):
            raise Found(Finding.EMBEDDED)
        if content and (name.endswith((".xml", ".rdf")) or findings.is_markup(content)):
            findings.read_xml(content, Elements(), is_drawing=name.endswith(".svg"))


class Elements(findings.XmlReader):
    def start(self, name: str, attributes: dict[str, str]) -> None:
        if finding := ODT_ELEMENTS.get(name):
            raise Found(finding)
        target = attributes.get("href", "")
        text = spelt_out(target)
        if text.startswith(OF_MACROS):
            raise Found(Finding.MACROS)
        if name in ODT_LINKS:
            refuse_link(target)
        elif name == "template":
            # LibreOffice writes where it stood on the author's own machine.
            if is_outside(target):
                raise Found(Finding.TEMPLATE)
        elif is_outside(target) or (
            name not in ODT_PICTURES
            and (text.startswith(("/", "../")) or is_local(target))
        ):
            raise Found(Finding.OUTSIDE)
