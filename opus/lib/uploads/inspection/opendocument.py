"""What an OpenDocument text runs, fetches or carries beside its text."""

from opus.lib.uploads.inspection import archives, markup
from opus.lib.uploads.inspection.findings import (
    Finding,
    Found,
    is_local,
    is_outside,
    refuse_link,
    spelt_out,
)

TYPE = b"application/vnd.oasis.opendocument.text"
MACROS = ("basic/", "scripts/", "dialogs/")
ELEMENTS = {
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
LINKS = {"a", "area-rectangle", "area-circle", "area-polygon"}
# One that was only on the author's machine is an empty frame here.
PICTURES = {"image", "background-image", "fill-image"}
OF_MACROS = ("vnd.sun.star.", "macro:")


def is_text(content: bytes) -> bool:
    """Return whether it has the mark: a first part, at its place, not packed."""
    mark = b"mimetype" + TYPE
    return content[30 : 30 + len(mark)] == mark


def inspect(parts: dict[str, bytes]) -> None:
    """Raises Found."""
    for name, content in parts.items():
        if name.startswith(MACROS):
            raise Found(Finding.MACROS)
        if content.startswith((archives.OLE, archives.ZIP)):
            raise Found(Finding.EMBEDDED)
        if content and (name.endswith((".xml", ".rdf")) or markup.is_markup(content)):
            markup.read(content, Elements(), is_drawing=name.endswith(".svg"))


class Elements(markup.Reader):
    def start(self, name: str, attributes: dict[str, str]) -> None:
        if finding := ELEMENTS.get(name):
            raise Found(finding)
        target = attributes.get("href", "")
        text = spelt_out(target)
        if text.startswith(OF_MACROS):
            raise Found(Finding.MACROS)
        if name in LINKS:
            refuse_link(target)
        elif name == "template":
            # LibreOffice writes where it stood on the author's own machine.
            if is_outside(target):
                raise Found(Finding.TEMPLATE)
        elif is_outside(target) or (
            name not in PICTURES and (text.startswith(("/", "../")) or is_local(target))
        ):
            raise Found(Finding.OUTSIDE)
