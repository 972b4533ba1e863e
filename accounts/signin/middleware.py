"""Gates of every request (S1, S13, S14, S19, R12).

Session alive, account active, its holder not away for months → both factors → charter →
nomination of the RGC → convention in force. All are predicates on dates and states: no
job has to run for an access to end. Views declare by a decorator which gates they
require.
"""

import datetime as dt
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from accounts.agreements.models.conventions import (
    UNSIGNED_STATES,
    Convention,
    ConventionState,
)
from accounts.nominations.models import Nomination
from accounts.signin import access, second_factor, sessions
from accounts.signin.access import AccessLevel
from accounts.signin.models import SessionEnd
from accounts.signin.rate_limits import TooManyUses
from accounts.users import absences, account_texts
from accounts.users.enums import Role
from accounts.users.models import User
from opus.lib.audit import journal
from opus.lib.database.queries import VALUE, CompiledQuery
from opus.lib.web import session_ended, too_many_requests

NO_NOMINATION = (
    "Votre nomination comme responsable de gestion des comptes n’est pas en vigueur : "
    "elle n’a pas encore été validée, ou elle a pris fin (art. 4.1 et 4.3). "
    "Adressez-vous au correspondant France Travail de votre structure."
)


class AccessMiddleware:
    """Check the gates; runs after ``LoginRequiredMiddleware``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.structure = request.convention = None
        request.services = set()
        second_factor.check(request)
        if sentence := end_of_session(request):
            response = end_session(request, sentence)
        else:
            set_rights(request)
            sessions.compare(request)
            response = self.get_response(request)
            if response.status_code == 404:
                record_not_found(request)
        sessions.remember_device(request, response)
        if request.headers.get("HX-Request") and response.status_code == 302:
            # The sign-in page must not replace a part of a page.
            return HttpResponseClientRedirect(response["Location"])
        return response

    def process_view(
        self, request: Any, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        user = request.user
        if user.is_anonymous:
            return None  # ``LoginRequiredMiddleware`` accepted it: the page is public.
        if not getattr(view, "is_passive", False):
            sessions.touch(request.session)
        if user.is_verified():
            request.session_left = sessions.left(request.session, user)
        is_admin = "admin" in request.resolver_match.namespaces
        if not is_admin and not getattr(view, "login_required", True):
            return None
        if is_admin and not user.is_staff:
            raise Http404  # The admin does not exist for partners.
        level = getattr(view, "access_level", AccessLevel.MEMBER)
        if not user.is_verified():
            if level == AccessLevel.PASSWORD:
                return None
            gate = "login_code" if user.factors else "enrol_factor"
            return access.to_gate(gate, access.page_to_return_to(request))
        if user.is_elsewhere and asks_elsewhere(user, view, level):
            return access.stop_at(request, "step_up")
        if is_admin or level <= AccessLevel.FACTOR:
            return None
        if user.is_staff:
            if getattr(view, "is_for_staff", False):
                return None
            if request.resolver_match.url_name == "home":
                return redirect("admin:index")
            raise access.refuse(request, access.NOT_PARTNER)
        if not user.accepted_charter:
            return access.stop_at(request, "charter")
        if request.structure is None:
            reason = NO_NOMINATION if user.convention_in_force() else why_closed(user)
            raise access.refuse(request, reason, recorded="convention ou nomination")
        return None

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponse | None:
        if isinstance(error, access.ProofNeeded):
            return access.stop_at(request, "step_up")
        if isinstance(error, TooManyUses):
            reason = str(error) if error.is_explained else ""
            return too_many_requests(request, error.seconds, reason)
        return None


def asks_elsewhere(user: User, view: Any, level: int) -> bool:
    """Return whether a network of no habit asks the factor here.

    Of an adviser for pages that name a person, of others for all that sign in opens.
    """
    if level == AccessLevel.PASSWORD or getattr(view, "is_open_elsewhere", False):
        return False
    names = level == AccessLevel.MEMBER and not getattr(view, "names_nobody", False)
    return names or user.role != Role.ADVISER


def record_not_found(request: Any) -> None:
    """Record a failed look-up of a person, without number (S39)."""
    match = request.resolver_match
    is_about_persons = match and getattr(match.func, "is_about_persons", False)
    if is_about_persons and request.user.is_authenticated:
        details = {"part": match.url_name}
        journal.record(journal.Action.NOT_FOUND, by=request.user, details=details)


def end_of_session(request: HttpRequest) -> str:
    """Return why this session must end, or ""."""
    user: Any = request.user
    if user.is_authenticated:
        return sessions.why_over(request.session, user) or absences.why_shut(
            user, is_on_long_leave=user.long_leave_until is not None
        )
    # The backend no longer finds an active account for the session's number.
    if SESSION_KEY in request.session:
        account = User.objects.filter(pk=request.session[SESSION_KEY]).first()
        cut = "Votre session s’est fermée."
        return f"{cut} {account_texts.why_inactive(account)}" if account else cut
    return sessions.why_ended(request)


def end_session(request: HttpRequest, sentence: str) -> HttpResponse:
    """End the session and say why; typed answers are kept."""
    then = access.page_to_return_to(request)
    how = SessionEnd.CUT if request.user.is_anonymous else SessionEnd.LAPSED
    sessions.row_of(request.session).end(how)
    logout(request)
    messages.warning(request, sentence)
    if request.method == "POST":
        return session_ended(request)
    return access.to_gate("login", then)


def set_rights(request: Any) -> None:
    """Set ``request.structure``, which partner pages need, by one query."""
    user = request.user
    if not (user.is_authenticated and user.is_partner and user.is_verified()):
        return
    if not user.accepted_charter:
        return
    is_rgc = user.role == Role.RGC
    in_force = conventions_in_force(timezone.localdate(), is_rgc=is_rgc)
    convention = in_force.row(user.pk if is_rgc else user.structure_id)
    if convention:
        request.structure = user.structure
        request.convention = convention
        request.services = convention.services


@lru_cache(maxsize=2)
def conventions_in_force(day: dt.date, *, is_rgc: bool) -> CompiledQuery[Convention]:
    """Return the query by structure, or by RGC (art. 4.1)."""
    in_force = Convention.objects.in_force(day).with_terms().order_by()
    if not is_rgc:
        return CompiledQuery(in_force.filter(structure=VALUE))
    offices = Nomination.objects.in_office().filter(
        person=VALUE, person__structure=OuterRef("structure"), convention=OuterRef("pk")
    )
    return CompiledQuery(in_force.filter(Exists(offices)))


def why_closed(user: User) -> str:
    """Return why Opus is closed, and the contact (art. 13)."""
    convention = (
        Convention.objects.exclude(state__in=UNSIGNED_STATES)
        .filter(structure=user.structure_id)
        # One that ended before its first day opened nothing.
        .exclude(state=ConventionState.TERMINATED, starts_on__gt=timezone.localdate())
        .select_related("agency")
        .order_by("-ends_on")
        .first()
    )
    agency = convention.agency if convention else user.structure.agency  # type: ignore[union-attr]
    contact = convention.ft_contact if convention else ""
    context = {
        "convention": convention,
        "closed_at": convention.ended_early_at if convention else None,
        "today": timezone.localdate(),
        "agency": agency.name,
        "whom": account_texts.to(contact or f"l’agence {agency.name}"),
    }
    return render_to_string("accounts/signin/convention_closed.html", context)
