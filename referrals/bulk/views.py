"""Bulk actions in three steps, and one print job (U8).

Several offers for one person, or one offer for several: ``?acte=demande_cv``.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Service
from accounts.signin.access import requires
from accounts.signin.http import MemberRequest
from offers.catalogue.models import Offer
from offers.search.criteria import Criteria
from offers.search.ticks import numbers_in, with_ticks
from offers.search.way_back import WayBack, way_back_of
from opus.lib.audit.journal import Action
from opus.lib.forms.base import as_uuid
from opus.lib.web.pagination import paginate
from referrals.acts.act_context import prospects
from referrals.acts.act_rights import ActKind
from referrals.acts.registry import MODELS
from referrals.appointments.models.slots import Slot
from referrals.bulk import actions
from referrals.bulk.forms import FORMS, OffersForm, people_in
from referrals.bulk.words import MANY
from referrals.candidates import access_log
from referrals.candidates.models.candidates import Candidate
from referrals.candidates.person_choice import answer_look_up, choose
from referrals.candidates.views import get_candidate
from referrals.documents import rendering
from referrals.documents.models import Document, field_of
from referrals.making.actions import OfferChanged
from referrals.making.steps import FLOWS
from referrals.making.views import permission_for, refuse
from referrals.person_search.beginning import path_for
from referrals.print_jobs.models import PrintJob


def list_left(request: MemberRequest, results: str) -> WayBack:
    """Return the way back to a list whose form sent its search along."""
    search = Criteria.from_query(request.GET).query_string
    numbers = numbers_in(request.GET)
    return WayBack(with_ticks(f"{results}?{search}", numbers) if search else "")


def onward(request: MemberRequest, url: str, way: WayBack) -> HttpResponse:
    """Redirect to the ticked offers' address, with the way back."""
    query = urlencode({"offre": numbers_in(request.GET)}, doseq=True)
    return redirect(way.added_to(f"{url}?{query}"))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.CONSULTATION)
