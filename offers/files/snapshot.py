"""Withdraw offers missing from a snapshot: a guard, then batches.

Each offer, not the whole, is consistent (docs/adr/0010): a live event never waits for
more than one batch.
"""

import math
from collections.abc import Iterable

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

# The offers of the file, added by batch; dropped with the connection.
CLOSE = "DROP TABLE IF EXISTS seen_offers, missing_offers"
OPEN = f"""
{CLOSE};
CREATE TEMP TABLE seen_offers (reference text);
"""
# Listed once, in the order in which all writers lock offers.
FIND_MISSING = """
CREATE TEMP TABLE missing_offers AS
    SELECT row_number() OVER (ORDER BY o.reference) AS number, o.reference
    FROM offers_offer o
    WHERE o.state = 'active'
        -- What a live event brought since the run began is no business of the file.
        AND o.imported_at <= %s AND o.state_at <= %s
        AND NOT EXISTS (SELECT FROM seen_offers s WHERE s.reference = o.reference)
"""
# Checked again for each locked row: an event may have come first.
WITHDRAW = """
WITH held AS (
    SELECT o.reference FROM offers_offer o JOIN missing_offers m USING (reference)
    WHERE m.number > %s AND m.number <= %s
        AND o.state = 'active' AND o.imported_at <= %s AND o.state_at <= %s
    ORDER BY o.reference
    FOR NO KEY UPDATE OF o
)
UPDATE offers_offer o SET state = 'absente', state_at = now()
FROM held WHERE o.reference = held.reference
"""


def open_seen() -> None:
    with connection.cursor() as cursor:
        cursor.execute(OPEN)


def see(references: Iterable[str]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY seen_offers FROM STDIN") as copy,
    ):
        for reference in references:
            copy.write_row((reference,))


def close_seen() -> None:
    with connection.cursor() as cursor:
        cursor.execute(CLOSE)


def withdraw_missing(
    run: ImportRun, active_before: int, max_withdrawn: float, *, batch: int
) -> str:
    """Withdraw missing offers, unless too many; return the refusal.

    Args:
        active_before: active offers when the run began.
        max_withdrawn: percentage of them above which none is withdrawn.
        batch: most withdrawals in one transaction.
    """
    if not run.created + run.updated + run.unchanged:
        return HOLDS_NOTHING
    missing = find_missing(run)
    share = 100 * missing / active_before if active_before else 0.0
    if share > max_withdrawn:
        return LACKS_TOO_MUCH.format(
            missing=missing,
            active=active_before,
            share=f"{share:.1f}".replace(".", ","),
            allowed=max_withdrawn,
            enough=math.ceil(share),
        )
    for start in range(0, missing, batch):
        withdraw(run, start, start + batch)
    if run.withdrawn:
        announce_withdrawal()
    return ""


def find_missing(run: ImportRun) -> int:
    with writing_offers({"statement_timeout": "10min"}), connection.cursor() as cursor:
        cursor.execute("ANALYZE seen_offers")
        cursor.execute(FIND_MISSING, [run.started_at] * 2)
        cursor.execute("CREATE UNIQUE INDEX ON missing_offers (number)")
        cursor.execute("ANALYZE missing_offers")
        cursor.execute("SELECT count(*) FROM missing_offers")
        [count] = cursor.fetchone()
        return int(count)


def withdraw(run: ImportRun, first: int, last: int) -> None:
    """Withdraw positions ``first + 1`` to ``last``, in one transaction."""
    options = {"statement_timeout": "10min", **SEEN_AT_ONCE}
    with writing_offers(options), connection.cursor() as cursor:
        cursor.execute(WITHDRAW, [first, last, *[run.started_at] * 2])
        run.withdrawn += cursor.rowcount
        run.save(update_fields=["withdrawn"])
