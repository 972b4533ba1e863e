"""The breach report: persons an account saw (V24, GDPR 33).

Read from the audit log; a deleted person keeps her number, and a merged record has that
of the one it joined.
"""

import dataclasses
import datetime as dt
from uuid import UUID

from django.db import connection

from accounts.users.models.users import User
from opus.lib.documents.spreadsheets import make_csv
from referrals.candidates.models.candidates import Candidate

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
