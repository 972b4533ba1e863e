"""How much the streams of a PDF weigh once a reader has unpacked them.

Counted without keeping them, whatever they are called: zlib makes a thousand bytes of
one, twice packed a million. Pictures of JPEG, fax and the like are a reader's own to
unpack, as large as they say.
"""

import base64
import re
import zlib
from collections.abc import Iterable, Sequence

import pikepdf

from opus.lib.uploads.inspection.archives import MAX_UNPACKED
from opus.lib.uploads.inspection.findings import Finding, Found

# Of all streams: a reader shows one page after the other.
MAX_OF_ALL = 3 * MAX_UNPACKED
# A sheet of A3 at 600 dots per inch has half of them.
MAX_PIXELS = 140_000_000
FLATE, LZW = {b"/FlateDecode", b"/Fl"}, {b"/LZWDecode", b"/LZW"}
RUNS = {b"/RunLengthDecode", b"/RL"}
BASE_85, HEXADECIMALS = {b"/ASCII85Decode", b"/A85"}, {b"/ASCIIHexDecode", b"/AHx"}
UNPACKED = FLATE | LZW | RUNS | BASE_85 | HEXADECIMALS
# A picture that stands in the page's own stream.
INLINE = re.compile(rb"\bBI\b([^\0]{1,500}?)\bID\s")
CHUNK = 1 << 16
LONGEST_RUN = 64
LZW_CODES, LZW_CLEAR, LZW_END = 4096, 256, 257


def refuse_swollen(pdf: pikepdf.Pdf) -> None:
    """Raises Found."""
    whole = 0
    for item in pdf.objects:
        if isinstance(item, pikepdf.Stream):
            whole += weight_of(item)
            if whole > MAX_OF_ALL:
                raise Found(Finding.SWOLLEN)


def weight_of(stream: pikepdf.Stream) -> int:
    is_picture = "/Width" in stream and "/Height" in stream
    if is_picture:
        refuse_pixels(stream["/Width"], stream["/Height"])
    filters = stream.get("/Filter")
    names = filters if isinstance(filters, pikepdf.Array) else filter(None, [filters])
    content = stream.read_raw_bytes()
    weight, content = unpacked(content, [str(name).encode() for name in names])
    return weight if is_picture else weight + weight_of_inline(content)


def refuse_pixels(width: object, height: object) -> None:
    if int(str(width)) * int(str(height)) > MAX_PIXELS:
        raise Found(Finding.SWOLLEN)


def weight_of_inline(content: bytes) -> int:
    """Return the weight of the pictures in a page's stream."""
    weight = 0
    for picture in INLINE.finditer(content):
        words = re.findall(rb"/[^\s/<>\[\]()]+|\d+", spelt_out(picture[1]))
        sizes = dict(zip(words, words[1:], strict=False))
        width, height = (
            sizes.get(short) or sizes.get(long) or b""
            for short, long in ((b"/W", b"/Width"), (b"/H", b"/Height"))
        )
        if width.isdigit() and height.isdigit():
            refuse_pixels(width.decode(), height.decode())
        filters = [word for word in words if word in UNPACKED]
        weight += unpacked(memoryview(content)[picture.end() :], filters)[0]
        if weight > MAX_OF_ALL:
            raise Found(Finding.SWOLLEN)
    return weight


def unpacked(
    content: bytes | memoryview, filters: Sequence[bytes]
) -> tuple[int, bytes]:
    """Return the largest weight on the way, and the content if zlib made it."""
    weight = len(content)
    for place, name in enumerate(filters):
        if name in FLATE:
            content = inflated(content)
        elif name in LZW | RUNS:
            # Packed once more than that, or into this and not to the end: a bomb.
            if UNPACKED.intersection(filters[place + 1 :]):
                raise Found(Finding.SWOLLEN)
            runs = LONGEST_RUN * len(content)
            return max(weight, lzw(content) if name in LZW else bounded(runs)), b""
        elif name in BASE_85:
            text = bytes(content).partition(b"~>")[0].strip()
            content = base64.a85decode(text.removeprefix(b"<~"))
        elif name in HEXADECIMALS:
            digits = re.sub(rb"\s", b"", bytes(content).partition(b">")[0]).decode()
            content = bytes.fromhex(digits + "0" * (len(digits) % 2))
        else:
            return weight, b""
        weight = max(weight, len(content))
    return weight, bytes(content)


def inflated(content: bytes | memoryview) -> bytes:
    """Return what comes before an error, as a reader would show it."""
    stream, whole = zlib.decompressobj(), bytearray()
    rest: bytes | memoryview = content
    try:
        while rest and not stream.eof:
            whole += stream.decompress(rest, CHUNK)
            bounded(len(whole))
            rest = stream.unconsumed_tail
    except zlib.error:
        pass
    return bytes(whole)


def bounded(weight: int) -> int:
    if weight > MAX_UNPACKED:
        raise Found(Finding.SWOLLEN)
    return weight


def lzw(content: bytes | memoryview) -> int:
    """Return the weight, whenever the width of the codes grows."""
    return max(sum_of_codes(content, early) for early in (0, 1))


def sum_of_codes(content: Iterable[int], early: int) -> int:
    """Return the sum of the codes' lengths, without writing them out."""
    lengths = [1] * LZW_CLEAR + [0, 0]
    whole = previous = bits = held = 0
    width = 9
    for byte in content:
        held, bits = held << 8 | byte, bits + 8
        if bits < width:
            continue
        bits -= width
        code, held = held >> bits, held & (1 << bits) - 1
        if code == LZW_END:
            break
        if code == LZW_CLEAR:
            del lengths[LZW_END + 1 :]
            previous, width = 0, 9
            continue
        if previous and len(lengths) < LZW_CODES:
            lengths.append(previous + 1)
        if code >= len(lengths):
            break
        previous = lengths[code]
        whole = bounded(whole + previous)
        width = min(12, max(9, (len(lengths) + early).bit_length()))
    return whole


def spelt_out(content: bytes) -> bytes:
    """Return it with the escapes of its names resolved."""
    return re.sub(
        rb"#([0-9A-Fa-f]{2})", lambda code: bytes([int(code[1], 16)]), content
    )
