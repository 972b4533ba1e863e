"""Administration of the accounts by the RGC (art. 4.2, annexe 2; U14).

Closing an account hands over whom it accompanied: ``referrals.views.handover``.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts import actions, reviews, words
from accounts.access import refuse, rgc_only, step_up
from accounts.factors import seen_from
from accounts.forms import (
    AccountChangeForm,
    AccountForm,
    IdentityForm,
    ReasonForm,
    SuspendForm,
)
from accounts.http import MemberRequest
from accounts.models import AccountStep, Alert, Leave, Role, User, UserState
from accounts.models.security import why_only_france_travail
from opus.lib.pagination import paginate

NOT_AN_ADVISER = (
    "Le compte d’un RGC relève de France Travail (art. 4.1 à 4.3) : un RGC ne peut "
    "agir ni sur le sien, ni sur celui d’un autre RGC. Adressez-vous au correspondant "
    "France Travail de votre structure."
)


# How close the end of the convention must be to be worth a warning.
SOON = dt.timedelta(days=90)


@dataclasses.dataclass(frozen=True)
class Order:
    """One way to sort the list: what it is called, and by what."""

    key: str
    label: str
    by: Callable[[User], Any]
    starts_descending: bool = False

    @property
    def first(self) -> str:
        """What the address says of the direction that one wants first."""
        return f"-{self.key}" if self.starts_descending else self.key

    @property
    def opposite(self) -> str:
        return f"-{self.key}"


STATES_IN_ORDER = UserState.values
ORDERS = {
    order.key: order
    for order in [
        # As the database has them, by name.
        Order("nom", "Nom", lambda person: 0),
        Order("etat", "État", lambda person: STATES_IN_ORDER.index(person.state)),
        Order(
            "connexion",
            "Dernière connexion",
            lambda person: person.last_login.timestamp() if person.last_login else 0,
        ),
        Order("absence", "Absence", lambda person: person.days_unused, True),
    ]
}


@require_safe
@rgc_only
def accounts(request: MemberRequest) -> HttpResponse:
    """The board: seats, deadlines, what is asked, and the structure's accounts."""
    leaves = Leave.objects.standing().filter(ends_on__gte=timezone.localdate())
    people = list(
        User.objects.administered_by(request.user)
        .with_factor()
        .with_open_access()
        .prefetch_related(Prefetch("leaves", leaves))
    )
    wanted = request.GET.get("tri", "nom")
    order = ORDERS.get(wanted.removeprefix("-"), ORDERS["nom"])
    is_descending = wanted == f"-{order.key}"
    open_ones = [person for person in people if person.state != UserState.CLOSED]
    open_ones.sort(key=order.by)
    if is_descending:
        open_ones.reverse()
    context = {
        **seats(request),
        "people": open_ones,
        "meeting_is_due": request.structure.conventions.without_review().exists(),
        "months": settings.MEETING_EVERY_MONTHS,
        "former_rgcs": User.objects.former_rgcs(request.user.structure_id),
        "closed": [person for person in people if person.state == UserState.CLOSED],
        "orders": ORDERS.values(),
        "order": order.key,
        "is_descending": is_descending,
        "direction": "descending" if is_descending else "ascending",
        "idle": idle_of(open_ones),
        "question": reviews.question(request.convention),
        "own_end": request.user.nominations.leaving()
        .filter(convention=request.convention)
        .first(),
        "alerts_open": Alert.objects.for_rgc(request.user).unsettled().count(),
    }
    return render(request, "accounts/accounts.html", context)


def idle_of(people: list[User]) -> list[User]:
    """The three accounts in use that served least lately: whose seat to free first."""
    unused = [
        person for person in people if person.is_active and person.days_unused > 1
    ]
    return sorted(unused, key=lambda person: person.used_on)[:3]


@require_safe
@rgc_only
def accounts_history(request: MemberRequest) -> HttpResponse:
    """Who opened, suspended, reopened and closed which account, the latest first."""
    steps = (
        AccountStep.objects.filter(
            account__in=User.objects.administered_by(request.user)
        )
        .select_related("account", "by")
        .order_by("-at", "-pk")
    )
    context = {"page": paginate(request, steps)}
    return render(request, "accounts/accounts_history.html", context)


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
        "factor_reset": person.factor_resets.open().first(),
        "suspension": words.suspension(person, reader=request.user),
        "suspension_ahead": words.suspension_ahead(person),
        "reserved": why_only_france_travail(person),
    }
    return render(request, "accounts/account.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@rgc_only
@step_up
def account_edit(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Address, function, telephone. Every recent address is notified (S11)."""
    person = get_person(request, public_id)
    form = AccountChangeForm(request.POST or None, instance=person, by=request.user)
    try:
        with transaction.atomic():
            is_saved = form.is_valid()
            if is_saved:
                form.save(**seen_from(request))
    except actions.EmailTaken as error:
        form.add_error("email", str(error))
        is_saved = False
    if is_saved:
        messages.success(request, f"Le compte de {person} est à jour.")
        return redirect("account", public_id)
    context = {"person": person, "form": form}
    return render(request, "accounts/account_edit.html", context)


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


@require_POST
@rgc_only
@step_up
def account_reactivate(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Open a suspended account again, if a seat is left."""
    person = get_person(request, public_id)
    actions.reactivate_account(person, by=request.user)
    messages.success(request, f"Le compte de {person} est réactivé.")
    return redirect("account", public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@rgc_only
@step_up
@sensitive_variables("secret")
def account_first_access(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """A new slip, after an identity check; the one before opens nothing any more."""
    person = get_person(request, public_id)
    form = IdentityForm(request.POST or None)
    if form.is_valid():
        secret = actions.renew_first_access(
            person, by=request.user, **form.cleaned_data
        )
        return slip(request, person, secret)
    context = {"person": person, "form": form}
    return render(request, "accounts/account_first_access.html", context)


def get_person(request: MemberRequest, public_id: UUID) -> User:
    """An adviser's account of the RGC's own structure; others do not exist (S20).

    Raises:
        Refused: it is the RGC's own, or another RGC's of the structure.
    """
    people = User.objects.of_partner(request.structure)
    people = people.with_factor().with_open_access()
    person = get_object_or_404(people, public_id=public_id)
    if person.role != Role.ADVISER:
        raise refuse(request, NOT_AN_ADVISER)
    return person


def seats(request: MemberRequest) -> dict[str, Any]:
    """The quota of annexe 2, and what is used of it."""
    used = actions.seats_used(request.convention)
    quota = request.convention.quota
    ends_in = request.convention.ends_on - timezone.localdate()
    return {
        "quota": quota,
        "ends_in": ends_in.days,
        "ends_soon": ends_in <= SOON,
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
