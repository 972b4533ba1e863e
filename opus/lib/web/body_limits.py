"""Bodies of requests: their length, and the answer to one too long."""

import contextlib
import time
from typing import Any

from django.http import HttpRequest, HttpResponse
from gunicorn.http.errors import ParseException

# Bounds of the discarded rest of a refused body.
DRAINED_BYTES = 64 * 1024 * 1024
DRAINED_SECONDS = 10
DRAIN_STEP = 64 * 1024


class TooLargeResponse(HttpResponse):
    """413, sent first; the body is then discarded, within bounds.

    A browser still sending when the connection closes shows its own error.
    """

    def __init__(self, request: HttpRequest, content: str, **kwargs: Any) -> None:
        super().__init__(content, status=413, **kwargs)
        self.stream = body_stream(request)

    def close(self) -> None:
        ends_at = time.monotonic() + DRAINED_SECONDS
        with contextlib.suppress(OSError, ParseException):
            for _ in range(DRAINED_BYTES // DRAIN_STEP):
                if time.monotonic() > ends_at or not self.stream.read(DRAIN_STEP):
                    break
        super().close()


def content_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def body_stream(request: HttpRequest) -> Any:
    if "CONTENT_LENGTH" not in request.META and "wsgi.input_terminated" in request.META:
        # Chunked: Django reads a body without a length as empty.
        return request.META["wsgi.input"]
    return request