@requires(Service.REFERRALS)
def offers_start(request: MemberRequest) -> HttpResponse:
    """Choose the person; the URL has the offers, and the way back."""
    if way := list_left(request, reverse("offers")):
        return onward(request, reverse("bulk_start"), way)
    offers = ticked_offers(request)
    choice = choose(request) if offers else None
    context = {
        "offers": offers,
        "first": offers[0].pk if offers else "",
        "withdrawn": [offer for offer in offers if not offer.is_active],
        "choice": choice,
        "query": query_of(offers),
        "section": "offres",
    }
    page = render(request, "referrals/bulk/offers_start.html", context)
    return answer_look_up(page, choice.look_up) if choice else page


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.CONSULTATION)
@requires(Service.REFERRALS)
def offers_confirm(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Check the list, then make all possible acts."""
    candidate = get_candidate(request, pk)
    if way := list_left(request, path_for(candidate)):
        return onward(request, reverse("bulk_confirm", args=[pk]), way)
    offers = ticked_offers(request)
    form = OffersForm(request.POST or None, initial={"key": uuid4()}, offers=offers)
    if form.is_valid():
        key = form.save(candidate, by=request.user)
        parameters = {"offre": form.cleaned_data["references"], "change": form.outdated}
        done = reverse("bulk_done", args=[candidate.pk, key])
        address = f"{done}?{urlencode(parameters, doseq=True)}"
        return redirect(way_back_of(request).added_to(address))
    access_log.show(request.user, Action.PERSON_READ, [candidate], target=candidate)
    rows = prospects(
        [(offer, candidate) for offer in offers],
        by=request.user,
        convention=request.convention,
    )
    context = {
        "candidate": candidate,
        "form": form,
        "first": offers[0].pk if offers else "",
        "rows": [
            (row, FLOWS[row.kind], MANY[row.kind], form.criteria(row.offer))
            for row in rows
        ],
        "ready": sum(row.is_allowed for row in rows),
        "is_direct": all(row.kind == ActKind.REFERRAL for row in rows),
        "ticked": set(numbers_in(request.POST)) if form.is_bound else None,
        "most": actions.MOST_AT_ONCE,
        "section": "candidats",
    }
    return render(request, "referrals/bulk/offers_confirm.html", context)


@require_safe
@requires(Service.CONSULTATION)
@requires(Service.REFERRALS)
def offers_done(request: MemberRequest, pk: UUID, key: UUID) -> HttpResponse:
    candidate = get_candidate(request, pk)
    access_log.show(request.user, Action.PERSON_READ, [candidate], target=candidate)
    offers = ticked_offers(request)
    if not offers:
        raise Http404
    rows = actions.rows_of(
        [(offer, candidate) for offer in offers],
        by=request.user,
        convention=request.convention,
        key=key,
    )
    named = request.GET.getlist("change")
    changed = [row for row in rows if row.may_try_again and row.offer.pk in named]
    context = {
        "candidate": candidate,
        "key": key,
        "first": offers[0].pk,
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
    return render(request, "referrals/bulk/offers_done.html", context)


def ticked_offers(request: MemberRequest) -> list[Offer]:
    """Return the offers of the URL and form, unticked too."""
    numbers = list(dict.fromkeys([*numbers_in(request.GET), *numbers_in(request.POST)]))
    found = Offer.objects.defer("description", "skills_text").in_bulk(
        numbers[: 2 * actions.MOST_AT_ONCE]
    )
    return [found[number] for number in numbers if number in found]


def query_of(offers: Sequence[Offer]) -> str:
    return urlencode({"offre": [offer.pk for offer in offers]}, doseq=True)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.CONSULTATION)
@requires(Service.REFERRALS)
def people_confirm(request: MemberRequest, reference: str) -> HttpResponse:
    """Choose the persons, then check."""
    offer = get_object_or_404(Offer, pk=reference)
    kind = kind_in(request)
    answer = permission_for(request, offer, kind)
    if not answer.is_allowed:
        return refuse(request, offer, kind, answer.sentence)
    form = FORMS[kind](request.POST or None, initial={"key": uuid4()}, offer=offer)
    is_ready = form.is_valid()
    changed = OfferChanged(offer) if is_ready and form.is_outdated else None
    if is_ready and not changed:
        key = form.make(kind, by=request.user)
        query: dict[str, Any] = {"acte": kind.value}
        query["personne"] = form.cleaned_data["people"]
        if form.slot:
            query["creneau"] = form.slot.pk
        done = reverse("people_done", args=[offer.pk, key])
        address = f"{done}?{urlencode(query, doseq=True)}"
        return redirect(way_back_of(request).added_to(address))
    people = ticked_people(request)
    if not people:
        return choose_people(request, offer, kind)
    access_log.show(request.user, Action.PERSONS_LISTED, people, target=offer)
    rows = prospects(
        [(offer, person) for person in people],
        by=request.user,
        convention=request.convention,
        kind=kind,
    )
    context = {
        "flow": FLOWS[kind],
        "many": MANY[kind],
        "offer": offer,
        "has_errors": bool(form.errors),
        "changed": changed,
        "needs_slot": kind == ActKind.APPOINTMENT and not getattr(form, "slots", None),
        "form": form,
        "rows": rows,
        "ready": sum(row.is_allowed for row in rows),
        "ticked": set(people_in(request.POST)) if form.is_bound else None,
        "section": "offres",
    }
    status = 409 if changed else 200
    return render(request, "referrals/bulk/people_confirm.html", context, status=status)


def choose_people(request: MemberRequest, offer: Offer, kind: ActKind) -> HttpResponse:
    mine = Candidate.objects.visible_to(request.user).latest_used_first()
    page = paginate(request, mine.select_related("adviser"))
    access_log.show(
        request.user,
        Action.PERSONS_LISTED,
        list(page.object_list),
        unasked=page.number == 1,
    )
    context = {
        "flow": FLOWS[kind],
        "many": MANY[kind],
        "offer": offer,
        "way": way_back_of(request),
        "page": page,
        "section": "offres",
    }
    return render(request, "referrals/bulk/people_choose.html", context)


@require_safe
@requires(Service.CONSULTATION)
@requires(Service.REFERRALS)
def people_done(request: MemberRequest, reference: str, key: UUID) -> HttpResponse:
    offer, kind = get_object_or_404(Offer, pk=reference), kind_in(request)
    people = ticked_people(request)
    if not people:
        raise Http404
    access_log.show(request.user, Action.PERSONS_LISTED, people, target=offer)
    slot = chosen_slot(request, offer)
    rows = actions.rows_of(
        [(offer, person) for person in people],
        by=request.user,
        convention=request.convention,
        key=key,
        kind=kind,
    )
    context = {
        "flow": FLOWS[kind],
        "many": MANY[kind],
        "slot": slot,
        "is_full": slot is not None and slot.places_left <= 0,
        "offer": offer,
        "key": key,
        "query": request.GET.urlencode(),
        "job": PrintJob.objects.visible_to(request.user).filter(key=key).first(),
        "done": [row for row in rows if row.act],
        "already": [row for row in rows if row.was_already],
        "refused": [row for row in rows if not row.act and not row.was_already],
        "section": "offres",
    }
    return render(request, "referrals/bulk/people_done.html", context)


@require_safe
@requires(Service.CONSULTATION)
@requires(Service.REFERRALS)
def people_documents(request: MemberRequest, reference: str, key: UUID) -> HttpResponse:
    """Print the documents that are still to be handed over."""
    offer, kind = get_object_or_404(Offer, pk=reference), kind_in(request)
    people = ticked_people(request)
    field = field_of(MODELS[kind]())
    made = {f"{field}__offer": offer}
    keys = [actions.key_of(key, (offer.pk, person.pk)) for person in people]
    waiting = (
        Document.objects.visible_to(request.user)
        .waiting_for_hand_over()
        .filter(**made, **{f"{field}__idempotency_key__in": keys})
        .order_by("candidate", "pk")
    )
    persons = [document.candidate for document in waiting]
    access_log.show(request.user, Action.DOCUMENT_READ, persons, target=offer)
    context = {
        "offer": offer,
        "papers": [(one, rendering.demoted(one.html)) for one in waiting],
        "acts": [one.act for one in waiting],
        "back": f"{reverse('people_done', args=[offer.pk, key])}"
        f"?{request.GET.urlencode()}",
        "section": "offres",
    }
    return render(request, "referrals/bulk/documents.html", context)


def kind_in(request: MemberRequest) -> ActKind:
    try:
        return ActKind(request.GET.get("acte") or ActKind.REFERRAL)
    except ValueError as error:
        raise Http404 from error


def chosen_slot(request: MemberRequest, offer: Offer) -> Slot | None:
    number = as_uuid(request.GET.get("creneau", ""))
    slots = Slot.objects.with_taken().filter(agency__safir=offer.agency_safir)
    return slots.filter(pk=number).first() if number else None


def ticked_people(request: MemberRequest) -> list[Candidate]:
    """Return the persons of the URL and form, unticked too."""
    numbers = list(dict.fromkeys([*people_in(request.GET), *people_in(request.POST)]))
    mine = Candidate.objects.visible_to(request.user).select_related("adviser")
    wanted = numbers[: 2 * actions.MOST_AT_ONCE]
    return list(mine.filter(pk__in=wanted))
