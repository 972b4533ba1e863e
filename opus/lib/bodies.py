"""Read bodies before a page starts: slow uploads never occupy every thread (R13).

A proxy that buffers requests does it better, and production has one: this is for the
site without it.
"""

import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from http import HTTPStatus
from io import BytesIO
from threading import BoundedSemaphore
from time import monotonic
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

type Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# Of a whole body, and of the silence between two pieces, in seconds.
BODY_SECONDS = 30
SILENCE_SECONDS = 5
# For a thread to read with, in seconds: most bodies are there already.
PATIENCE = 0.05
PIECE = 64 * 1024
RETRY_AFTER = "2"


class TooSlow(Exception):
    pass


class BufferedBodies:
    """A WSGI application whose request bodies are there when it starts."""

    def __init__(self, application: Application, *, threads: int) -> None:
        self.application = application
        self.readers = BoundedSemaphore(max(1, threads - 1))

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or ""
        if not length.isdecimal() or not 0 < int(length) <= settings.BODY_MAX_BYTES:
            # None, or one that the site reads with care, or refuses unread.
            return self.application(environ, start_response)
        if not self.readers.acquire(timeout=PATIENCE):
            return refuse(environ, start_response, HTTPStatus.SERVICE_UNAVAILABLE)
        try:
            environ["wsgi.input"] = read_all(environ, int(length))
        except TooSlow:
            return refuse(environ, start_response, HTTPStatus.REQUEST_TIMEOUT)
        finally:
            self.readers.release()
        return self.application(environ, start_response)


def read_all(environ: dict[str, Any], length: int) -> BytesIO:
    """Return the body as a file. Raises TooSlow; it may be cut off."""
    source = environ["wsgi.input"]
    body = BytesIO()
    ends_at = monotonic() + BODY_SECONDS
    link: socket.socket | None = environ.get("gunicorn.socket")
    if link:
        link.settimeout(SILENCE_SECONDS)
    try:
        while length:
            piece = source.read(min(length, PIECE))
            if not piece:
                break
            body.write(piece)
            length -= len(piece)
            if monotonic() > ends_at:
                raise TooSlow
    except TimeoutError as error:
        raise TooSlow from error
    finally:
        if link:
            link.settimeout(None)
    body.seek(0)
    return body


def refuse(
    environ: dict[str, Any], start_response: Callable[..., Any], status: HTTPStatus
) -> Iterable[bytes]:
    """Answer, and read nothing more from this client."""
    if link := environ.get("gunicorn.socket"):
        with suppress(OSError):
            link.shutdown(socket.SHUT_RD)
    page = render_to_string(f"{status.value}.html").encode()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(page))),
        ("Cache-Control", "no-store"),
        ("Retry-After", RETRY_AFTER),
    ]
    start_response(f"{status.value} {status.phrase}", headers)
    return [page]
