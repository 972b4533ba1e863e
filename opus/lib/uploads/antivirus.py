"""Ask ``clamd`` about a file, where the operator runs one (OPUS_CLAMD)."""

import logging
import re
import socket
import struct
import time

from django.conf import settings

logger = logging.getLogger(__name__)
# Seconds for the whole conversation, and for a sign of life.
SCAN_WAIT = 5
PING_WAIT = 1
CHUNK = 64 * 1024
LONGEST_ANSWER = 1000


class Infected(Exception):
    """The file bears the signature of a malicious program."""


class Away(Exception):
    """No antivirus answered that the file is sound."""


def scan(content: bytes) -> None:
    """Return if there is no antivirus, or it knows nothing against the file.

    Raises Infected, Away.
    """
    if not settings.CLAMD:
        return
    try:
        answer = converse(b"zINSTREAM\0", content, wait=SCAN_WAIT)
    except OSError as error:
        logger.error("The antivirus does not answer: %s.", type(error).__name__)
        raise Away from error
    if found := re.fullmatch("stream: (.+) FOUND", answer):
        logger.warning("The antivirus refused an upload: %s.", found[1])
        raise Infected
    if answer != "stream: OK":
        logger.error("The antivirus did not scan an upload: %s.", answer or "nothing")
        raise Away


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
