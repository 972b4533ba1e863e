"""What a PDF does by itself, or lets a click do, beyond its own pages."""

import io
from collections.abc import Iterator

import pikepdf

from opus.lib.uploads.inspection import markup
from opus.lib.uploads.inspection.findings import Finding, Found, refuse_link
from opus.lib.uploads.inspection.swelling import refuse_swollen, spelt_out

ACTIONS = {
    "/JavaScript": Finding.SCRIPT,
    "/Launch": Finding.LAUNCHES,
    "/GoToR": Finding.LAUNCHES,
    "/GoToE": Finding.ATTACHED,
    "/SubmitForm": Finding.SENDS,
    "/ImportData": Finding.SENDS,
    "/Rendition": Finding.MEDIA,
    "/Movie": Finding.MEDIA,
    "/Sound": Finding.MEDIA,
    "/RichMediaExecute": Finding.MEDIA,
    "/GoTo3DView": Finding.MEDIA,
}
ANNOTATIONS = {
    "/RichMedia": Finding.MEDIA,
    "/3D": Finding.MEDIA,
    "/Movie": Finding.MEDIA,
    "/Sound": Finding.MEDIA,
    "/Screen": Finding.MEDIA,
    "/FileAttachment": Finding.ATTACHED,
}
NAMES_OF_FILE = ("/F", "/UF", "/DOS", "/Mac", "/Unix")
# Readers look for the end of a PDF in that many last bytes.
TAIL = 1024
# What qpdf repairs without losing or choosing an object; all else that it repairs is
# a place to hide one, and what it cannot unpack within our memory counts as nothing.
HARMLESS_REPAIRS = (
    *("file is damaged", "can't find startxref", "xref not found", "reconstruct"),
    *("lacks /Size", "one plus the highest object", "before xref"),
    *("Resources is missing", "MediaBox is undefined"),
    *("expected endobj", "expected endstream", "stream length", "may still be valid"),
)
RECONSTRUCTED = "reconstruct"
DOUBTFUL = (
    *(b"/JavaScript", b"/Launch", b"/SubmitForm", b"/ImportData", b"/GoToR", b"/GoToE"),
    *(b"/RichMedia", b"/EmbeddedFile", b"/ObjStm", b"/XFA"),
)


def inspect(content: bytes) -> None:
    """Raises Found."""
    refuse_second_file(content)
    try:
        with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise Found(Finding.LOCKED)
            if not len(pdf.pages):
                raise Found(Finding.BROKEN)
            for item in dictionaries(pdf):
                refuse_active(item)
            refuse_repairs([str(each) for each in pdf.get_warnings()], content)
            refuse_swollen(pdf)
    except pikepdf.PasswordError as error:
        raise Found(Finding.LOCKED) from error
    except (
        pikepdf.PdfError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        RuntimeError,
    ) as error:
        # What pikepdf raises on objects that are not what they should be; to decrypt
        # them it would need random numbers, which it cannot fetch.
        is_locked = b"/Encrypt" in spelt_out(content)
        raise Found(Finding.LOCKED if is_locked else Finding.BROKEN) from error


def refuse_second_file(content: bytes) -> None:
    """Refuse an archive or a program after the PDF's own end."""
    tail = content[content.rfind(b"%%EOF") + 5 :].strip(b"\0\t\r\n ")
    if len(tail) > TAIL or b"PK\x05\x06" in content[-66_000:]:
        raise Found(Finding.TWO_IN_ONE)


def dictionaries(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Yield each of the file, reachable or not, in object streams too."""
    waiting: list[pikepdf.Object] = [pdf.trailer, *pdf.objects]
    while waiting:
        item = waiting.pop()
        if isinstance(item, pikepdf.Array):
            children = list(item)
        elif isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)):
            yield item
            children = [child for _, child in item.items()]
        else:
            continue
        # What is indirect is among the objects already.
        waiting += [
            child
            for child in children
            if isinstance(child, (pikepdf.Array, pikepdf.Dictionary))
            and not child.is_indirect
        ]


def refuse_active(item: pikepdf.Object) -> None:
    """Refuse one action, annotation, attachment or form; names come unescaped."""
    keys = item.keys()
    if "/S" in keys and (found := ACTIONS.get(str(item["/S"]))):
        raise Found(found)
    if "/Subtype" in keys and (found := ANNOTATIONS.get(str(item["/Subtype"]))):
        raise Found(found)
    if "/JS" in keys and isinstance(item["/JS"], (pikepdf.String, pikepdf.Stream)):
        raise Found(Finding.SCRIPT)
    if "/XFA" in keys:
        raise Found(Finding.XFA)
    if "/OpenAction" in keys:
        refuse_automatic(item["/OpenAction"])
    if "/AA" in keys:
        for _, action in item["/AA"].items():
            refuse_automatic(action)
    if "/URI" in keys and isinstance(item["/URI"], pikepdf.String):
        refuse_link(str(item["/URI"]))
    if "/EF" in keys:
        refuse_attachment(item)
    # The content of this stream stands in another file.
    if isinstance(item, pikepdf.Stream) and "/F" in keys:
        raise Found(Finding.LAUNCHES)


def refuse_automatic(action: pikepdf.Object) -> None:
    """Refuse all but to show a page of this file."""
    if not isinstance(action, (pikepdf.Dictionary, pikepdf.Stream)):
        return
    kind = str(action.get("/S", ""))
    if kind != "/GoTo" or "/Next" in action:
        raise Found(ACTIONS.get(kind, Finding.AUTOMATIC))


def refuse_attachment(item: pikepdf.Object) -> None:
    """Refuse all but data in XML: each CV of Europass has its own attached."""
    names = [str(item[key]).lower() for key in NAMES_OF_FILE if key in item]
    if not names or not all(name.endswith(".xml") for name in names):
        raise Found(Finding.ATTACHED)
    for _, file in item["/EF"].items():
        try:
            markup.read(file.read_bytes(), markup.Reader(), is_data=True)
        except Found as error:
            raise Found(Finding.ATTACHED) from error


def refuse_repairs(repairs: list[str], content: bytes) -> None:
    """Of a damaged file, refuse what another reader may find and we did not."""
    for repair in repairs:
        if not any(words in repair for words in HARMLESS_REPAIRS):
            raise Found(Finding.BROKEN)
    if not any(RECONSTRUCTED in repair for repair in repairs):
        return
    plain = spelt_out(content)
    if b"/Encrypt" in plain:
        raise Found(Finding.LOCKED)
    if any(word in plain for word in DOUBTFUL):
        raise Found(Finding.BROKEN)
