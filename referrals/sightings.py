"""Candidates about to be shown: counted against the ceiling, told to the journal.

Every page that shows a person comes through ``show`` before it answers (S25, S38). The
journal gets the persons' numbers, and which of them live far from the structure: whose
caseload does that (S39)? No place is written, only that.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models

from accounts import ceilings
from accounts.models import Structure, User
from offers.gazetteer import distance_km
from offers.models import Commune
from opus.lib.audit import Action
from referrals.models import Candidate

type Point = tuple[float, float]

# Communes do not move: each is asked of the database once per process.
_points: dict[str, Point | None] = {}


def show(
    by: User,
    action: Action,
    candidates: Collection[Candidate],
    *,
    target: models.Model | None = None,
    unasked: bool = False,
    **details: Any,
) -> None:
    """Count and tell these candidates, or refuse to show them.

    Args:
        unasked: the page shows them of itself (``accounts.ceilings``).
        details: codes and numbers for the journal.

    Raises:
        CeilingReached: the account has seen too many different persons this hour.
    """
    ceilings.show(
        by,
        action,
        {candidate.pk for candidate in candidates},
        far=far_from(by.structure, candidates),
        target=target,
        unasked=unasked,
        **details,
    )


def far_from(
    structure: Structure | None, candidates: Collection[Candidate]
) -> set[UUID]:
    """Those who live further from the structure than ``far_km``.

    Who lives nobody knows where lives near: a doubt raises no alert.
    """
    if structure is None:
        return set()
    codes = {candidate.commune_code for candidate in candidates} - {""}
    if codes <= {structure.commune_code}:
        return set()
    points = points_of(codes | {structure.commune_code})
    home = points[structure.commune_code]
    far_codes = {
        code
        for code in codes
        if home
        and (point := points[code])
        and distance_km(*home, *point) > settings.DETECTION.far_km
    }
    return {
        candidate.pk for candidate in candidates if candidate.commune_code in far_codes
    }


def points_of(codes: set[str]) -> dict[str, Point | None]:
    """Latitude and longitude of communes by INSEE code; None where it has none."""
    if missing := codes - _points.keys():
        rows = Commune.objects.filter(pk__in=missing)
        found = {row.code: (row.latitude, row.longitude) for row in rows}
        for code in missing:
            latitude, longitude = found.get(code, (None, None))
            known = latitude is not None and longitude is not None
            _points[code] = (latitude, longitude) if known else None  # type: ignore[assignment]
    return {code: _points[code] for code in codes}
