"""Access to pages, declared by each view (S19).

Closed by default. An undecorated view opens only for a partner's member who passed
every gate of ``AccessMiddleware``; a public page has ``login_not_required``; the
decorators below declare the rest.
"""

import functools
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from django import forms
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.urls import Resolver404, URLPattern, URLResolver, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from accounts.agreements.models.conventions import Convention
from accounts.enums import Service
from accounts.signin import sessions
from accounts.signin.rate_limits import TooManyTries
from accounts.structures.models import Structure
from accounts.users.enums import Role
from accounts.users.models import User
from opus.lib.audit import journal
from opus.lib.web import STOPPED, Typed, content_length, given_back, is_stopped

View = Callable[..., HttpResponse]

# A route with the number of a person, an act or a document, not of an account.
NUMBERED = re.compile(r"(?!.*public_id).*<(?:uuid|path):")


class AccessLevel(IntEnum):
    PASSWORD = 1  # the password alone: enrol or give the second factor, leave
    FACTOR = 2  # both factors: any account, staff included
    MEMBER = 3  # a partner's member: charter, convention in force


class ProofNeeded(Exception):
    """A session elsewhere would name a person."""


class Refused(PermissionDenied):
    """A refusal by the convention or the role.

    ``str(error)`` is a sentence in French: what is refused, by which article, and what
    to do. The 403 page shows it.
    """


NO_SERVICE = {
    Service.CONSULTATION: "La convention de votre structure n’ouvre pas la "
    "consultation des offres (annexe 1). Elle peut être modifiée par écrit du "
    "directeur régional de France Travail (art. 5.2) : parlez-en à votre RGC.",
    Service.REFERRALS: "La convention de votre structure ne donne pas la délégation "
    "de la mise en relation (annexe 1, art. 3.2) : vous pouvez lire les offres et en "
    "imprimer la fiche d’information. Pour l’obtenir, parlez-en à votre RGC.",
}
NOT_RGC = (
    "L’administration des comptes est réservée au responsable de gestion des comptes "
    "(RGC) de votre structure (art. 4.2). Adressez-lui votre demande."
)
NOT_PARTNER = (
    "Cette page est celle des conseillers des structures partenaires. Votre travail "
    "se fait dans l’administration."
)


def refuse(
    request: HttpRequest, reason: str, *, recorded: str = "", **details: Any
) -> Refused:
    """Record a refusal (S21); ``recorded`` replaces a nominative reason."""
    journal.record(
        journal.Action.ACCESS_REFUSED,
        by=request.user,
        refused=(recorded or reason)[:200],
        details={"path": request.path[:200], **details},
    )
    return Refused(reason)


def marked(**marks: Any) -> Callable[[View], View]:
    """Make a decorator that sets marks for the middleware."""

    def decorate(view: View) -> View:
        vars(view).update(marks)
        return view

    return decorate


def opens_at(level: AccessLevel) -> Callable[[View], View]:
    """Declare a view that needs less than a partner's member."""
    return marked(access_level=level)


any_account = opens_at(AccessLevel.FACTOR)
# A page for scripts, which prolongs no session (S13).
passive = marked(is_passive=True)
# A partner page that staff open too (art. 11).
staff_too = marked(is_for_staff=True)


# What a session elsewhere may always open: the proof itself, and its clock.
open_elsewhere = marked(is_open_elsewhere=True)


def names_nobody(patterns: Iterable[Any]) -> list[Any]:
    """Return these routes; an adviser elsewhere may open them."""
    patterns = list(patterns)
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            names_nobody(pattern.url_patterns)
        else:
            vars(pattern.callback)["names_nobody"] = True
    return patterns


def about_persons(patterns: Iterable[URLPattern]) -> list[URLPattern]:
    """Return these routes; log 404s on the numbered ones (S39)."""
    patterns = list(patterns)
    for pattern in patterns:
        if NUMBERED.match(str(pattern.pattern)):
            pattern.callback.is_about_persons = True  # type: ignore[attr-defined]
    return patterns


def gate(check: Callable[[Any], HttpResponse | None]) -> Callable[[View], View]:
    """Make a decorator that calls ``check`` before the view."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def wrapped(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            return check(request) or view(request, *args, **kwargs)

        return wrapped

    return decorate


@gate
def partner_only(request: Any) -> None:
    """Open a page to every partner's member, whatever its services."""
    if not request.user.is_partner:
        raise refuse(request, NOT_PARTNER)


def requires(service: Service) -> Callable[[View], View]:
    """Open a page if the convention grants it (annexe 1)."""

    @gate
    def check(request: Any) -> None:
        if service not in request.services:
            raise refuse(request, NO_SERVICE[service], service=service)

    return check


