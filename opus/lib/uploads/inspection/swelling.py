"""How much the streams of a PDF weigh once a reader has unpacked them.

zlib makes a thousand bytes of one, twice packed a million: it is unpacked here, within
a bound. Pictures of JPEG, fax and the like are a reader's own to unpack, as large as
they say.
"""

import contextlib
import re
import zlib
from collections.abc import Iterator, Sequence

import pikepdf

from opus.lib.uploads.inspection.archives import MAX_UNPACKED
from opus.lib.uploads.inspection.findings import Finding, Found

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
