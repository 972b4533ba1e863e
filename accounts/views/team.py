"""Administration of the accounts by the RGC (art. 4.2, annexe 2; U14)."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts import actions
from accounts.access import refuse, rgc_only, step_up
from accounts.forms import AccountForm, CloseForm, ReasonForm, SuspendForm
from accounts.http import MemberRequest
from accounts.models import Role, User, UserState

NOT_AN_ADVISER = (
    "Le compte d’un RGC relève de France Travail (art. 4.1 à 4.3) : un RGC ne peut "
    "agir ni sur le sien, ni sur celui d’un autre RGC. Adressez-vous au correspondant "
    "France Travail de votre structure."
)


@require_safe
@rgc_only
def accounts(request: MemberRequest) -> HttpResponse:
    """Seats used and left, and the accounts of the structure."""
    people = User.objects.administered_by(request.user).with_factor()
    context = {
        **seats(request),
        "people": people.exclude(state=UserState.CLOSED),
        "closed": people.filter(state=UserState.CLOSED),
    }
    return render(request, "accounts/accounts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@rgc_only
@step_up
@sensitive_variables("secret")
def account_add(request: MemberRequest) -> HttpResponse:
    """A new account, if a seat is left; its slip is the answer itself, once.

    The secret is in this answer and nowhere else: neither in an address nor in the
    session. Asking the page again opens no second account: the address is taken.
    """
    form = AccountForm(request.POST or None, by=request.user)
    status = 200
    if form.is_valid():
        try:
            account, secret = form.save()
        except actions.EmailTaken as error:
            form.add_error("email", str(error))
        except actions.QuotaReached as error:
            form.add_error(None, str(error))
            status = 409
        else:
            return slip(request, account, secret)
    context = {**seats(request), "form": form}
    return render(request, "accounts/account_add.html", context, status=status)


@require_safe
@rgc_only
def account(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """One account: what may be done to it, and its history."""
    if public_id == request.user.public_id:
        return redirect("profile")
    person = get_person(request, public_id)
    context = {
        **seats(request),
        "person": person,
        "has_factor": bool(person.factors),
        "factor_reset": person.factor_resets.open().first(),
        "first_access": person.first_accesses.usable().first(),
        "entries": person.history(),
    }
    return render(request, "accounts/account.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@rgc_only
@step_up
def account_suspend(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Ask for the reason, then shut the account at once (A6)."""
    person = get_person(request, public_id)
    form = SuspendForm(request.POST or None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        actions.suspend_account(person, by=request.user, reason=reason)
        messages.success(
            request, f"Le compte de {person} est suspendu. Sa place est libre."
        )
        return redirect("account", public_id)
    return ask_reason(request, "accounts/account_suspend.html", person, form)


@require_http_methods(["GET", "HEAD", "POST"])
@rgc_only
@step_up
def account_close(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Ask for the reason, then shut the account for good (A6)."""
    person = get_person(request, public_id)
    form = CloseForm(request.POST or None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        actions.close_account(person, by=request.user, reason=reason)
        messages.success(request, f"Le compte de {person} est fermé.")
        return redirect("accounts")
    return ask_reason(request, "accounts/account_close.html", person, form)


@require_POST
@rgc_only
@step_up
def account_reactivate(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Open a suspended account again, if a seat is left."""
    person = get_person(request, public_id)
    actions.reactivate_account(person, by=request.user)
    messages.success(request, f"Le compte de {person} est réactivé.")
    return redirect("account", public_id)


@require_POST
@rgc_only
@step_up
@sensitive_variables("secret")
def account_first_access(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """A new slip; the one before opens nothing any more."""
    person = get_person(request, public_id)
    secret = actions.renew_first_access(person, by=request.user)
    return slip(request, person, secret)


def get_person(request: MemberRequest, public_id: UUID) -> User:
    """An adviser's account of the RGC's own structure; others do not exist (S20).

    Raises:
        Refused: it is the RGC's own, or another RGC's of the structure.
    """
    people = User.objects.of_partner(request.structure)
    person = get_object_or_404(people, public_id=public_id)
    if person.role != Role.ADVISER:
        raise refuse(request, NOT_AN_ADVISER)
    return person


def seats(request: MemberRequest) -> dict[str, Any]:
    """The quota of annexe 2, and what is used of it."""
    used = actions.seats_used(request.convention)
    quota = request.convention.quota
    return {
        "quota": quota,
        "used": used,
        "left": max(0, quota - used),
        "full": str(actions.QuotaReached(quota)) if used >= quota else "",
    }


def ask_reason(
    request: MemberRequest, template: str, person: User, form: ReasonForm
) -> HttpResponse:
    return render(request, template, {"person": person, "form": form})


def slip(request: MemberRequest, person: User, secret: str) -> HttpResponse:
    """The sheet to print and hand over. It is shown by this answer only."""
    context = {
        "person": person,
        "secret": secret,
        "hours": int(settings.FIRST_ACCESS_LASTS.total_seconds() // 3600),
        "first_access": person.first_accesses.usable().get(),
    }
    return render(request, "accounts/slip.html", context)
