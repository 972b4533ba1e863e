from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import FilteredRelation, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.enums import Service
from accounts.signin.access import MemberRequest, requires
from offers.reference.places import french_gazetteer
from offers.search.criteria import Criteria
from offers.search.views import RADIUS_KM, search
from opus.lib.audit.journal import Action
from opus.lib.database.queries import columns_of, row_of
from referrals.acts.act_context import acts_with
from referrals.acts.models import Act
from referrals.candidates import access_log
from referrals.candidates.models import Candidate, CandidateQuerySet, Processing
from referrals.saved_searches.models import SavedSearch

# Of what was proposed last, if no search of hers names a trade.
MOST_TRADES = 3


def path_for(candidate: Candidate) -> str:
    return reverse("person_search", args=[candidate.pk])


def search_for(candidate: Candidate) -> Criteria:
    """Return the search around her commune, else around the structure's."""
    codes = (candidate.commune_code, candidate.structure.commune_code)
    located = (code for code in codes if has_point(code))
    return Criteria(
        places=tuple(located)[:1],
        radius=RADIUS_KM,
        own_path=path_for(candidate),
        **job_of(candidate),
    )


def has_point(code: str) -> bool:
    commune = french_gazetteer().commune(code)
    return commune is not None and commune.point is not None


def job_of(candidate: Candidate) -> dict[str, Any]:
    """Return the job of her saved searches, else the trades proposed last."""
    queries = candidate.saved_searches.order_by("created_at", "pk")
    searches = [
        Criteria.from_text(query) for query in queries.values_list("query", flat=True)
    ]
    trades = tuple(dict.fromkeys(code for one in searches for code in one.trades))
    if trades:
        return {"trades": trades}
    for one in searches:
        if one.words:
            return {"words": one.words, "rule": one.rule}
    proposed = candidate.acts.exclude(state=Act.CANCELLED).exclude(offer__rome_code="")
    codes = dict.fromkeys(proposed.values_list("offer__rome_code", flat=True))
    return {"trades": tuple(codes)[:MOST_TRADES]}


@require_safe
@requires(Service.CONSULTATION)
def person_search(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Search offers in the name of one's own candidate."""
    candidate = get_object_or_404(with_freeze_and_searches(request), pk=pk)
    if not request.GET:
        return redirect(search_for(candidate).url)
    access_log.show(request.user, Action.PERSON_READ, [candidate], target=candidate)
    return search(
        request,
        own_path=path_for(candidate),
        template="referrals/person_search/search.html",
        candidate=candidate,
        frozen_by=candidate.frozen_by,
        searches=[row_of(SavedSearch, row) for row in candidate.searches],
        person_acts=acts_with(candidate, by=request.user),
    )


def with_freeze_and_searches(request: MemberRequest) -> CandidateQuerySet:
    """Annotate ``frozen_by``, the request that stops all use, and ``searches``."""
    in_force = Q(limits__processing=Processing.ALL, limits__lifted_at__isnull=True)
    mine: Any = Candidate.objects.visible_to(request.user)
    found: CandidateQuerySet = mine.annotate(
        freeze_now=FilteredRelation("limits", condition=in_force),
        frozen_by=Coalesce("freeze_now__reference", Value("")),
        searches=ArraySubquery(
            SavedSearch.objects.filter(candidate=OuterRef("pk"))
            .order_by("created_at", "pk")
            .values_list(columns_of(SavedSearch))
        ),
    )
    return found
