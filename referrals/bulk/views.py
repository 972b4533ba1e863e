"""Bulk actions in three steps, and one print job (U8).

Offers are ticked in lists, persons here: « /proposer/?offre=…&personne=… ».
"""

import dataclasses
from collections.abc import Sequence
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.db.models import Q
from django.forms import BoundField
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Service
from accounts.signin.access import MemberRequest, requires
from offers.catalogue.models import Offer
from offers.page.actions import recently_seen
from offers.search.criteria import Criteria
from offers.search.page import WayBack, numbers_in, way_back_of, with_ticks
from opus.lib.audit.journal import Action
from opus.lib.web import paginate
from referrals.acts.act_context import Prospect, hires_of, last_hires
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act
from referrals.acts.next_step import NextStep
from referrals.bulk import actions
from referrals.bulk.actions import (
    MOST_AT_ONCE,
    Selection,
    loaded,
    pairs_in,
    persons_in,
    selection_in,
    written,
)
from referrals.bulk.forms import BulkForm
from referrals.candidates import access_log
from referrals.candidates.models import Candidate
from referrals.candidates.views import answer_look_up, choose, is_choosing
from referrals.documents.models import PrintJob
from referrals.favourites.models import Favourite
from referrals.making.steps import FLOWS, Flow


@dataclasses.dataclass(frozen=True)
class Line:
    """One pair to check; ``is_apart``: each such act needs its own hour.

    ``criteria``: what the offer asks, to tick; ``hire``: the person's last one.
    """

    prospect: Prospect
    is_apart: bool
    is_ticked: bool
    criteria: BoundField | None
    hire: Act | None

    @property
    def value(self) -> str:
        return written(self.prospect.pair)

    @property
    def flow(self) -> Flow:
        return FLOWS[self.prospect.kind]

    @property
    def is_open(self) -> bool:
        return self.prospect.is_allowed and not self.is_apart


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.CONSULTATION)
@requires(Service.REFERRALS)
def bulk(request: MemberRequest) -> HttpResponse:
    """Choose the persons, check each pair, then make the acts."""
    if way := list_left(request):
        query = {"offre": numbers_in(request.GET), "personne": persons_in(request.GET)}
        address = f"{reverse('bulk')}?{urlencode(query, doseq=True)}"
        return redirect(way.added_to(address))
    selection = selection_in(request)
    if selection.people and not selection.offers:
        return choose_offers(request, selection)
    is_chosen = selection.offers and selection.people and not selection.is_too_many
    is_choice = bool({"choisir", "page"} & request.GET.keys())
    if not is_chosen or is_choice or is_choosing(request):
        return choose_people(request, selection)
    return check(request, selection)


def list_left(request: MemberRequest) -> WayBack:
    """Return the way back to a list whose form sent its search along."""
    search = Criteria.from_query(request.GET).with_page(1).query_string
    if not search:
        return WayBack()
    persons = persons_in(request.GET)
    results = reverse("offers")
    if persons:
        results = reverse("person_search", args=[persons[0]])
    return WayBack(with_ticks(f"{results}?{search}", numbers_in(request.GET)))


def choose_offers(request: MemberRequest, selection: Selection) -> HttpResponse:
    """Show kept and lately opened offers, for persons ticked in a list."""
    log_reading(request, selection)
    mine = Favourite.objects.visible_to(request.user).for_page()
    of_them = Q(candidate__in=selection.people) | Q(candidate__isnull=True)
    kept = [one.offer for one in mine.filter(of_them)]
    seen = [hit.offer for hit in recently_seen(request.user)]
    offers = {offer.pk: offer for offer in [*kept, *seen] if offer.is_active}
    context = {
        "selection": selection,
        "offers": list(offers.values())[:MOST_AT_ONCE],
        "way": way_back_of(request),
        "section": "candidats",
    }
    return render(request, "referrals/bulk/choose_offers.html", context)


def choose_people(request: MemberRequest, selection: Selection) -> HttpResponse:
    """Show one's recent candidates, or all of them, with boxes."""
    context = {
        "selection": selection,
        "first": selection.offers[0].pk if selection.offers else "",
        "withdrawn": [offer for offer in selection.offers if not offer.is_active],
        "offers_alone": dataclasses.replace(selection, people=()).query,
        "way": way_back_of(request),
        "most": MOST_AT_ONCE,
        "section": "offres",
    }
    page = "referrals/bulk/choose.html"
    if not selection.offers:
        return render(request, page, context)
    if "page" in request.GET:
        mine = Candidate.objects.visible_to(request.user).with_job_sought()
        everybody = paginate(request, mine.select_related("adviser"))
        people = list(everybody.object_list)
        is_first = everybody.number == 1
        access_log.show(request.user, Action.PERSONS_LISTED, people, unasked=is_first)
        elsewhere = [one for one in selection.people if one not in people]
        context |= {"page": everybody, "people": people, "elsewhere": elsewhere}
        return render(request, page, context)
    choice = choose(request)
    has_errors = bool(choice.look_up.errors)
    context |= {"choice": choice, "people": choice.people, "has_errors": has_errors}
    return answer_look_up(render(request, page, context), choice.look_up)


