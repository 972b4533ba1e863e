"""A document from outside: inspected, scanned, and kept as it came (S31)."""

import logging
import re
import socket
import struct
import subprocess
import sys
import threading
import time
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from opus.lib.uploads.findings import Finding

logger = logging.getLogger(__name__)
# Seconds for the whole conversation, and for a sign of life.
SCAN_WAIT = 5
PING_WAIT = 1
CHUNK = 64 * 1024
LONGEST_ANSWER = 1000


TOO_LARGE = (
    "Ce fichier dépasse 2 Mo : enregistrez-le en PDF, ou numérisez-le en noir et blanc."
)
NOT_CHECKED = (
    "Ce fichier n’a pas pu être vérifié : il n’est pas enregistré. Réessayez dans "
    "quelques minutes."
)
INFECTED = (
    "L’antivirus reconnaît un programme malveillant dans ce fichier : il n’est pas "
    "enregistré. Ne l’ouvrez plus, et demandez-en un autre à qui vous l’a remis."
)


class Refused(Exception):
    """``str(error)`` is the reason and the remedy."""


def scan(content: bytes) -> None:
    """Return if there is no antivirus, or it knows nothing against the file.

    Raises Refused.
    """
    if not settings.CLAMD:
        return
    try:
        answer = converse(b"zINSTREAM\0", content, wait=SCAN_WAIT)
    except OSError as error:
        logger.error("The antivirus does not answer: %s.", type(error).__name__)
        raise Refused(NOT_CHECKED) from error
    if found := re.fullmatch("stream: (.+) FOUND", answer):
        logger.warning("The antivirus refused an upload: %s.", found[1])
        raise Refused(INFECTED)
    if answer != "stream: OK":
        logger.error("The antivirus did not scan an upload: %s.", answer or "nothing")
        raise Refused(NOT_CHECKED)


def is_away() -> bool:
    """Return whether there should be an antivirus, and it is silent."""
    if not settings.CLAMD:
        return False
    try:
        return converse(b"zPING\0", wait=PING_WAIT) != "PONG"
    except OSError:
        return True


def converse(command: bytes, content: bytes | None = None, *, wait: float) -> str:
    """Return clamd's answer, empty if it hung up. Raises OSError."""
    until = time.monotonic() + wait
    with connected(wait) as server:
        try:
            send(server, command, until)
            if content is not None:
                for begin in range(0, len(content), CHUNK):
                    chunk = content[begin : begin + CHUNK]
                    send(server, struct.pack("!L", len(chunk)) + chunk, until)
                send(server, struct.pack("!L", 0), until)
        except (BrokenPipeError, ConnectionResetError):
            # It hangs up on a file above its limit, after it said so.
            pass
        return received(server, until)


def connected(wait: float) -> socket.socket:
    if settings.CLAMD.startswith("unix:"):
        server = socket.socket(socket.AF_UNIX)
        server.settimeout(wait)
        try:
            server.connect(settings.CLAMD.removeprefix("unix:"))
        except OSError:
            server.close()
            raise
        return server
    host, _, port = settings.CLAMD.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=wait)


def send(server: socket.socket, data: bytes, until: float) -> None:
    server.settimeout(left(until))
    server.sendall(data)


def received(server: socket.socket, until: float) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        server.settimeout(left(until))
        more = server.recv(LONGEST_ANSWER)
        if not more:
            break
        answer += more
    # What comes from a file may stand in it, and goes to the log.
    text = answer.rstrip(b"\0\n").decode("ascii", "replace")
    return re.sub(r"[^\x20-\x7e]", "?", text)[:200]


def left(until: float) -> float:
    """Return the seconds that are left. Raises TimeoutError."""
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


MAX_BYTES = 2 * 1024 * 1024
KINDS = {"pdf", "docx", "odt"}
# ``opus`` itself would load Celery and Django, five times slower: only its folder is
# needed. The process gets no setting and no secret.
INSPECT = """
import sys, types
opus = sys.modules["opus"] = types.ModuleType("opus")
opus.__path__ = [sys.argv[1]]
from opus.lib.uploads.inspection import main
main()
"""
# For its turn and its answer: it limits its own time of the processor, so this is for a
# machine that is overloaded.
LONGEST_WAIT = 8
# One at a time in a web process: the memory is that of one inspection.
ONE_AT_A_TIME = threading.Lock()


def check(content: bytes) -> str:
    """Return pdf, docx or odt. Raises Refused."""
    if len(content) > MAX_BYTES:
        raise Refused(TOO_LARGE)
    kind = inspected(content)
    scan(content)
    return kind


def inspected(content: bytes) -> str:
    """Return the kind of a file without active content. Raises Refused."""
    if not content.startswith((b"%PDF-", b"PK\x03\x04")):
        raise Refused(Finding.UNKNOWN)
    until = time.monotonic() + LONGEST_WAIT
    if not ONE_AT_A_TIME.acquire(timeout=LONGEST_WAIT):
        raise Refused(NOT_CHECKED)
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", INSPECT, str(settings.BASE_DIR / "opus")],
            input=content,
            capture_output=True,
            env={},
            timeout=max(0.1, until - time.monotonic()),
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        logger.error("The inspection of an upload failed: %s.", type(error).__name__)
        raise Refused(NOT_CHECKED) from error
    finally:
        ONE_AT_A_TIME.release()
    answer = done.stdout.decode("ascii", "replace").strip()
    if answer in KINDS:
        return answer
    if answer not in Finding.__members__:
        # It was killed by its limits, or broke down on what no honest file holds.
        logger.warning("The inspection of an upload ended with %s.", done.returncode)
        raise Refused(Finding.TOO_COMPLEX)
    raise Refused(Finding[answer])


NOT_A_PDF = "Ce fichier n’est pas un PDF : enregistrez le document dans ce format."


class PdfField(forms.FileField):
    """Its value is the bytes."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.FileInput(attrs={"accept": "application/pdf,.pdf"})
        super().__init__(widget=widget, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        file: UploadedFile = super().clean(data, initial)
        content = file.read(MAX_BYTES + 1)
        if not content.startswith(b"%PDF-"):
            raise forms.ValidationError(NOT_A_PDF)
        try:
            check(content)
        except Refused as error:
            raise forms.ValidationError(str(error)) from error
        return content
