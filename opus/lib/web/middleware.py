from collections.abc import Callable
from pathlib import PurePosixPath

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, is_valid_path, resolve
from django.utils.cache import patch_vary_headers

from opus.lib.database.bounded.base import waits_at_most
from opus.lib.database.states import MoveRefused
from opus.lib.forms.edit_forms import last_step
from opus.lib.web.responses import TooLargeResponse, content_length, database_away

# Answered before the host check: a supervisor uses the address (R15).
PROBES = {"/livez", "/readyz"}

# Only passkeys and the copy button use features of the device.
PERMISSIONS_POLICY = (
    "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), "
    "payment=(), usb=(), clipboard-write=(self), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)"
)


class Middleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response


class HeadersMiddleware(Middleware):
    """Sets headers that Django does not, on errors too (S30)."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        if not request.path_info.startswith(settings.STATIC_URL):
            response["Cache-Control"] = "no-store"
            patch_vary_headers(response, ["Cookie"])
        return response


class BodyLimitMiddleware(Middleware):
    """Refuses a too long ``Content-Length`` before reading the body.

    A chunked body has none: Django reads it as empty, and gunicorn closes.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_too_long = content_length(request) > settings.BODY_MAX_BYTES
        if is_too_long and not limits_its_body(request):
            return TooLargeResponse(request, render_to_string("413.html"))
        return self.get_response(request)


class BoundedWaitsMiddleware(Middleware):
    """Bounds what a page waits for PostgreSQL, probes included (R13)."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with waits_at_most(settings.PAGE_WAITS):
            return self.get_response(request)


def limits_its_body(request: HttpRequest) -> bool:
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return getattr(view, "limits_its_body", False)


class NulMiddleware(Middleware):
    """Answers 400 to a NUL, which PostgreSQL cannot store."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if "\0" in request.path_info or "\0" in query or "%00" in query:
            raise BadRequest("NUL in an address")
        return self.get_response(request)


class BeforeHostCheckMiddleware(Middleware):
    """Answers probes; redirects demonstrations to localhost.

    Passkeys and ``Secure`` cookies need the name localhost.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in PROBES:
            return resolve(request.path_info).func(request)
        host, colon, port = request.META.get("HTTP_HOST", "").partition(":")
        if settings.DEMO and host == "127.0.0.1":
            address = f"http://localhost{colon}{port}{request.get_full_path()}"
            return HttpResponseRedirect(address, preserve_request=True)
        return self.get_response(request)


def address_above(path: str) -> str:
    """Return the page of the form's object, else the nearest above."""
    above = [f"{folder}/" for folder in PurePosixPath(path).parents][:-1]
    found = [(one, match) for one in above if (match := is_valid_path(one))]
    of_an_object = [one for one, match in found if match.route.endswith(">/")]
    nearest = [one for one, _ in found]
    return (of_an_object or nearest or [""])[0]


class BreakdownMiddleware(Middleware):
    """Answers 409 to refused moves, 503 to database failures (R13)."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            context = {"above": address_above(request.path_info)}
            page = render_to_string("405.html", context, request)
            response.content = page.encode()
            response["Content-Length"] = str(len(response.content))
        return response

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponse | None:
        if isinstance(error, MoveRefused):
            above = address_above(request.path_info)
            context = {"reason": str(error), "above": above, "typed": error.typed}
            if error.row and request.user.is_authenticated:
                context["last_step"] = last_step(error.row, reader=request.user)
            return render(request, "409.html", context, status=409)
        if isinstance(error, OperationalError | InterfaceError):
            return database_away()
        return None
