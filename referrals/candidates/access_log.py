"""Views of candidates: counted and logged (S25, S38).

The log also counts the persons far from the structure (S39), without any place.
"""

import dataclasses
import datetime as dt
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, models

from accounts.security import personal_data_quotas
from accounts.structures.models import Structure
from accounts.users.models import User
from offers.reference.models import Commune
from offers.reference.places import distance_km
from opus.lib.audit.journal import Action
from opus.lib.documents.spreadsheets import make_csv
from referrals.candidates.models import Candidate

type Point = tuple[float, float]

# Communes do not move: each is read once per process.
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
    """Count and log these candidates. Raises CeilingReached: too many.

    ``unasked``: shown without a request; ``details``: codes for the audit log.
    """
    persons = {candidate.pk for candidate in candidates}
    far = far_from(by.structure, candidates)
    personal_data_quotas.show(
        by, action, persons, far=far, target=target, unasked=unasked, **details
    )


def far_from(
    structure: Structure | None, candidates: Collection[Candidate]
) -> set[UUID]:
    """Return those further from the structure than ``far_km``.

    An unknown place counts as near.
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
    if missing := codes - _points.keys():
        _points.update(dict.fromkeys(missing))
        located = Commune.objects.filter(
            pk__in=missing, latitude__isnull=False, longitude__isnull=False
        )
        for row in located:
            _points[row.code] = (row.latitude, row.longitude)  # type: ignore[assignment]
    return {code: _points[code] for code in codes}


SEEN = """
SELECT coalesce(candidate_id, seen) AS person, min(at), max(at), count(DISTINCT id)
FROM lib_auditentry, unnest(person_ids) seen
LEFT JOIN referrals_mergedrecord ON former = seen
WHERE actor_id = %s AND at >= %s AND at <= %s
GROUP BY person ORDER BY min(at), person
"""

FIELDS = Candidate.columns("last_name", "first_name", "ft_id", "email")
SEEN_WHEN = ("Vue la première fois", "Vue la dernière fois", "Nombre de fois")
HEADINGS = ("Numéro interne", *FIELDS, *SEEN_WHEN)


@dataclasses.dataclass(frozen=True)
class PersonSeen:
    pk: UUID
    first_at: dt.datetime
    last_at: dt.datetime
    times: int


def persons_seen(
    account: User, *, since: dt.datetime, until: dt.datetime
) -> list[PersonSeen]:
    """Return all persons seen or written, both instants included."""
    with connection.cursor() as cursor:
        cursor.execute(SEEN, [account.pk, since, until])
        return [PersonSeen(*row) for row in cursor.fetchall()]


def as_csv(persons: list[PersonSeen]) -> str:
    """Return the list with contact data."""
    sheets = Candidate.objects.in_bulk([person.pk for person in persons])
    return make_csv(HEADINGS, (cells(each, sheets.get(each.pk)) for each in persons))


def cells(person: PersonSeen, candidate: Candidate | None) -> list[object]:
    known = [getattr(candidate, name, "") for name in FIELDS.values()]
    when = [f"{at:%Y-%m-%d %H:%M:%S %Z}" for at in (person.first_at, person.last_at)]
    return [person.pk, *known, *when, person.times]
