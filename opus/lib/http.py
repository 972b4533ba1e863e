"""What every answer carries, what a breakdown looks like, what every page knows."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import resolve
from django.utils.cache import patch_vary_headers

from opus.lib.states import MoveRefused

GetResponse = Callable[[HttpRequest], HttpResponse]

# Answered before the host is checked: a supervisor asks by address (R15).
PROBES = {"/livez", "/readyz"}
RETRY_AFTER_BREAKDOWN = 10  # seconds

# Nothing of the machine is ours to use, but the passkeys and the copy button.
PERMISSIONS_POLICY = (
    "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), "
    "payment=(), usb=(), clipboard-write=(self), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)"
)


class HeadersMiddleware:
    """The headers that Django does not set, on every answer, errors included (S30).

    It stands first, so that no other middleware answers without them. Static files
    keep the cache header of WhiteNoise; nothing else is kept anywhere.
    """

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


class DoorMiddleware:
    """What is settled before the host is checked.

    The probes answer whatever name they are called by. In a demonstration,
    127.0.0.1 leads to localhost: passkeys and ``Secure`` cookies want that name.
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
    """Turns what went wrong in a view into an answer that says what to do.

    A move refused is a 409 with its sentence; a database away is a 503 that says when
    to come back (R13); a method refused gets a page.
    """

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
    """503, rendered without context: no session, no user, hence no query."""
    return HttpResponse(
        render_to_string("503.html"),
        status=503,
        headers={"Retry-After": str(RETRY_AFTER_BREAKDOWN)},
    )


def too_many_requests(
    request: HttpRequest, seconds: int, reason: str = ""
) -> HttpResponse:
    """429: the answer to who asks too often, with the time to wait.

    Args:
        reason: what was too much, until when and what to do, where it can be told.
    """
    context = {
        "seconds": seconds,
        "minutes": -(-seconds // 60),
        "hours": -(-seconds // 3600),
        "reason": reason,
    }
    response = render(request, "429.html", context, status=429)
    response["Retry-After"] = str(seconds)
    return response


# What is typed is given back, but for what must never be written in a page.
SECRET_NAMES = ("password", "passe", "secret")


def session_ended(request: HttpRequest) -> HttpResponse:
    """403: a form came after its session had ended. What was typed is given back.

    The page holds the answers in hidden fields, with a token of the session now open:
    sign in again in another tab, come back, send again. Only for a form that our own
    page sent: a stranger's page cannot lay its words in front of somebody (S29).
    """
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]
    is_secret = any(word in name for name, _ in typed for word in SECRET_NAMES)
    can_resend = bool(typed) and not is_secret and comes_from_our_page(request)
    context = {
        "typed": typed if can_resend else [],
        "files": list(request.FILES) if can_resend else [],
        "action": request.get_full_path(),
    }
    return render(request, "opus/session_ended.html", context, status=403)


def comes_from_our_page(request: HttpRequest) -> bool:
    """Whether the browser itself says that the form stood on our own page."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    origin = f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Origin") == origin


def site(request: HttpRequest) -> dict[str, Any]:
    """What every page knows. It asks nothing of the database."""
    return {
        "demo": settings.DEMO,
        "state_identity": settings.STATE_IDENTITY,
        "contact": settings.CONTACT,
        # The part of the site that the menu marks: "offres", "candidats"…
        "section": request.path_info.split("/")[1],
    }
