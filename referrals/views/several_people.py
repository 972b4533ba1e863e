"""One offer for several persons: who, check, done, and one print job (U8).

The address says which act, ``?acte=demande_cv``: the mise en contact where it does not.
"""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import requires
from accounts.http import MemberRequest
from accounts.models import Service
from offers.models import Offer
from opus.lib.audit import Action
from opus.lib.pagination import paginate
from referrals import documents, sightings
from referrals.actions import several_people
from referrals.actions.make import OfferChanged
from referrals.flows import FLOWS, MANY
from referrals.forms.several_people import FORMS, as_uuid, people_in
from referrals.kinds import MODELS
from referrals.models import Candidate, Document, PrintJob, Slot
from referrals.models.documents import field_of
from referrals.rights import ActKind
from referrals.situations import person_prospects
from referrals.views.refer import answer_for, refuse


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.CONSULTATION)
@requires(Service.REFERRALS)
def people_confirm(request: MemberRequest, reference: str) -> HttpResponse:
    """Who, then check: without anybody in the address, one's own persons to tick."""
    offer = get_object_or_404(Offer, pk=reference)
    kind = asked_kind(request)
    answer = answer_for(request, offer, kind)
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
        told = urlencode(query, doseq=True)
        return redirect(f"{reverse('people_done', args=[offer.pk, key])}?{told}")
    people = asked(request)
    if not people:
        return choose(request, offer, kind)
    sightings.show(request.user, Action.PERSONS_LISTED, people, target=offer)
    rows = person_prospects(
        offer, people, by=request.user, convention=request.convention, kind=kind
    )
    context = {
        "flow": FLOWS[kind],
        "many": MANY[kind],
        "offer": offer,
        "has_errors": bool(form.errors),
        "changed": changed,
        "needs_slot": kind == ActKind.SUMMONS and not getattr(form, "slots", None),
        "form": form,
        "rows": rows,
        "ready": sum(row.is_allowed for row in rows),
        "ticked": set(people_in(request.POST)) if form.is_bound else None,
        "section": "offres",
    }
    status = 409 if changed else 200
    return render(request, "referrals/people_confirm.html", context, status=status)


def choose(request: MemberRequest, offer: Offer, kind: ActKind) -> HttpResponse:
    """One's own persons, a page at a time, to be ticked."""
    mine = Candidate.objects.visible_to(request.user).latest_used_first()
    page = paginate(request, mine.select_related("adviser"))
    sightings.show(
        request.user,
        Action.PERSONS_LISTED,
        list(page.object_list),
        unasked=page.number == 1,
    )
    context = {
        "flow": FLOWS[kind],
        "many": MANY[kind],
        "offer": offer,
        "page": page,
        "section": "offres",
    }
    return render(request, "referrals/people_choose.html", context)


@require_safe
@requires(Service.CONSULTATION)
@requires(Service.REFERRALS)
def people_done(request: MemberRequest, reference: str, key: UUID) -> HttpResponse:
    """What became of each person: done, already, or refused with its article."""
    offer, kind = get_object_or_404(Offer, pk=reference), asked_kind(request)
    people = asked(request)
    if not people:
        raise Http404
    sightings.show(request.user, Action.PERSONS_LISTED, people, target=offer)
    slot = chosen_slot(request, offer)
    rows = several_people.rows_of(
        offer,
        people,
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
    return render(request, "referrals/people_done.html", context)


@require_safe
@requires(Service.CONSULTATION)
@requires(Service.REFERRALS)
def people_sheets(request: MemberRequest, reference: str, key: UUID) -> HttpResponse:
    """The sheets of one gesture that wait to be handed over, to print at once."""
    offer, kind = get_object_or_404(Offer, pk=reference), asked_kind(request)
    people = asked(request)
    field = field_of(MODELS[kind]())
    made = {f"{field}__offer": offer}
    keys = [several_people.key_of(key, person.pk) for person in people]
    waiting = (
        Document.objects.visible_to(request.user)
        .waiting_for_hand_over()
        .filter(**made, **{f"{field}__idempotency_key__in": keys})
        .order_by("candidate", "pk")
    )
    persons = [document.candidate for document in waiting]
    sightings.show(request.user, Action.DOCUMENT_READ, persons, target=offer)
    context = {
        "offer": offer,
        "papers": [(one, documents.demoted(one.html)) for one in waiting],
        "acts": [one.act for one in waiting],
        "back": f"{reverse('people_done', args=[offer.pk, key])}"
        f"?{request.GET.urlencode()}",
        "section": "offres",
    }
    return render(request, "referrals/people_sheets.html", context)


def asked_kind(request: MemberRequest) -> ActKind:
    """Which act the address is about; one that there is not is a 404."""
    try:
        return ActKind(request.GET.get("acte") or ActKind.REFERRAL)
    except ValueError as error:
        raise Http404 from error


def chosen_slot(request: MemberRequest, offer: Offer) -> Slot | None:
    """Where all were convened, as the address says."""
    number = as_uuid(request.GET.get("creneau", ""))
    slots = Slot.objects.with_taken().filter(agency__safir=offer.agency_safir)
    return slots.filter(pk=number).first() if number else None


def asked(request: MemberRequest) -> list[Candidate]:
    """One's own persons whom the address or the form names; others do not exist.

    One who was unticked stays in the list, where something is to be corrected.
    """
    numbers = list(dict.fromkeys([*people_in(request.GET), *people_in(request.POST)]))
    mine = Candidate.objects.visible_to(request.user).select_related("adviser")
    wanted = numbers[: 2 * several_people.MOST_AT_ONCE]
    return list(mine.filter(pk__in=wanted))