def check(request: MemberRequest, selection: Selection) -> HttpResponse:
    form = BulkForm(
        request.POST or None,
        initial={"key": uuid4()},
        selection=selection,
        by=request.user,
        convention=request.convention,
    )
    if form.is_valid():
        was_full, made = form.save(by=request.user), form.cleaned_data
        more: dict[str, list[str]] = {
            "change": form.outdated,
            "complet": ["oui"] if was_full else [],
            "acte": [selection.kind] if selection.kind else [],
        }
        return redirect(address_of_result(request, made["key"], made["pairs"], **more))
    log_reading(request, selection)
    found = selection.prospects(
        selection.pairs, by=request.user, convention=request.convention
    )
    earlier = actions.earlier_of(found, by=request.user)
    hires = last_hires(hires_of(selection.people))
    ticked = pairs_in(request.POST) if form.is_bound else None
    lines = [
        Line(
            one,
            is_apart=one.is_allowed
            and one.kind == ActKind.APPOINTMENT
            and form.needs_slot,
            is_ticked=ticked is None or one.pair in ticked,
            criteria=form.criteria_for(one.pair),
            hire=hires.get(one.candidate.pk),
        )
        for one in found
    ]
    context = {
        "selection": selection,
        "form": form,
        "first": selection.offers[0].pk,
        "piles": piles_of(selection, lines),
        "ready": sum(line.is_open for line in lines),
        "earlier": earlier,
        "result": earlier
        and address_of_result(request, earlier.job.key, earlier.pairs),
        "section": "offres",
    }
    return render(request, "referrals/bulk/check.html", context)


def piles_of(
    selection: Selection, lines: Sequence[Line]
) -> list[tuple[Candidate | None, Sequence[Line]]]:
    """Return the lines of each person; one list if a heading says nothing."""
    if len(selection.offers) == 1 or len(selection.people) == 1:
        return [(None, lines)]
    return [
        (person, [line for line in lines if line.prospect.candidate == person])
        for person in selection.people
    ]


def address_of_result(
    request: MemberRequest, key: UUID, pairs: Sequence[actions.Pair], **more: list[str]
) -> str:
    query = urlencode({"paire": [written(pair) for pair in pairs], **more}, doseq=True)
    done = reverse("bulk_done", args=[key])
    return way_back_of(request).added_to(f"{done}?{query}")


@require_safe
@requires(Service.CONSULTATION)
@requires(Service.REFERRALS)
def bulk_done(request: MemberRequest, key: UUID) -> HttpResponse:
    """Show what was made, why the rest was not, and what to do."""
    pairs = pairs_in(request.GET)[:MOST_AT_ONCE]
    numbers = list(dict.fromkeys(reference for reference, _ in pairs))
    persons = list(dict.fromkeys(person for _, person in pairs))
    selection = loaded(request, numbers, persons)
    if not selection.pairs:
        raise Http404
    log_reading(request, selection)
    rows = actions.rows_of(
        selection, pairs, by=request.user, convention=request.convention, key=key
    )
    done = [row for row in rows if row.act]
    # Nothing forbids these any more.
    again = [row for row in rows if row.prospect and row.prospect.is_allowed]
    context = {
        "selection": selection,
        "first": selection.offers[0].pk,
        "job": PrintJob.objects.visible_to(request.user).filter(key=key).first(),
        "done": done,
        "waiting": [
            row for row in done if row.act and row.act.next_step == NextStep.HAND_OVER
        ],
        "already": [row for row in rows if row.live],
        "again": again,
        "to_check": selection_of(again, selection.kind).query,
        "changed": request.GET.getlist("change"),
        "was_full": "complet" in request.GET,
        "refused": [
            row for row in rows if not row.act and not row.live and row not in again
        ],
        "here": request.get_full_path(),
        "way": way_back_of(request),
        "section": "offres",
    }
    return render(request, "referrals/bulk/done.html", context)


def selection_of(rows: Sequence[actions.Row], kind: ActKind | None) -> Selection:
    """Return the selection that checks these pairs again."""
    offers: dict[str, Offer] = {row.offer.pk: row.offer for row in rows}
    people: dict[UUID, Candidate] = {row.candidate.pk: row.candidate for row in rows}
    return Selection(list(offers.values()), list(people.values()), kind)


def log_reading(request: MemberRequest, selection: Selection) -> None:
    people = list(selection.people)
    if len(people) == 1:
        access_log.show(request.user, Action.PERSON_READ, people, target=people[0])
    else:
        first = selection.offers[0] if selection.offers else None
        access_log.show(request.user, Action.PERSONS_LISTED, people, target=first)
