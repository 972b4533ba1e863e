"""S31: a file from outside is inspected elsewhere, within bounds, then scanned."""

import contextlib
import importlib
import os
import socketserver
import struct
import subprocess
import threading
import zlib
from collections.abc import Iterator

import pytest
from django import forms

from opus.lib.uploads import received
from opus.lib.uploads.csv_import import ListField
from opus.lib.uploads.findings import Finding
from opus.lib.uploads.received import MAX_BYTES, PdfField, Refused, check
from referrals.cv_requests.forms import CvField
from tests.lib.uploads.files import PDF, docx, odt


@pytest.mark.parametrize(
    ("content", "kind"), [(PDF, "pdf"), (docx(), "docx"), (odt(), "odt")]
)
def test_a_sound_file_is_of_one_of_three_kinds(content, kind):
    assert check(content) == kind


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", Finding.UNKNOWN),
        (b"\n" + PDF, Finding.UNKNOWN),
        (b"<html>" + PDF, Finding.UNKNOWN),
        (PDF + b"\0" * MAX_BYTES, received.TOO_LARGE),
        (PDF.replace(b"/Root", b"/Encrypt 8 0 R /Root"), Finding.LOCKED),
        (docx(**{"word/vbaProject.bin": b"\xd0\xcf\x11\xe0"}), Finding.MACROS),
    ],
)
def test_another_is_refused_in_a_sentence(content, sentence):
    with pytest.raises(Refused) as refusal:
        check(content)

    assert str(refusal.value) == sentence


def with_packed_objects(body: bytes) -> bytes:
    """A PDF whose ninth object stands in a packed stream."""
    packed = zlib.compress(b"9 0 " + body, 1)
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R /X 9 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << >> >>",
        4: b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >> stream\n"
        b"%s\nendstream" % (len(packed), packed),
    }
    text, rows = b"%PDF-1.7\n", {0: b"\0" * 5, 9: b"\2\0\0\4\0"}
    for number, content in objects.items():
        rows[number] = b"\1" + len(text).to_bytes(3) + b"\0"
        text += b"%d 0 obj %s endobj\n" % (number, content)
    table = b"".join(rows.get(number, b"\0" * 5) for number in range(10))
    head = b"5 0 obj << /Type /XRef /W [1 3 1] /Size 10 /Root 1 0 R /Length 50 >> "
    end = b"stream\n%s\nendstream endobj\nstartxref\n%d\n%%%%EOF\n" % (table, len(text))
    return text + head + end


def test_an_object_too_large_to_be_read_is_not_taken_for_nothing(monkeypatch):
    """Readers with more memory would find it."""
    monkeypatch.setattr(received, "LONGEST_WAIT", 100)
    script = b"<< /S /JavaScript /JS (x) >>"
    for size, finding in ((0, Finding.SCRIPT), (260_000_000, Finding.BROKEN)):
        with pytest.raises(Refused) as refusal:
            check(with_packed_objects(script + b" " * size))
        assert str(refusal.value) == finding


def test_a_pdf_that_swells_is_refused_within_the_bounds_of_the_inspection():
    """A few kilobytes, of which a reader would make a gigabyte."""
    zeros = zlib.compress(zlib.compress(bytes(1_000_000_000)))
    page = b"4 0 obj << /Filter [/FlateDecode /FlateDecode] /Length %d >> stream\n"
    stream = page % len(zeros) + zeros + b"\nendstream endobj\n"
    content = PDF.replace(b"trailer", stream + b"trailer")
    assert len(content) < 10_000

    with pytest.raises(Refused) as refusal:
        check(content)

    assert str(refusal.value) == Finding.SWOLLEN


@pytest.mark.thorough
@pytest.mark.parametrize("markup", [b"<b/>", b"<b>"], ids=["its time", "its memory"])
def test_an_inspection_is_bounded(markup, monkeypatch):
    """A few kilobytes cost two seconds of a processor at most, and our own none."""
    monkeypatch.setattr(received, "LONGEST_WAIT", 100)
    content = docx(**{"word/styles.xml": b"<a>" + markup * 20_000_000 + b"</a>"})
    spent = os.times()
    with pytest.raises(Refused) as refusal:
        check(content)
    now = os.times()

    assert str(refusal.value) in {Finding.TOO_COMPLEX, Finding.BROKEN}
    assert now.user - spent.user < 1
    assert now.children_user - spent.children_user < 4


def test_an_inspector_knows_no_secret_and_opens_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("OPUS_SECRET_KEY", "hunter2")
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    tried = f"""
import os, socket
from opus.lib.uploads.inspection import bound
bound()
assert "OPUS_SECRET_KEY" not in os.environ and "django" not in sys.modules
tries = (lambda: open({str(secret)!r}), lambda: os.open("/tmp", 0), socket.socket)
for attempt in tries:
    try:
        attempt()
    except OSError:
        continue
    break
else:
    print("pdf")
"""
    code = received.INSPECT.replace("\nmain()", tried)
    monkeypatch.setattr(received, "INSPECT", code)

    assert check(PDF) == "pdf"


def test_files_wait_for_their_turn_but_not_for_ever(monkeypatch):
    """The memory of a web process is that of one inspection."""
    monkeypatch.setattr(received, "LONGEST_WAIT", 0.2)
    with received.ONE_AT_A_TIME, pytest.raises(Refused, match="Réessayez"):
        check(PDF)
    monkeypatch.undo()

    assert check(PDF) == "pdf"


