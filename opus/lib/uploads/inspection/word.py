"""What a Word document runs, fetches or carries beside its text (OOXML)."""

import posixpath
import re
from collections.abc import Iterator

from opus.lib.uploads.inspection import archives, markup
from opus.lib.uploads.inspection.findings import (
    Finding,
    Found,
    is_local,
    is_on_share,
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
ELEMENTS = {
    "OLEObject": Finding.EMBEDDED,
    "control": Finding.EMBEDDED,
    "ocx": Finding.EMBEDDED,
    "altChunk": Finding.EMBEDDED,
    "subDoc": Finding.OUTSIDE,
    "ddeLink": Finding.DDE,
    "oleLink": Finding.OUTSIDE,
}
# The first word of a field.
FIELDS = {
    "DDE": Finding.DDE,
    "DDEAUTO": Finding.DDE,
    "LINK": Finding.OUTSIDE,
    "INCLUDE": Finding.OUTSIDE,
    "INCLUDETEXT": Finding.OUTSIDE,
    "RD": Finding.OUTSIDE,
    "DATABASE": Finding.OUTSIDE,
}
PICTURES = {"INCLUDEPICTURE", "IMPORT"}
# The sheet of a chart has charts of its own at most.
DEEPEST = 2


def is_word(parts: dict[str, bytes]) -> bool:
    return DOCUMENT in parts.get(LIST, b"").decode("utf-8", "replace").lower()


def inspect(parts: dict[str, bytes], depth: int = 0) -> None:
    """Raises Found."""
    kinds = Kinds()
    markup.read(parts.get(LIST, b""), kinds)
    for name, content in parts.items():
        kind = kinds.of(name)
        for word, finding in TYPES.items():
            if word in kind:
                raise Found(finding)
        if content.startswith(archives.OLE):
            is_macros = name.endswith("vbaproject.bin")
            raise Found(Finding.MACROS if is_macros else Finding.EMBEDDED)
        if content.startswith(archives.ZIP):
            inspect_sheet(content, depth)
        elif name.endswith(".rels"):
            markup.read(content, Relationships(name))
        elif content and (name.endswith((".xml", ".vml")) or markup.is_markup(content)):
            text = Text()
            markup.read(content, text, is_drawing=name.endswith(".svg"))
            text.close()


def inspect_sheet(content: bytes, depth: int) -> None:
    """The figures of a chart are a workbook: as harmless as the document, or refused.

    One that the text itself shows is an object: ``OLEObject``, refused above.
    """
    if depth == DEEPEST:
        raise Found(Finding.EMBEDDED)
    parts = archives.parts_of(content)
    if LIST not in parts:
        raise Found(Finding.EMBEDDED)
    inspect(parts, depth + 1)


class Kinds(markup.Reader):
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


class Relationships(markup.Reader):
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


class Text(markup.Reader):
    """A part's elements, and its fields, however many runs they are cut into."""

    def __init__(self) -> None:
        # Of each open field its instruction; None once its result has begun.
        self.fields: list[list[str] | None] = []
        self.is_words = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if finding := ELEMENTS.get(name):
            raise Found(finding)
        if is_outside(attributes.get("src", "")):
            raise Found(Finding.OUTSIDE)
        if name == "fldSimple":
            refuse_field(attributes.get("instr", ""))
        elif name == "fldChar":
            self.mark(attributes.get("fldCharType", ""))
        self.is_words = name in {"instrText", "delInstrText", "t", "delText"}

    def end(self, name: str) -> None:
        self.is_words = False

    def text(self, words: str) -> None:
        if self.is_words and self.fields and (field := self.fields[-1]) is not None:
            field.append(words)

    def mark(self, kind: str) -> None:
        if kind == "begin":
            # Its outer field's name would be what this one computes.
            outer = self.fields[-1] if self.fields else None
            if outer is not None and not "".join(outer).strip():
                raise Found(Finding.DDE)
            self.fields.append([])
        elif self.fields:
            field = self.fields[-1]
            if field is not None:
                refuse_field("".join(field))
                self.fields[-1] = None
            if kind == "end":
                self.fields.pop()

    def close(self) -> None:
        """Judge the fields without an end as well."""
        for field in self.fields:
            refuse_field("".join(field or ()))


def refuse_field(instruction: str) -> None:
    name, *words = words_of(instruction) or [""]
    if finding := FIELDS.get(name.upper()):
        raise Found(finding)
    # A picture of a site comes when one asks for it; a share signs in by itself.
    if name.upper() in PICTURES and any(map(is_on_share, words)):
        raise Found(Finding.OUTSIDE)
    if name.upper() == "HYPERLINK" and words:
        refuse_link(words[0])


def words_of(instruction: str) -> list[str]:
    """Return the words of a field, quotes and doubled backslashes resolved."""
    found: Iterator[tuple[str, str]] = (
        (match[1], match[2])
        for match in re.finditer(r'["“”«]([^"“”»]*)["“”»]|([^\s"“”«»]+)', instruction)
    )
    words = [quoted or bare for quoted, bare in found]
    return [word.replace("\\\\", "\\") for word in words if word]
