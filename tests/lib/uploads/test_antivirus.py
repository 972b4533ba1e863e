"""S31: clamd, where an operator runs one, scans each file that is kept as it came."""

import contextlib
import socketserver
import struct
import threading

import pytest

from opus.lib.uploads import received
from opus.lib.uploads.received import Refused, check
from tests.lib.uploads.files import PDF

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