def test_an_inspector_that_does_not_end_or_start_refuses_nothing_for_good(monkeypatch):
    monkeypatch.setattr(received, "LONGEST_WAIT", 0.2)
    monkeypatch.setattr(received, "INSPECT", "import time; time.sleep(60)")
    with pytest.raises(Refused, match="Réessayez"):
        check(PDF)

    def fail(*words, **options):
        raise OSError("no more processes")

    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(Refused, match="Réessayez"):
        check(PDF)


def forms_of_the_product() -> Iterator[type[forms.BaseForm]]:
    importlib.import_module("opus.urls")
    waiting = [forms.BaseForm]
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        if form.__module__.split(".")[0] in {"accounts", "offers", "opus", "referrals"}:
            yield form


def test_each_file_goes_through_a_field_that_inspects_or_reads_it():
    found = {
        (form.__name__, type(field))
        for form in forms_of_the_product()
        for field in getattr(form, "base_fields", {}).values()
        if isinstance(field, forms.FileField)
    }

    assert {kind for _, kind in found} == {PdfField, CvField, ListField}
    assert {name for name, kind in found if kind is not ListField} == {
        *("ReceiveCvForm", "ConfirmForm"),  # The same, by an adviser or by staff.
        *("ObserveForm", "SignedCopyForm", "MinutesFileForm"),
    }


EICAR = PDF.replace(b"%PDF-1.4\n", b"%PDF-1.4\n%EICAR-STANDARD-ANTIVIRUS-TEST-FILE\n")
MOST = 1_000_000


class Clamd(socketserver.StreamRequestHandler):
    """Its protocol, as the manual of clamd has it."""

    def handle(self):
        command = self.read_until_nul()
        if self.server.is_frozen.is_set():
            self.server.thawed.wait(30)
        elif command == b"zPING":
            self.wfile.write(b"PONG\0")
        elif command == b"zINSTREAM":
            self.wfile.write(self.verdict())
        else:
            self.wfile.write(b"UNKNOWN COMMAND\0")

    def read_until_nul(self):
        words = b""
        while not words.endswith(b"\0"):
            words += self.rfile.read(1)
        return words[:-1]

    def verdict(self):
        content = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
            if len(content) > MOST:
                return b"INSTREAM size limit exceeded. ERROR\0"
        self.server.scanned.append(content)
        if b"EICAR" in content:
            return b"stream: Win.Test.EICAR_HDB-1 FOUND\0"
        return self.server.answer


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextlib.contextmanager
def serving(server):
    server.scanned, server.answer = [], b"stream: OK\0"
    server.is_frozen, server.thawed = threading.Event(), threading.Event()
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    try:
        yield server
    finally:
        server.thawed.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(params=["tcp", "unix"])
def clamd(request, settings, tmp_path, monkeypatch):
    # Only what is frozen is not waited for: the machine may be busy.
    monkeypatch.setattr(received, "SCAN_WAIT", 60)
    monkeypatch.setattr(received, "PING_WAIT", 60)
    if request.param == "unix":
        server = UnixServer(str(tmp_path / "clamd.ctl"), Clamd)
        settings.CLAMD = f"unix:{tmp_path / 'clamd.ctl'}"
    else:
        server = Server(("127.0.0.1", 0), Clamd)
        settings.CLAMD = f"127.0.0.1:{server.server_address[1]}"
    with serving(server):
        yield server


def refusal_of(content):
    with pytest.raises(Refused) as refusal:
        check(content)
    return str(refusal.value)


def test_a_sound_file_is_scanned_whole_and_passes(clamd):
    large = PDF + b"\0" * 300_000

    assert check(large) == "pdf"
    assert clamd.scanned == [large]
    assert not received.is_away()


def test_what_it_recognises_is_refused(clamd, caplog):
    assert refusal_of(EICAR) == received.INFECTED
    assert "Win.Test.EICAR_HDB-1" in caplog.text


def test_a_file_that_it_did_not_scan_is_not_kept(clamd, caplog):
    """Its limit is too small, or it fails: what is typed stays, and one tries again."""
    assert refusal_of(PDF + b"\0" * MOST) == received.NOT_CHECKED
    assert "size limit exceeded" in caplog.text

    for answer in (
        b"stream: \x1b[31m ERROR\0",
        b"stream: OK ERROR\0",
        b"",
        b"\xff" * 99,
    ):
        clamd.answer = answer
        assert refusal_of(PDF) == received.NOT_CHECKED
    assert "\x1b" not in caplog.text


def test_one_that_is_frozen_is_not_waited_for(clamd, monkeypatch):
    monkeypatch.setattr(received, "SCAN_WAIT", 0.3)
    monkeypatch.setattr(received, "PING_WAIT", 0.3)
    clamd.is_frozen.set()

    assert refusal_of(PDF) == received.NOT_CHECKED
    assert received.is_away()


@pytest.mark.parametrize("address", ["127.0.0.1:1", "unix:/nowhere/clamd.ctl"])
def test_one_that_is_gone_keeps_nothing(settings, address):
    settings.CLAMD = address

    assert refusal_of(PDF) == received.NOT_CHECKED
    assert received.is_away()


def test_without_one_nothing_is_asked(settings):
    assert settings.CLAMD == ""
    assert check(EICAR) == "pdf"
    assert not received.is_away()