@gate
def rgc_only(request: Any) -> None:
    """Open a page to the RGC only (art. 4.2)."""
    # The middleware already refused an RGC whose nomination is not in office.
    if request.user.role != Role.RGC:
        raise refuse(request, NOT_RGC)


@gate
def step_up(request: Any) -> HttpResponse | None:
    """Require the second factor again after 15 minutes (S17)."""
    return None if is_confirmed(request) else stop_at(request, "step_up")


def rgc_form(view: View) -> View:
    """Open a form to the RGC with a recent second factor (art. 4.2, S17)."""
    return require_http_methods(["GET", "HEAD", "POST"])(rgc_only(step_up(view)))


def rgc_button(view: View) -> View:
    """The same for a button: it is only posted."""
    return require_POST(rgc_only(step_up(view)))


def is_confirmed(request: Any) -> bool:
    """Return whether the factor is recent, and given here."""
    is_recent = sessions.is_confirmed(request.session)
    return is_recent and not request.user.is_elsewhere


def to_gate(name: str, then: str = "") -> HttpResponseRedirect:
    """Redirect to a gate; ``then`` is the page wanted."""
    query = f"?{urlencode({REDIRECT_FIELD_NAME: then})}" if then else ""
    return redirect(reverse(name) + query)


def stop_at(request: HttpRequest, name: str) -> HttpResponseRedirect:
    """Redirect to a gate; its page keeps the typed form.

    307: the browser sends the form again, to the gate. A form
    with nothing to keep, or with a secret, returns to its page afterwards.
    """
    is_form = request.method == "POST" and "HX-Request" not in request.headers
    is_short = content_length(request) <= settings.BODY_MAX_BYTES
    if not (is_form and is_short and Typed.of(request).said):
        return to_gate(name, page_to_return_to(request))
    query = {STOPPED: 1, REDIRECT_FIELD_NAME: request.get_full_path()}
    return HttpResponseRedirect(
        f"{reverse(name)}?{urlencode(query)}", preserve_request=True
    )


def go_on(request: HttpRequest) -> HttpResponse:
    """Return the kept form to send, else the wanted page."""
    typed, then = Typed.at_gate(request), wanted(request)
    if typed and then:
        context = given_back(request, typed, then)
        return render(request, "opus/given_back.html", context)
    return redirect(destination(request))


def page_to_return_to(request: HttpRequest) -> str:
    """Return the requested page, or the page of a form or a part."""
    is_part = "HX-Request" in request.headers
    if request.method in {"GET", "HEAD"} and not is_part:
        path = request.get_full_path()
        return path if is_ours(request, path) else ""
    shown = request.headers.get("HX-Current-URL") if is_part else ""
    referer = shown or request.headers.get("referer", "")
    if not is_ours(request, referer):
        return ""
    parts = urlsplit(referer)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def wanted(request: HttpRequest) -> str:
    """Return the path in ``next`` if ours, else ""."""
    then = request.GET.get(REDIRECT_FIELD_NAME)
    if not is_stopped(request):  # Otherwise the POST is of another form.
        then = request.POST.get(REDIRECT_FIELD_NAME) or then
    return then if then and is_our_path(request, then) else ""


def destination(request: HttpRequest, default: str = "home") -> str:
    return wanted(request) or resolve_url(default)


def is_ours(request: HttpRequest, url: str) -> bool:
    return url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )


def is_our_path(request: HttpRequest, path: str) -> bool:
    """Return whether a view of this site serves that path."""
    if not path.startswith("/") or "\0" in unquote(path) or not is_ours(request, path):
        return False
    try:
        resolve(unquote(urlsplit(path).path))
    except Resolver404:
        return False
    return True


class AccountRequest(HttpRequest):
    """A request with at least the password verified."""

    user: User


class MemberRequest(AccountRequest):
    """A partner's member; ``AccessMiddleware`` sets these attributes."""

    structure: Structure
    convention: Convention
    services: set[Service]


class CountedForm(forms.Form):
    """A form whose tries are limited (S6)."""

    # After a try that came too early.
    refusal: TooManyTries | None = None

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Turn TooManyTries into an error of the form (``show``)."""
        try:
            yield
        except TooManyTries as error:
            self.add_error(None, str(error))
            self.refusal = error


def show(
    request: HttpRequest, template: str, form: CountedForm, **context: Any
) -> HttpResponse:
    """Return the form's page; 429 after an early try (S6).

    Nothing sleeps here.
    """
    context = {"form": form, "next": wanted(request), **context}
    return with_delay(render(request, template, context), form.refusal)


def with_delay(response: HttpResponse, error: TooManyTries | None) -> HttpResponse:
    if error:
        response.status_code = 429
        response["Retry-After"] = str(error.seconds)
    return response
