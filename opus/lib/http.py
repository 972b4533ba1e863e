"""Headers, error pages and the context of every page."""

import contextlib
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils.cache import patch_vary_headers
from gunicorn.http.errors import ParseException

from opus.lib.states import MoveRefused
from opus.lib.typed import Typed, given_back

GetResponse = Callable[[HttpRequest], HttpResponse]

# Answered before the host check: a supervisor uses the address (R15).
PROBES = {"/livez", "/readyz"}
RETRY_AFTER_BREAKDOWN = 10  # seconds

# Bounds of the discarded rest of a refused body.
DRAINED_BYTES = 64 * 1024 * 1024
DRAINED_SECONDS = 10
DRAIN_STEP = 64 * 1024

# Only passkeys and the copy button use the machine.
PERMISSIONS_POLICY = (
    "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), "
    "payment=(), usb=(), clipboard-write=(self), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)"
)


class HeadersMiddleware:
    """Sets headers that Django does not set (S30); first, so errors have them too."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        if not request.path_info.startswith(settings.STATIC_URL):
            response["Cache-Control"] = "no-store"
            patch_vary_headers(response, ["Cookie"])
        return response


class BodyLimitMiddleware:
    """Refuses a too long ``Content-Length`` before reading the body.

    A chunked body has none: Django reads it as empty, and gunicorn closes.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_too_long = content_length(request) > settings.BODY_MAX_BYTES
        if is_too_long and not limits_its_body(request):
            return TooLargeResponse(request, render_to_string("413.html"))
        return self.get_response(request)


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


def limits_its_body(request: HttpRequest) -> bool:
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return getattr(view, "limits_its_body", False)


class DoorMiddleware:
    """Answers probes and redirects demonstrations to localhost, before the host check.

    Passkeys and ``Secure`` cookies need the name localhost.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in PROBES:
            return resolve(request.path_info).func(request)
        host, colon, port = request.META.get("HTTP_HOST", "").partition(":")
        if settings.DEMO and host == "127.0.0.1":
            address = f"http://localhost{colon}{port}{request.get_full_path()}"
            return HttpResponseRedirect(address, preserve_request=True)
        return self.get_response(request)


class BreakdownMiddleware:
    """Answers 409 to a refused move, 503 with a delay to a database failure (R13)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            page = render_to_string("405.html", request=request)
            response.content = page.encode()
            response["Content-Length"] = str(len(response.content))
        return response

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponse | None:
        if isinstance(error, MoveRefused):
            return render(request, "409.html", {"reason": str(error)}, status=409)
        if isinstance(error, OperationalError | InterfaceError):
            return database_away()
        return None


def database_away() -> HttpResponse:
    """Return 503, rendered without a query."""
    return HttpResponse(
        render_to_string("503.html"),
        status=503,
        headers={"Retry-After": str(RETRY_AFTER_BREAKDOWN)},
    )


def too_many_requests(
    request: HttpRequest, seconds: int, reason: str = ""
) -> HttpResponse:
    """Return 429 with the delay, and the author's answers."""
    is_part = "HX-Request" in request.headers
    typed = Typed() if is_part else Typed.of(request)
    context = {
        "seconds": seconds,
        "minutes": -(-seconds // 60),
        "hours": -(-seconds // 3600),
        "reason": reason,
        **given_back(request, typed),
    }
    response = render(request, "429.html", context, status=429)
    response["Retry-After"] = str(seconds)
    return response


def session_ended(request: HttpRequest) -> HttpResponse:
    """Return 403 with the answers of a form sent after its session ended.

    They are in hidden fields with a new token: sign in in another tab, send again.
    """
    context = given_back(request, Typed.of(request))
    return render(request, "opus/session_ended.html", context, status=403)


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        "demo": settings.DEMO,
        "state_identity": settings.STATE_IDENTITY,
        "contact": settings.CONTACT,
        # The part of the site that the menu marks: "offres", "candidats"…
        "section": request.path_info.split("/")[1],
    }
