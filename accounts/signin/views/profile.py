"""One's own account: page, charter, sessions (art. 5.1, S15, A7)."""

import datetime as dt

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils import timezone
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.nominations.models import Nomination
from accounts.signin import actions
from accounts.signin import sessions as open_sessions
from accounts.signin.access import (
    AccountRequest,
    MemberRequest,
    any_account,
    go_on,
    open_elsewhere,
    passive,
    wanted,
)
from accounts.signin.forms import CharterForm
from accounts.signin.models.sessions import OpenSession
from accounts.users import account_texts
from opus.lib.web import Typed, is_stopped


@any_account
@require_safe
def profile(request: MemberRequest) -> HttpResponse:
    user = request.user
    in_office = Nomination.objects.in_office().filter(convention=request.convention)
    context = {
        "rgc": in_office.select_related("person").first(),
        "factors": user.factors,
        "backup": user.backup_codes,
        "to_helper": account_texts.to(account_texts.helper_of(user)),
        "acceptance": user.charters.order_by("accepted_at").last(),
    }
    return render(request, "accounts/signin/profile.html", context)


@any_account
@require_safe
def sessions(request: AccountRequest) -> HttpResponse:
    idle, whole = open_sessions.limits_of_session(request.user)
    left = open_sessions.left(request.session, request.user)
    context = {
        "here": open_sessions.row_of(request.session).first(),
        "others": live_elsewhere(request),
        "ends_at": timezone.now() + dt.timedelta(seconds=left.whole),
        "idle_minutes": int(idle.total_seconds() // 60),
        "whole_hours": int(whole.total_seconds() // 3600),
        "at_once": open_sessions.SESSIONS_AT_ONCE,
    }
    return render(request, "accounts/signin/sessions.html", context)


@any_account
@require_http_methods(["GET", "HEAD", "POST"])
def close_one(request: AccountRequest, pk: str) -> HttpResponse:
    row = get_object_or_404(live_elsewhere(request), pk=pk)
    if request.method == "POST":
        open_sessions.close(request.user, live_elsewhere(request).filter(pk=pk))
        messages.success(request, "La session est fermée.")
        return redirect("sessions")
    return render(request, "accounts/signin/session_close.html", {"row": row})


@any_account
@require_http_methods(["GET", "HEAD", "POST"])
def close_others(request: AccountRequest) -> HttpResponse:
    others = live_elsewhere(request)
    if request.method == "POST":
        count = open_sessions.close(request.user, others)
        messages.success(
            request,
            "Vos autres sessions sont fermées."
            if count
            else "Aucune autre session n’était ouverte.",
        )
        return redirect("sessions")
    return render(request, "accounts/signin/sessions_close.html", {"others": others})


@any_account
@open_elsewhere
@passive
@require_safe
def state(request: AccountRequest) -> JsonResponse:
    """Return the time left, without prolonging it (A7)."""
    return session_json(request)


@any_account
@open_elsewhere
@passive
@require_POST
def extend(request: AccountRequest) -> JsonResponse:
    """« Rester connecté »: restart the idle delay only (S13)."""
    open_sessions.touch(request.session, at_once=True)
    return session_json(request)


def session_json(request: AccountRequest) -> JsonResponse:
    """Return the time left and the present CSRF token."""
    left = open_sessions.left(request.session, request.user)
    token = get_token(request)
    return JsonResponse({"idle": left.idle, "whole": left.whole, "token": token})


def live_elsewhere(request: AccountRequest) -> QuerySet[OpenSession]:
    here = open_sessions.row_of(request.session).values("pk")
    return OpenSession.objects.live_of(request.user).exclude(pk__in=here)


@any_account
@require_http_methods(["GET", "HEAD", "POST"])
def charter(request: AccountRequest) -> HttpResponse:
    """Show the charter, accept it, resume a form (V23)."""
    version = settings.CHARTER_VERSION
    acceptances = list(request.user.charters.order_by("-accepted_at"))
    acceptance = next((one for one in acceptances if one.version == version), None)
    typed = Typed.at_gate(request)
    if acceptance and typed:
        return go_on(request)  # A second click, or accepted in another tab.
    form = CharterForm(None if is_stopped(request) else request.POST or None)
    if acceptance is None and form.is_valid():
        actions.accept_charter(request.user)
        messages.success(request, "Merci. Votre engagement est enregistré.")
        return go_on(request)
    context = {
        "form": form,
        "acceptance": acceptance,
        "acceptances": acceptances,
        "next": wanted(request),
        "typed": typed,
        "version": version,
        "text": text_of(version),
    }
    return render(request, "accounts/signin/charter.html", context)


@login_not_required
@require_safe
def charter_version(request: HttpRequest, version: str) -> HttpResponse:
    """Show one version as accepted, else raise Http404."""
    try:
        get_template(text_of(version))
    except (TemplateDoesNotExist, OSError) as error:  # OSError: a name too long.
        raise Http404 from error
    context = {
        "version": version,
        "text": text_of(version),
        "is_current": version == settings.CHARTER_VERSION,
    }
    return render(request, "accounts/signin/charter_version.html", context)


def text_of(version: str) -> str:
    """Read that version's file; accepted versions never change."""
    return f"accounts/signin/charters/{version}.html"
