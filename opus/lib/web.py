"""What surrounds every page: middlewares, answers, pages of lists, static files."""

import contextlib
import dataclasses
import re
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import PurePosixPath
from typing import Any, Self, cast

from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.paginator import Page, Paginator
from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, is_valid_path, resolve
from django.utils.cache import patch_vary_headers
from gunicorn.http.errors import ParseException
from whitenoise.storage import CompressedManifestStaticFilesStorage

from opus.lib.database.bounded.base import waits_at_most
from opus.lib.database.states import MoveRefused
from opus.lib.forms.edit_forms import last_step

# Never written in a page; a passkey's signature is not reusable.
SECRET_NAMES = ("password", "passe", "secret", "credential")
# Fields of the page itself, not typed.
OWN_NAMES = {"key", "next", "revision", "shown", "version"}
# Choices, days and internal numbers: nothing to read again.
CODED = re.compile(r"[a-z0-9_:-]*")

# The address parameter of a gate that carries a stopped form.
STOPPED = "repris"
# The prefix of a stopped form's names in the gate's form.
CARRIED = "repris:"
CARRIED_FILE = "repris-fichier"


@dataclasses.dataclass(frozen=True)
class Typed:
    answers: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """Return the answers; empty if no page may show them."""
        answers = tuple(pairs_in(request))
        is_secret = any(word in name for name, _ in answers for word in SECRET_NAMES)
        if is_secret or not comes_from_our_page(request):
            return cls()
        return cls(answers, tuple(request.FILES))

    @classmethod
    def carried_by(cls, request: HttpRequest) -> Self:
        answers = tuple(
            (name.removeprefix(CARRIED), value)
            for name, value in pairs_in(request)
            if name.startswith(CARRIED)
        )
        return cls(answers, tuple(request.POST.getlist(CARRIED_FILE)))

    @classmethod
    def at_gate(cls, request: HttpRequest) -> Self:
        """Return the stopped form at the gate, direct or carried."""
        return cls.of(request) if is_stopped(request) else cls.carried_by(request)

    def __bool__(self) -> bool:
        return bool(self.answers or self.files)

    @property
    def carried(self) -> list[tuple[str, str]]:
        files = [(CARRIED_FILE, name) for name in self.files]
        return [(CARRIED + name, value) for name, value in self.answers] + files

    @property
    def said(self) -> dict[str, str]:
        """Return the answers by name, without the page's fields."""
        return {
            name: value.strip()
            for name, value in self.answers
            if value.strip() and not is_own(name)
        }

    @property
    def texts(self) -> list[str]:
        """Return the answers worth reading without their labels."""
        return [one for one in self.said.values() if not CODED.fullmatch(one)]


def pairs_in(request: HttpRequest) -> list[tuple[str, str]]:
    typed = [(name, value) for name, values in request.POST.lists() for value in values]
    return [pair for pair in typed if pair[0] != "csrfmiddlewaretoken"]


def is_own(name: str) -> bool:
    """Return whether the page sends it, like a formset's count."""
    is_machinery = name.startswith("_") or name.endswith("_FORMS")
    return is_machinery or not OWN_NAMES.isdisjoint(name.split("-"))


def is_stopped(request: HttpRequest) -> bool:
    return request.method == "POST" and STOPPED in request.GET


def given_back(request: HttpRequest, typed: Typed, action: str = "") -> dict[str, Any]:
    return {"typed": typed, "action": action or request.get_full_path()}


def comes_from_our_page(request: HttpRequest) -> bool:
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    origin = f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Origin") == origin


RETRY_AFTER_BREAKDOWN = 10  # seconds
# Bounds of the discarded rest of a refused body.
DRAINED_BYTES = 64 * 1024 * 1024
DRAINED_SECONDS = 10
DRAIN_STEP = 64 * 1024


def database_away() -> HttpResponse:
    """Return 503, rendered without a query."""
    headers = {"Retry-After": str(RETRY_AFTER_BREAKDOWN)}
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)


def pdf_file(content: Any, name: str, disposition: str = "inline") -> HttpResponse:
    headers = {"Content-Disposition": f'{disposition}; filename="{name}"'}
    return HttpResponse(bytes(content), content_type="application/pdf", headers=headers)


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
    """Return 403 with the answers of a form without session.

    They are in hidden fields with a new token: sign in in another tab, send again.
    """
    context = given_back(request, Typed.of(request))
    return render(request, "opus/session_ended.html", context, status=403)


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


class GateMiddleware(Middleware):
    """Refuses what no page reads, answers probes, and bounds each page's waits.

    A too long ``Content-Length`` is refused before the body is read; a chunked body has
    none: Django reads it as empty, and gunicorn closes. PostgreSQL cannot store a NUL.
    A demonstration is redirected to localhost, the name that passkeys and ``Secure``
    cookies need.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_too_long = content_length(request) > settings.BODY_MAX_BYTES
        if is_too_long and not limits_its_body(request):
            return TooLargeResponse(request, render_to_string("413.html"))
        query = request.META.get("QUERY_STRING", "")
        if "\0" in request.path_info or "\0" in query or "%00" in query:
            raise BadRequest("NUL in an address")
        host, colon, port = request.META.get("HTTP_HOST", "").partition(":")
        # Probes included (R13).
        with waits_at_most(settings.PAGE_WAITS):
            if request.path_info in PROBES:
                return resolve(request.path_info).func(request)
            if settings.DEMO and host == "127.0.0.1":
                address = f"http://localhost{colon}{port}{request.get_full_path()}"
                return HttpResponseRedirect(address, preserve_request=True)
            return self.get_response(request)


def limits_its_body(request: HttpRequest) -> bool:
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return getattr(view, "limits_its_body", False)


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


class ListPage(Page):
    @property
    def shown_pages(self) -> Iterable[int | str]:
        return self.paginator.get_elided_page_range(self.number, on_each_side=2)


class ListPaginator(Paginator):
    # Django's own is translated at each comparison.
    ELLIPSIS = "…"  # type: ignore[assignment]

    def page(self, number: int | str) -> ListPage:
        page = super().page(number)
        return ListPage(page.object_list, page.number, self)


def paginate(
    request: HttpRequest,
    items: QuerySet[Any] | Sequence[Any],
    per_page: int = 20,
    *,
    count: int | None = None,
) -> ListPage:
    """Return the page of ``?page=``, or the nearest one.

    ``count``: how many items there are, if already known.
    """
    paginator = ListPaginator(items, per_page)
    if count is not None:
        paginator.count = count
    page = paginator.get_page(request.GET.get("page"))
    return cast(ListPage, page)


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Hashed addresses (P8), cached: a page has twenty."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        # The process reads the manifest once.
        self.url = cache(super().url)


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        "demo": settings.DEMO,
        "state_identity": settings.STATE_IDENTITY,
        "contact": settings.CONTACT,
        # The part of the site that the menu marks: "offres", "candidats"… None for
        # « OPTIONS * », whose address has no slash.
        "section": request.path_info.partition("/")[2].partition("/")[0],
    }
