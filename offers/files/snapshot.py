"""Withdraw offers missing from a snapshot: a guard, then batches.

Each offer, not the whole, is consistent (docs/adr/0010): a live event never waits for
more than one batch.
"""

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import batched

from django.db import connection

from offers.catalogue.writes import SEEN_AT_ONCE, announce_withdrawal, writing_offers
from offers.files.models import ImportRun

BROKE_OFF = (
    "Aucune offre retirée : l’image n’a pas été lue jusqu’au bout. Les offres qu’elle"
    " contient sont à jour ; redemandez le fichier, puis relancez la commande."
)
HOLDS_NOTHING = "Aucune offre retirée : l’image ne contient aucune offre lisible."
LACKS_TOO_MUCH = (
    "Aucune offre retirée : l’image n’a pas {missing} des {active} offres actives"
    " ({share} %), plus que les {allowed:g} % permis par --max-withdrawn. Les offres"
    " qu’elle contient sont à jour. Vérifiez que le fichier est entier ; s’il l’est,"
    " relancez la commande avec --max-withdrawn {enough}."
)

READ_AT_ONCE = 50_000
# In the order in which all writers lock offers.
CANDIDATES = """
SELECT reference FROM offers_offer
WHERE reference > %s AND state = 'active'
    -- What a live event brought since the run began is no business of the file.
    AND imported_at <= %s AND state_at <= %s
ORDER BY reference LIMIT %s
"""
# Checked again for each locked row: an event may have come first.
WITHDRAW = """
WITH held AS (
    SELECT o.reference FROM offers_offer o
    WHERE o.reference = ANY (%s)
        AND o.state = 'active' AND o.imported_at <= %s AND o.state_at <= %s
    ORDER BY o.reference
    FOR NO KEY UPDATE OF o
)
UPDATE offers_offer o SET state = 'absente', state_at = now()
FROM held WHERE o.reference = held.reference
"""


class Seen:
    """The offers of the files, 8 bytes each: a million in 8 MB.

    Two with one hash would keep one offer that the files lack: with a million, once in
    a hundred million runs.
    """

    def __init__(self) -> None:
        self.hashes = array("q")

    def add(self, references: Iterable[str]) -> None:
        self.hashes.extend(map(hash, references))

    def sort(self) -> None:
        self.hashes = array("q", sorted(self.hashes))

    def __contains__(self, reference: str) -> bool:
        """Search the sorted hashes."""
        value = hash(reference)
        place = bisect_left(self.hashes, value)
        return place < len(self.hashes) and self.hashes[place] == value


def withdraw_missing(
    run: ImportRun, seen: Seen, active_before: int, max_withdrawn: float, *, batch: int
) -> str:
    """Withdraw missing offers, unless too many; return the refusal.

    Args:
        active_before: active offers when the run began.
        max_withdrawn: percentage of them above which none is withdrawn.
        batch: most withdrawals in one transaction.
    """
    if not run.created + run.updated + run.unchanged:
        return HOLDS_NOTHING
    missing = find_missing(run, seen)
    share = 100 * len(missing) / active_before if active_before else 0.0
    if share > max_withdrawn:
        return LACKS_TOO_MUCH.format(
            missing=len(missing),
            active=active_before,
            share=f"{share:.1f}".replace(".", ","),
            allowed=max_withdrawn,
            enough=math.ceil(share),
        )
    for references in batched(missing, batch):
        withdraw(run, references)
    if run.withdrawn:
        announce_withdrawal()
    return ""


def find_missing(run: ImportRun, seen: Seen) -> list[str]:
    """Return the offers without a line, by reference."""
    seen.sort()
    missing: list[str] = []
    last = ""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(CANDIDATES, [last, *[run.started_at] * 2, READ_AT_ONCE])
            references = [reference for (reference,) in cursor.fetchall()]
        if not references:
            return missing
        missing += [each for each in references if each not in seen]
        last = references[-1]


def withdraw(run: ImportRun, references: Sequence[str]) -> None:
    """Withdraw these, in one transaction."""
    options = {"statement_timeout": "10min", **SEEN_AT_ONCE}
    with writing_offers(options), connection.cursor() as cursor:
        cursor.execute(WITHDRAW, [list(references), *[run.started_at] * 2])
        run.withdrawn += cursor.rowcount
        run.save(update_fields=["withdrawn"])
