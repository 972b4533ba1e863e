"""A photograph of a paper, made a PDF of one page within bounds (S31).

Only the pixels are kept: no place, device or date of the photograph.
"""

import io
import struct
import threading
import zlib
from typing import Any

from PIL import Image, ImageOps

from opus.lib.uploads.received import MAX_BYTES

JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
# What one request may hold, files included, is five megabytes.
MAX_PHOTO_BYTES = 4 * 1024 * 1024 + 512 * 1024
# A JPEG is decoded smaller at once; a PNG is whole in memory first.
MAX_PIXELS = {"JPEG": 50_000_000, "PNG": 20_000_000}
# Below it, a page cannot be read.
LEAST_SIDE = 800
# A progressive JPEG has ten: each costs a pass over all pixels.
MAX_SCANS = 40
SCAN, END = b"\xff\xda", b"\xff\xd9"
# A4 in inches; 200 points to the inch read well.
PAGE = (210 / 25.4, 297 / 25.4)
DENSITY = 200
QUALITIES = (80, 60, 40)
# One at a time in a process: its memory is that of one photograph.
ONE_AT_A_TIME = threading.Lock()

TOO_LARGE = (
    "Cette photo dépasse 4,5 Mo : prenez-la en qualité moyenne, ou numérisez le CV en "
    "PDF."
)
TOO_MANY_PIXELS = (
    "Cette image a trop de points pour être lue : prenez-la en qualité moyenne, ou "
    "numérisez le CV en PDF."
)
TOO_SMALL = (
    "Cette photo est trop petite pour être lue : photographiez la page entière, de "
    "près."
)
BROKEN = "Cette photo est abîmée ou incomplète : prenez-la ou copiez-la de nouveau."


class NotAPhoto(Exception):
    """``str(error)`` is the reason and the remedy."""


def to_pdf(content: bytes) -> bytes:
    """Return one page with the photo, upright. Raises NotAPhoto."""
    if len(content) > MAX_PHOTO_BYTES:
        raise NotAPhoto(TOO_LARGE)
    if content.startswith(JPEG):
        refuse_scans(content)
    with ONE_AT_A_TIME:
        try:
            return page_of(pixels_of(content))
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise NotAPhoto(TOO_MANY_PIXELS) from error
        except (
            OSError,
            SyntaxError,
            ValueError,
            ArithmeticError,
            LookupError,
            TypeError,
            struct.error,
            zlib.error,
        ) as error:
            # What Pillow raises on bytes that are no image, or half of one.
            raise NotAPhoto(BROKEN) from error


def refuse_scans(content: bytes) -> None:
    """Refuse too many scans, and one cut short: Pillow may be set to accept it."""
    if content.count(SCAN) > MAX_SCANS or content.rfind(END) < content.rfind(SCAN):
        raise NotAPhoto(BROKEN)


def pixels_of(content: bytes) -> Image.Image:
    """Return the pixels alone, upright, no larger than the page."""
    with opened(content) as image:
        refuse_size(image)
        image.verify()
    with opened(content) as image:
        image.draft("RGB", (largest(image.size), largest(image.size)))
        image.load()
        upright = ImageOps.exif_transpose(image)
        whole = flattened(upright)
    is_wide = whole.width > whole.height
    width, height = PAGE[::-1] if is_wide else PAGE
    whole.thumbnail((int(width * DENSITY), int(height * DENSITY)))
    return whole


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content), formats=("JPEG", "PNG"))


def refuse_size(image: Image.Image) -> None:
    # Some telephones write a JPEG of several pictures: the first counts.
    kind = "PNG" if image.format == "PNG" else "JPEG"
    if image.width * image.height > MAX_PIXELS[kind]:
        raise NotAPhoto(TOO_MANY_PIXELS)
    if max(image.size) < LEAST_SIDE:
        raise NotAPhoto(TOO_SMALL)


def largest(size: tuple[int, int]) -> int:
    """Return the longer side that the page has room for."""
    return min(max(size), int(PAGE[1] * DENSITY))


def flattened(image: Image.Image) -> Image.Image:
    """Return it on white, without anything but its pixels."""
    page = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        page.paste(layer, mask=layer)
    else:
        page.paste(image.convert("RGB"))
    return page


def page_of(image: Image.Image) -> bytes:
    """Return a PDF of one page, as large as A4 allows."""
    sides = PAGE[::-1] if image.width > image.height else PAGE
    density = max(image.width / sides[0], image.height / sides[1])
    # No dates: the same photo sent twice makes the same bytes.
    undated: dict[str, Any] = {"creationDate": None, "modDate": None}
    for quality in QUALITIES:
        out = io.BytesIO()
        image.save(out, "PDF", resolution=density, quality=quality, **undated)
        if out.tell() <= MAX_BYTES:
            return out.getvalue()
    raise NotAPhoto(TOO_LARGE)
