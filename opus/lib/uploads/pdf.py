"""What a PDF does by itself or by a click, beyond its pages, and how it swells."""

import contextlib
import io
import re
import zlib
from collections.abc import Iterator, Sequence

import pikepdf

from opus.lib.uploads import findings
from opus.lib.uploads.findings import MAX_UNPACKED, Finding, Found, refuse_link

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
            findings.read_xml(file.read_bytes(), findings.XmlReader(), is_data=True)
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


# Of all streams: a reader shows one page after the other.
MAX_OF_ALL = 3 * MAX_UNPACKED
# A sheet of A3 at 600 dots per inch has half of them.
MAX_PIXELS = 140_000_000
FLATE = {b"/FlateDecode", b"/Fl"}
# qpdf unpacks these: they grow less, and the memory of this process is bounded.
OTHERS = {
    *(b"/LZWDecode", b"/LZW", b"/RunLengthDecode", b"/RL"),
    *(b"/ASCII85Decode", b"/A85", b"/ASCIIHexDecode", b"/AHx"),
}
UNREADABLE = (pikepdf.PdfError, RuntimeError)
# A picture that stands in the page's own stream.
INLINE = re.compile(rb"\bBI\b([^\0]{1,500}?)\bID\s")
CHUNK = 1 << 16


def refuse_swollen(pdf: pikepdf.Pdf) -> None:
    """Raises Found."""
    whole = 0
    for item in pdf.objects:
        if isinstance(item, pikepdf.Stream):
            for weight in weights_of(item):
                whole += weight
                if whole > MAX_OF_ALL:
                    raise Found(Finding.SWOLLEN)


def weights_of(stream: pikepdf.Stream) -> Iterator[int]:
    """Yield the weight of a stream, and of each picture in it."""
    filters = stream.get("/Filter")
    names = filters if isinstance(filters, pikepdf.Array) else filter(None, [filters])
    content = stream.read_raw_bytes()
    weight, content = unpacked(content, [str(name).encode() for name in names])
    yield weight
    if "/Width" in stream and "/Height" in stream:
        refuse_pixels(str(stream["/Width"]), str(stream["/Height"]))
        return
    for picture in INLINE.finditer(content):
        words = re.findall(rb"/[^\s/<>\[\]()]+|\d+", spelt_out(picture[1]))
        sizes = dict(zip(words, words[1:], strict=False))
        width = sizes.get(b"/W") or sizes.get(b"/Width") or b""
        height = sizes.get(b"/H") or sizes.get(b"/Height") or b""
        if width.isdigit() and height.isdigit():
            refuse_pixels(width.decode(), height.decode())
        packed = memoryview(content)[picture.end() :]
        yield unpacked(packed, [word for word in words if word in FLATE | OTHERS])[0]


def refuse_pixels(width: str, height: str) -> None:
    if int(width) * int(height) > MAX_PIXELS:
        raise Found(Finding.SWOLLEN)


def unpacked(
    content: bytes | memoryview, filters: Sequence[bytes]
) -> tuple[int, bytes]:
    """Return the largest weight on the way, and the content if we can read it."""
    weight = len(content)
    for name in filters:
        if name not in FLATE | OTHERS:
            return weight, b""
        content = inflated(content) if name in FLATE else by_qpdf(content, name)
        weight = max(weight, len(content))
    return weight, bytes(content)


def inflated(content: bytes | memoryview) -> bytes:
    """Return what comes before an error, as a reader would show it."""
    stream, whole = zlib.decompressobj(), bytearray()
    with contextlib.suppress(zlib.error):
        while content and not stream.eof:
            whole += stream.decompress(content, CHUNK)
            refuse_heavy(whole)
            content = stream.unconsumed_tail
    return bytes(whole)


def by_qpdf(content: bytes | memoryview, name: bytes) -> bytes:
    """Return the longest, whenever the codes of LZW widen. Raises ValueError."""
    found = []
    for early in (1, 0):
        with pikepdf.new() as scratch, contextlib.suppress(*UNREADABLE):
            stream = scratch.make_stream(bytes(content))
            stream.Filter = pikepdf.Name(name.decode())
            if name in {b"/LZWDecode", b"/LZW"}:
                stream.DecodeParms = pikepdf.Dictionary(EarlyChange=early)
            found.append(stream.read_bytes(pikepdf.StreamDecodeLevel.specialized))
            refuse_heavy(found[-1])
    return max(found, key=len)


def refuse_heavy(content: bytes | bytearray) -> None:
    if len(content) > MAX_UNPACKED:
        raise Found(Finding.SWOLLEN)


def spelt_out(content: bytes) -> bytes:
    """Return it with the escapes of its names resolved."""
    return re.sub(
        rb"#([0-9A-Fa-f]{2})", lambda code: bytes([int(code[1], 16)]), content
    )
