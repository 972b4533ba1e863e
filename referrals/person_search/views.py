from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import FilteredRelation, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from accounts.enums import Service
from accounts.signin.access import MemberRequest, requires
from offers.search.views import search
from opus.lib.audit.journal import Action
from opus.lib.database.rows_in_json import columns_of, row_of
from referrals.acts.proposals import acts_with
from referrals.candidates import access_log
from referrals.candidates.models.candidates import Candidate, CandidateQuerySet
from referrals.candidates.models.limits import Processing
from referrals.person_search.beginning import path_for, search_for
from referrals.saved_searches.models import SavedSearch


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
