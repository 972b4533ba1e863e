"""The search that a person's page opens: her place and her trades."""

from typing import Any

from django.urls import reverse

from offers.reference.places import french_gazetteer
from offers.search.criteria import Criteria
from offers.search.views import RADIUS_KM
from referrals.acts.models.acts import Act
from referrals.candidates.models.candidates import Candidate

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
    return {"trades": proposed_trades(candidate)}


def proposed_trades(candidate: Candidate) -> tuple[str, ...]:
    proposed = candidate.acts.exclude(state=Act.CANCELLED).exclude(offer__rome_code="")
    codes = dict.fromkeys(proposed.values_list("offer__rome_code", flat=True))
    return tuple(codes)[:MOST_TRADES]
