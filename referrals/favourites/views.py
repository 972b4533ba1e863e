import dataclasses
from collections.abc import Iterable
from itertools import groupby
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.enums import Service
from accounts.signin.access import MemberRequest, destination, requires
from offers.catalogue.models import Offer
from offers.search.results import similar_offers
from opus.lib.audit.journal import Action
from opus.lib.forms.base import as_uuid
from opus.lib.web import paginate
from referrals.acts.act_context import facts_of
from referrals.candidates import access_log
from referrals.candidates.models import Candidate
from referrals.candidates.views import (
    answer_look_up,
    choose,
    get_candidate,
    is_choosing,
)
from referrals.favourites import actions
from referrals.favourites.forms import KeepByNumberForm, KeepForm
from referrals.favourites.models import Favourite
from referrals.saved_searches.actions import mark_opened
from referrals.saved_searches.matching import find_latest, put_in_words
from referrals.saved_searches.models import MOST_FOR_A_PERSON

# Similar offers cost a few queries: only the first withdrawn ones of a page have
# them; the others link to the page with them.
ALIKE_SHOWN = 2


@dataclasses.dataclass(frozen=True)
class Kept:
    favourite: Favourite
    alike: list[Offer]

    @property
    def offer(self) -> Offer:
        return self.favourite.offer


@dataclasses.dataclass(frozen=True)
class Shelf:
    """The favourites of one person, or those without a person."""

    candidate: Candidate | None
    kept: list[Kept]

    @property
    def key(self) -> str:
        return self.candidate.pk.hex if self.candidate else ""

    @property
    def has_several(self) -> bool:
        return any(one.offer.is_active for one in self.kept)


def with_alike(favourites: Iterable[Favourite]) -> list[Kept]:
    """Add similar offers to the first withdrawn ones."""
    shown = 0
    kept = []
    for favourite in favourites:
        alike = []
        if favourite.offer_is_withdrawn and shown < ALIKE_SHOWN:
            shown += 1
            alike = similar_offers(favourite.offer)
        kept.append(Kept(favourite, alike))
    return kept


PER_PAGE = 30


@require_safe
@requires(Service.CONSULTATION)
def favourites(request: MemberRequest) -> HttpResponse:
    mine = Favourite.objects.visible_to(request.user).for_page()
    page = paginate(request, mine, PER_PAGE)
    kept = with_alike(page.object_list)
    shelves = [
        Shelf(candidate, list(those))
        for candidate, those in groupby(kept, lambda one: one.favourite.candidate)
    ]
    people = [shelf.candidate for shelf in shelves if shelf.candidate]
    access_log.show(
        request.user, Action.PERSONS_LISTED, people, unasked=page.number == 1
    )
    context = {
        "page": page,
        "shelves": shelves,
        "facts": facts_of([one.offer for one in kept], people),
        "section": "favoris",
    }
    return render(request, "referrals/favourites/favourites.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.CONSULTATION)
def favourite_keep(request: MemberRequest, reference: str) -> HttpResponse:
    offer = get_object_or_404(Offer, pk=reference)
    if not offer.is_active:
        return redirect(offer)
    is_sent = request.method == "POST" and not is_choosing(request)
    form = KeepForm(request.POST if is_sent else None, by=request.user)
    if form.is_valid():
        try:
            added = form.save(offer)
        except actions.KeepRefused as error:
            form.add_error(None, str(error))
        except Candidate.DoesNotExist as error:
            raise Http404 from error
        else:
            messages.success(
                request,
                "L’offre est gardée."
                if added
                else "L’offre était déjà gardée : rien ne change.",
            )
            return redirect(destination(request, offer.get_absolute_url()))
    choice = choose(request)
    having = set(
        Favourite.objects.visible_to(request.user)
        .filter(offer=offer)
        .values_list("candidate", flat=True)
    )
    context = {
        "offer": offer,
        "choice": choice,
        "form": form,
        "having": having,
        "is_kept_for_nobody": None in having,
        "has_errors": bool(choice.look_up.errors),
        "section": "offres",
    }
    page = render(request, "referrals/favourites/keep.html", context)
    return answer_look_up(page, choice.look_up)


@require_POST
@requires(Service.CONSULTATION)
def favourite_remove(request: MemberRequest) -> HttpResponse:
    mine = Favourite.objects.visible_to(request.user).select_related("offer")
    pk = as_uuid(request.POST.get("favori", ""))
    actions.remove(get_object_or_404(mine, pk=pk), by=request.user)
    messages.success(request, "L’offre n’est plus gardée.")
    return redirect(destination(request, "favourites"))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.CONSULTATION)
def candidate_offers(request: MemberRequest, pk: UUID) -> HttpResponse:
    """List her offers, from searches and favourites; new ones marked."""
    candidate = get_candidate(request, pk)
    form = KeepByNumberForm(request.POST or None, candidate=candidate, by=request.user)
    if form.is_valid() and form.save():
        messages.success(request, "L’offre est gardée pour ce candidat.")
        return redirect("candidate_offers", candidate.pk)
    access_log.show(request.user, Action.PERSON_READ, [candidate], target=candidate)
    kept = with_alike(candidate.favourites.for_page())
    by_age = candidate.saved_searches.order_by("created_at", "pk")
    is_visit = request.method == "GET"
    searches = put_in_words(mark_opened(person=candidate.pk) if is_visit else by_age)
    news = find_latest(searches)
    for search in searches:
        search.alert = search.pace_for(request.user)
    offers = [offer for search in searches for offer, _ in search.found]
    offers += [one.offer for one in kept]
    context = {
        "candidate": candidate,
        "form": form,
        "shelf": Shelf(candidate, kept),
        "searches": searches,
        "news": news,
        "facts": facts_of(offers, [candidate]),
        "may_add": len(searches) < MOST_FOR_A_PERSON,
        "section": "candidats",
    }
    return render(request, "referrals/favourites/of_candidate.html", context)
