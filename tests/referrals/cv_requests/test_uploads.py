"""What a CV may be: told by its bytes; a photo alone is decoded (S31)."""

import contextlib
import io
import struct
import subprocess
import sys
import zlib

import pikepdf
import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFile

from opus.lib.uploads import photos, received
from opus.lib.uploads.findings import Finding
from referrals.cv_requests import uploads
from referrals.cv_requests.models import CvFormat
from referrals.cv_requests.uploads import MAX_BYTES, NotACv, read
from tests.lib.uploads.files import ODT_TYPE, PDF, archive, odt
from tests.referrals.cv_factories import photo

PICTURES = (photo(size=(800, 8)), photo("PNG", (800, 8)))


def swollen(side):
    """A PNG of a few bytes that says it is that large."""
    header = b"IHDR" + struct.pack(">LLBBBBB", side, side, 8, 2, 0, 0, 0)
    whole = photo("PNG")
    return whole[:12] + header + struct.pack(">L", zlib.crc32(header)) + whole[33:]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", uploads.UNKNOWN),
        (b"MZ\x90\x00", uploads.UNKNOWN),
        (b"<html><script>alert(1)</script>%PDF-1.7 %%EOF", uploads.UNKNOWN),
        (b"%PDF-1.7 cut", Finding.BROKEN),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ancien document Word"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1", "HEIC"),
        (b"\0\0\0\x1cftypavif", "HEIC"),
        (b"RIFF\0\0\0\0WEBPVP8 ", uploads.UNKNOWN),
        (b"{\\rtf1 cv}", "C’est un document RTF"),
        (b"PK\x03\x04 and nothing more", Finding.BROKEN),
        (archive({"lisez-moi.txt": b"rien"}), uploads.UNKNOWN),
        (archive({"xl/workbook.xml": b"<x/>"}), uploads.UNKNOWN),
        (archive({"a": b"", "mimetype": ODT_TYPE.encode()}), uploads.UNKNOWN),
        (odt(**{"Basic/Standard/Module1.xml": b"<macro/>"}), Finding.MACROS),
        (PDF + b"\0" * MAX_BYTES, received.TOO_LARGE),
        (photos.JPEG, photos.BROKEN),
        (photos.PNG, photos.BROKEN),
        (photo()[:-400], photos.BROKEN),
        (photo("PNG")[:-60], photos.BROKEN),
        (photo("PNG").replace(b"IDAT", b"IDAZ"), photos.BROKEN),
        (photo() + photos.SCAN * 50, photos.BROKEN),
        (photo(size=(600, 790)), photos.TOO_SMALL),
        (photo() + b"\0" * photos.MAX_PHOTO_BYTES, photos.TOO_LARGE),
        # Sixty kilobytes that would be eighty megabytes of pixels, and more.
        (photo("PNG", (5_000, 4_100), mode="1", colour=1), photos.TOO_MANY_PIXELS),
        *(
            (swollen(side), photos.TOO_MANY_PIXELS)
            for side in (9_000, 11_000, 60_000, 2**31 - 1)
        ),
    ],
)
def test_anything_else_is_refused_in_a_sentence(content, sentence, monkeypatch):
    # As the printer sets it where it was loaded.
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(NotACv) as refusal:
        read(content)

    assert sentence in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_the_largest_that_is_accepted_weighs_two_megabytes():
    read(PDF + b"\0" * (MAX_BYTES - len(PDF)))


def picture_of(pdf):
    """The one picture of a page of A4 at most."""
    with pikepdf.open(io.BytesIO(pdf)) as file:
        assert not file.docinfo
        (page,) = file.pages
        sides = sorted(float(side) / 72 * 25.4 for side in page.mediabox[2:])
        assert sides[0] <= 210.1
        assert sides[1] <= 297.1
        ((_, raw),) = page.get_images().items()
        return pikepdf.PdfImage(raw).as_pil_image().convert("RGB")


def test_a_photo_becomes_an_upright_page_of_its_pixels_alone():
    """S31, V16: neither its place, its device, its words nor its date."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Appareil de Karim"
    exif.get_ifd(0x8825)[1] = "N"
    lying = photo(size=(4_000, 3_000), exif=exif, comment=b"Karim Benali")

    cv = read(lying)

    assert cv.format == CvFormat.PDF
    for trace in (b"Exif", b"Appareil", b"Karim", b"CreationDate"):
        assert trace not in cv.content
    picture = picture_of(cv.content)
    assert picture.width < picture.height
    # A quarter turn to the right: the red corner is now at the upper right.
    red, green, _ = picture.getpixel((picture.width - 9, 9))
    assert red > 200 > 100 > green
    assert min(picture.getpixel((9, 9))) > 190
    assert read(lying) == cv


@pytest.mark.parametrize(
    ("mode", "colour"),
    [("RGBA", (0, 0, 0, 0)), ("LA", (0, 0)), ("P", 0), ("1", 1), ("I;16", 65_535)],
)
def test_an_image_without_ground_is_on_white(mode, colour):
    image = Image.new(mode, (900, 1_200), colour)
    if mode == "P":
        image.putpalette([255, 255, 255] * 256)
    out = io.BytesIO()
    image.save(out, "PNG")

    assert min(picture_of(read(out.getvalue()).content).getpixel((400, 400))) > 250


@pytest.mark.thorough
def test_the_largest_photos_are_decoded_within_bounds():
    """S31: less memory than a worker may have, each within a few seconds."""
    code = """
import resource, sys
from opus.lib.uploads import photos
limit = 420 * 1024 * 1024
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
print(photos.to_pdf(sys.stdin.buffer.read())[:5])
"""
    largest = [
        photo(size=(8_160, 6_120), quality=60, subsampling=0),
        photo(size=(8_160, 6_120), quality=60, subsampling=0, progressive=True),
        photo("PNG", (5_000, 4_000), mode="RGBA"),
    ]
    for content in largest:
        done = subprocess.run(
            [sys.executable, "-c", code],
            input=content,
            capture_output=True,
            timeout=30,
            cwd=settings.BASE_DIR,
            check=False,
        )
        assert done.stdout == b"b'%PDF-'\n", done.stderr[-500:]


@given(st.binary(max_size=300), st.integers(0, 400), st.binary(max_size=8))
def test_no_bytes_break_the_reading(noise, at, patch):
    """Whatever comes: a CV or a sentence, never a breakdown."""
    pictures = [
        some[:at] + patch + some[at + len(patch) :] + noise for some in PICTURES
    ]
    for content in (noise, photos.JPEG + noise, photos.PNG + noise, *pictures):
        with contextlib.suppress(NotACv):
            assert read(content).format in CvFormat
