"""Several offers for one person: who, check, done (U8)."""

from collections.abc import Sequence
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import requires
from accounts.http import MemberRequest
from accounts.models import Service
from offers.models import Offer
from opus.lib.audit import Action
from referrals import sightings
from referrals.actions import several
from referrals.flows import FLOWS, MANY
from referrals.forms.several import SeveralForm, numbers_in
from referrals.models import PrintJob
from referrals.rights import ActKind
from referrals.situations import prospects
from referrals.views.candidates import get_candidate
from referrals.views.people import answer_look_up, choose


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.CONSULTATION)
@requires(Service.REFERRALS)
def several_start(request: MemberRequest) -> HttpResponse:
    """Who? The offers ticked in a search stand in the address, the person does not."""
    offers = asked(request)
    choice = choose(request) if offers else None
    context = {
        "offers": offers,
        "withdrawn": [offer for offer in offers if not offer.is_active],
        "choice": choice,
        "query": query_of(offers),
        "section": "offres",
    }
    page = render(request, "referrals/several_start.html", context)
    return answer_look_up(page, choice.look_up) if choice else page


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.CONSULTATION)
@requires(Service.REFERRALS)
def several_confirm(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Check the list, then make all the acts that can be made."""
    candidate = get_candidate(request, pk)
    offers = asked(request)
    form = SeveralForm(request.POST or None, initial={"key": uuid4()}, offers=offers)
    if form.is_valid():
        key = form.save(candidate, by=request.user)
        told = {"offre": form.cleaned_data["references"], "change": form.outdated}
        done = reverse("several_done", args=[candidate.pk, key])
        return redirect(f"{done}?{urlencode(told, doseq=True)}")
    sightings.show(request.user, Action.PERSON_READ, [candidate], target=candidate)
    rows = prospects(offers, candidate, by=request.user, convention=request.convention)
    context = {
        "candidate": candidate,
        "form": form,
        "rows": [
            (row, FLOWS[row.kind], MANY[row.kind], form.criteria(row.offer))
            for row in rows
        ],
        "ready": sum(row.is_allowed for row in rows),
        "is_direct": all(row.kind == ActKind.REFERRAL for row in rows),
        "ticked": set(numbers_in(request.POST)) if form.is_bound else None,
        "most": several.MOST_AT_ONCE,
        "section": "candidats",
    }
    return render(request, "referrals/several_confirm.html", context)


@require_safe
@requires(Service.CONSULTATION)
@requires(Service.REFERRALS)
def several_done(request: MemberRequest, pk: UUID, key: UUID) -> HttpResponse:
    """What became of each offer: done, already, or refused with its article."""
    candidate = get_candidate(request, pk)
    sightings.show(request.user, Action.PERSON_READ, [candidate], target=candidate)
    offers = asked(request)
    if not offers:
        raise Http404
    rows = several.rows_of(
        offers, candidate, by=request.user, convention=request.convention, key=key
    )
    named = request.GET.getlist("change")
    changed = [row for row in rows if row.may_try_again and row.offer.pk in named]
    context = {
        "candidate": candidate,
        "key": key,
        "job": PrintJob.objects.visible_to(request.user).filter(key=key).first(),
        "done": [row for row in rows if row.act],
        "already": [row for row in rows if row.was_already],
        "changed": [(row, FLOWS[row.kind]) for row in changed],
        "again": query_of([row.offer for row in changed]),
        "refused": [
            (row, FLOWS[row.kind])
            for row in rows
            if not row.act and not row.was_already and row not in changed
        ],
        "is_direct": all(row.kind == ActKind.REFERRAL for row in rows),
        "section": "candidats",
    }
    return render(request, "referrals/several_done.html", context)


def asked(request: MemberRequest) -> list[Offer]:
    """The offers that the address names, then those of the form, in their order.

    One that was unticked stays in the list, where something is to be corrected.
    """
    numbers = list(dict.fromkeys([*numbers_in(request.GET), *numbers_in(request.POST)]))
    found = Offer.objects.defer("description", "skills_text").in_bulk(
        numbers[: 2 * several.MOST_AT_ONCE]
    )
    return [found[number] for number in numbers if number in found]


def query_of(offers: Sequence[Offer]) -> str:
    return urlencode({"offre": [offer.pk for offer in offers]}, doseq=True)
