"""Stand-ins, by the RGC or by the adviser himself (domain 5.6).

The pages show counts and dates, never persons (design 2.2).
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import partner_only, rgc_only, step_up
from accounts.http import MemberRequest
from accounts.models import User
from accounts.views.team import get_person
from opus.lib.dates import date_format
from referrals.actions import stand_ins as actions
from referrals.actions.handover import caseload_of
from referrals.forms.stand_ins import ConfideForm
from referrals.models import StandIn


@require_http_methods(["GET", "HEAD", "POST"])
@rgc_only
@step_up
def account_confide(request: MemberRequest, public_id: UUID) -> HttpResponse:
    person = get_person(request, public_id)
    form = ConfideForm(request.POST or None, account=person)
    if form.is_valid() and (confided := form.save(by=request.user)):
        messages.success(request, told(confided, f"Les suivis de {person}"))
        return redirect("account_confide", public_id)
    return render(
        request, "accounts/account_confide.html", context_of(person, form=form)
    )


@require_POST
@rgc_only
@step_up
def account_take_back(
    request: MemberRequest, public_id: UUID, pk: UUID
) -> HttpResponse:
    person = get_person(request, public_id)
    confided = get_object_or_404(StandIn.objects.filter(owner=person), pk=pk)
    actions.take_back(confided, by=request.user)
    messages.success(
        request, f"Les suivis de {person} ne sont plus confiés à {confided.colleague}."
    )
    return redirect("account_confide", public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@partner_only
@step_up
def caseload_confide(request: MemberRequest) -> HttpResponse:
    form = ConfideForm(request.POST or None, account=request.user)
    if form.is_valid() and (confided := form.save(by=request.user)):
        messages.success(request, told(confided, "Vos suivis"))
        return redirect("caseload_confide")
    context = context_of(request.user, form=form) | {"section": "candidats"}
    return render(request, "referrals/caseload_confide.html", context)


@require_POST
@partner_only
@step_up
def caseload_take_back(request: MemberRequest, pk: UUID) -> HttpResponse:
    confided = get_object_or_404(StandIn.objects.filter(owner=request.user), pk=pk)
    actions.take_back(confided, by=request.user)
    messages.success(
        request, f"Vos suivis ne sont plus confiés à {confided.colleague}."
    )
    return redirect("caseload_confide")


def context_of(account: User, *, form: ConfideForm) -> dict[str, object]:
    confided = StandIn.objects.ahead().filter(owner=account)
    return {
        "person": account,
        "form": form,
        "caseload": caseload_of(account),
        "confided": confided.select_related("owner", "colleague"),
    }


def told(confided: StandIn, what: str) -> str:
    return (
        f"{what} sont confiés à {confided.colleague} du "
        f"{date_format(confided.starts_on)} au {date_format(confided.ends_on)} inclus."
    )
