"""Close an account, or hand over its caseload (art. 4.2).

The pages show counts, never candidates.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.signin.access import (
    MemberRequest,
    partner_only,
    rgc_button,
    rgc_form,
    step_up,
)
from accounts.signin.models import LinkExpired
from accounts.team.views import get_person
from accounts.users.enums import Role
from accounts.users.models import User
from opus.lib.database.states import MoveRefused
from opus.lib.dates import date_format
from opus.lib.french import of
from referrals.candidates.models import StandIn
from referrals.caseloads import actions
from referrals.caseloads.actions import caseload_of, waiting_for
from referrals.caseloads.forms import CloseByRgcForm, ConfideForm, HandOverForm
from referrals.caseloads.models import CaseloadTransfer


@rgc_form
def account_close(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Get the reason and the receivers, then close it (A6)."""
    person = get_person(request, public_id)
    form = CloseByRgcForm(request.POST or None, instance=person)
    if is_saved(request, form, closed=f"Le compte {of(person)} est fermé. "):
        return redirect("accounts")
    context = {"person": person, "form": form, "limits": settings.HANDOVER}
    return render(request, "accounts/team/account_close.html", context)


@rgc_form
def account_hand_over(request: MemberRequest, public_id: UUID) -> HttpResponse:
    person = get_followed(request, public_id)
    form, page = HandOverForm(request.POST or None, instance=person), page_of(person)
    what = f"Les suivis {of(person)}"
    if form.caseload.people and is_saved(request, form, what=what):
        return redirect(page)
    context = {"person": person, "form": form, "page": page}
    context["limits"] = settings.HANDOVER
    return render(request, "accounts/team/account_hand_over.html", context)


def is_saved(
    request: MemberRequest, form: Any, *, what: str = "", closed: str = ""
) -> bool:
    """Save the form and say what is done, or until when it waits; show a refusal."""
    if not form.is_valid():
        return False
    try:
        transfer = form.save(by=request.user)
    except MoveRefused as refusal:
        form.add_error(getattr(refusal, "field", None), str(refusal))
        return False
    text = closed
    if transfer and transfer.is_waiting:
        who = f"prévient {transfer.account}, qui peut"
        who = "vous prévient\u00a0: vous pouvez" if transfer.is_own else who
        text += f"{transfer.announcement} Un courriel {who} l’arrêter."
    elif what:
        text = f"{what} sont confiés."
        if transfer and transfer.is_for_a_time:
            first, last = map(date_format, (transfer.starts_on, transfer.ends_on))
            to = transfer.to_words
            text = f"{what} sont confiés à {to} du {first} au {last} inclus."
    messages.success(request, text)
    return True


def get_followed(request: MemberRequest, public_id: UUID) -> User:
    """Return an adviser's account, or a former RGC's. Raises Refused."""
    former = User.objects.former_rgcs(request.user.structure_id)
    person = former.filter(public_id=public_id).first()
    if person and actions.caseload_of(person).people:
        return person
    return get_person(request, public_id)


def page_of(person: User) -> str:
    """Return the account's page, or the board for former RGCs."""
    if person.role != Role.ADVISER:
        return reverse("accounts")
    return reverse("account", args=[person.public_id])


@rgc_button
def account_hand_over_stop(request: MemberRequest, public_id: UUID) -> HttpResponse:
    person = get_followed(request, public_id)
    transfer = waiting_for(person)
    if transfer is None:
        raise Http404
    actions.stop(transfer, by=request.user)
    messages.success(
        request,
        f"Le transfert est annulé\xa0: les candidats suivis par {person} ne "
        "changent pas de conseiller.",
    )
    return redirect(page_of(person))


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def caseload_transfer(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm or stop from an e-mail's link, without signing in.

    A GET changes nothing: mail readers open links.
    """
    try:
        transfer = CaseloadTransfer.of_token(token)
    except LinkExpired:
        page = "referrals/caseloads/transfer.html"
        return render(request, page, {"transfer": None}, status=410)
    except CaseloadTransfer.DoesNotExist as error:
        raise Http404 from error
    refusal = ""
    if request.method == "POST":
        try:
            match request.POST.get("choix"):
                case "confirmer":
                    actions.confirm(transfer, by=None)
                case "arreter":
                    actions.stop(transfer, by=None)
                case "inconnue":
                    actions.disown(transfer)
                case "vu":
                    actions.mark_seen(transfer)
                    return redirect("home")
        except MoveRefused as error:
            refusal = str(error)
            transfer.refresh_from_db(fields=["state"])
    context = {
        "transfer": transfer,
        "refusal": refusal,
        "is_denial": request.GET.get("choix") == "inconnue",
    }
    status = 409 if refusal else 200
    return render(request, "referrals/caseloads/transfer.html", context, status=status)


@rgc_form
def account_confide(request: MemberRequest, public_id: UUID) -> HttpResponse:
    person = get_person(request, public_id)
    page = "accounts/team/account_confide.html"
    return confide(request, person, page, what=f"Les suivis {of(person)}")


@rgc_button
def account_take_back(
    request: MemberRequest, public_id: UUID, pk: UUID
) -> HttpResponse:
    person = get_person(request, public_id)
    take_back(request, person, pk, what=f"Les suivis {of(person)}")
    return redirect("account_confide", public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@partner_only
@step_up
def caseload_confide(request: MemberRequest) -> HttpResponse:
    page = "referrals/caseloads/confide.html"
    return confide(request, request.user, page, what="Vos suivis", section="candidats")


@require_POST
@partner_only
@step_up
def caseload_take_back(request: MemberRequest, pk: UUID) -> HttpResponse:
    take_back(request, request.user, pk, what="Vos suivis")
    return redirect("caseload_confide")


def confide(
    request: MemberRequest, account: User, page: str, *, what: str, **context: str
) -> HttpResponse:
    form = ConfideForm(request.POST or None, account=account)
    if is_saved(request, form, what=what):
        return redirect(request.path)
    ahead = StandIn.objects.ahead().filter(owner=account)
    shown = {
        "person": account,
        "form": form,
        "caseload": caseload_of(account),
        "confided": ahead.select_related("owner", "colleague"),
        "waiting": waiting_for(account),
        "limits": settings.HANDOVER,
    }
    return render(request, page, shown | context)


def take_back(request: MemberRequest, account: User, pk: UUID, *, what: str) -> None:
    confided = get_object_or_404(StandIn.objects.filter(owner=account), pk=pk)
    actions.take_back(confided, by=request.user)
    messages.success(request, f"{what} ne sont plus confiés à {confided.colleague}.")
