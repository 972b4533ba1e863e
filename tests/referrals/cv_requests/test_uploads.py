"""What a CV may be: told by its bytes, never opened (domain 5.4, S31)."""

import contextlib
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opus.lib.uploads import pdf_files
from referrals.cv_requests import uploads
from referrals.cv_requests.models import CvFormat
from referrals.cv_requests.uploads import MAX_BYTES, NotACv, read
from tests.referrals.cv_factories import ODT_TYPE, PDF, archive, docx, odt


@pytest.mark.parametrize(
    ("content", "kind"),
    [(PDF, CvFormat.PDF), (docx(), CvFormat.DOCX), (odt(), CvFormat.ODT)],
    ids=["pdf", "docx", "odt"],
)
def test_the_three_formats_are_told_by_their_bytes(content, kind):
    cv = read(content)

    assert (cv.format, cv.content) == (kind, content)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", uploads.UNKNOWN),
        (b"MZ\x90\x00", uploads.UNKNOWN),
        (b"<html><script>alert(1)</script>%PDF-1.7 %%EOF", uploads.UNKNOWN),
        (b"%PDF-1.7 cut", pdf_files.CUT_SHORT),
        (b"%PDF-1.7\ntrailer << /Encrypt 5 0 R >>\n%%EOF", pdf_files.LOCKED),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ancien document Word"),
        (b"\xff\xd8\xff\xe0photo", "C’est une photo"),
        (b"\x89PNG\r\n", "C’est une image"),
        (b"{\\rtf1 cv}", "C’est un document RTF"),
        (b"PK\x03\x04 and nothing more", uploads.BROKEN),
        (docx()[:-30], uploads.BROKEN),
        (archive({"lisez-moi.txt": b"rien"}), uploads.UNKNOWN),
        (archive({"xl/workbook.xml": b"<x/>"}), uploads.UNKNOWN),
        (archive({"a": b"", "mimetype": ODT_TYPE.encode()}), uploads.UNKNOWN),
        (docx(**{"word/vbaProject.bin": b"macro"}), uploads.ACTIVE),
        (odt(**{"Basic/Standard/Module1.xml": b"macro"}), uploads.ACTIVE),
        (PDF + b"\0" * MAX_BYTES, pdf_files.TOO_LARGE),
    ],
)
def test_anything_else_is_refused_in_a_sentence(content, sentence):
    with pytest.raises(NotACv) as refusal:
        read(content)

    assert sentence in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_the_largest_that_is_accepted_weighs_two_megabytes():
    read(PDF + b"\0" * (MAX_BYTES - len(PDF)))


def test_nothing_of_an_archive_is_unpacked(monkeypatch):
    """S31: the bytes of its parts are never read, however small they look."""
    contents = [docx(), odt()]

    def refuse(*args, **kwargs):
        raise AssertionError("a part was opened")

    monkeypatch.setattr(zipfile.ZipFile, "open", refuse)
    monkeypatch.setattr(zipfile.ZipFile, "read", refuse)

    assert [read(content).format for content in contents] == ["docx", "odt"]


def test_one_that_swells_is_not_passed_on():
    """A few kilobytes that would weigh a hundred megabytes in a reader's memory."""
    parts = {
        "[Content_Types].xml": b"<Types/>",
        "word/document.xml": b"\0" * (uploads.MAX_UNPACKED + 1),
    }
    bomb = archive(parts, packed=True)
    assert len(bomb) < MAX_BYTES

    with pytest.raises(NotACv, match="anormalement volumineux"):
        read(bomb)


def test_one_of_countless_parts_is_not_passed_on():
    parts = {"[Content_Types].xml": b"", "word/document.xml": b""}
    parts |= {f"word/{n}": b"" for n in range(uploads.MAX_PARTS)}

    with pytest.raises(NotACv, match="anormalement volumineux"):
        read(archive(parts))


@given(st.binary(max_size=300), st.integers(0, 400), st.binary(max_size=8))
def test_no_bytes_break_the_reading(noise, at, patch):
    """Whatever comes: a CV or a sentence, never a breakdown."""
    whole = docx()
    patched = whole[:at] + patch + whole[at + len(patch) :]
    crafted = b"PK\x03\x04" + noise + b"PK\x05\x06" + noise[:18].ljust(18, b"\0")
    huge = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 65535, 65535, 2**31, 9, 0)
    for content in (noise, b"%PDF-" + noise, patched, crafted, b"PK\x03\x04" + huge):
        with contextlib.suppress(NotACv):
            assert read(content).format in CvFormat
