"""Withdraw offers that the API lost, after two checks (R4).

First, active published offers missing from a window read in full. Second, at the end of
the run, each by its number. A guard between them: an API without a fifth of the offers
has a breakdown.
"""

import datetime as dt
import logging
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from offers.catalogue.writes import SEEN_AT_ONCE, announce_withdrawal, writing_offers
from offers.pull.api import Api, ApiAway, Budget, OddAnswer
from offers.pull.models import FindingKind, PullFinding, PullRun
from offers.pull.reading import Reading
from offers.pull.writing import bring

logger = logging.getLogger(__name__)

# The API may show a change later than the feed.
GRACE = dt.timedelta(minutes=15)
MAX_WITHDRAWN = 20.0  # percent of the offers compared
# This many missing offers are no breakdown, whatever their share.
FEW = 20
BATCH = 1_000
# After this many odd answers in the second check, the rest waits, too.
MOST_ODD = 20
ODD_PAUSE = dt.timedelta(minutes=10)
# After this long without sound answers a run ends; the next one checks again.
ODD_AT_MOST = dt.timedelta(hours=2)

FIRST_LOOK = """
INSERT INTO offers_pullfinding (run_id, reference, kind, reason, raw)
SELECT %s, o.reference, %s, '', ''
FROM offers_offersearch s JOIN offers_offer o ON o.reference = s.offer_id
WHERE s.published AND s.created_at >= %s AND s.created_at < %s
    AND o.state = 'active'
    AND o.imported_at <= %s AND o.state_at <= %s
    AND o.reference <> ALL (%s)
ORDER BY o.reference
ON CONFLICT DO NOTHING
"""
# Pull leaves alone the offers updated since the first check.
WITHDRAW = """
WITH gone AS (
    SELECT o.reference FROM offers_offer o
    JOIN offers_pullfinding f ON f.reference = o.reference
    WHERE f.run_id = %s AND f.kind = %s AND f.reference = ANY (%s)
        AND o.state = 'active' AND o.published
        AND o.imported_at <= f.at AND o.state_at <= f.at
    ORDER BY o.reference FOR NO KEY UPDATE OF o
)
UPDATE offers_offer o SET state = 'absente', state_at = now() FROM gone
WHERE o.reference = gone.reference
RETURNING o.reference
"""


def note_missing(run: PullRun, reading: Reading, seen: set[str]) -> None:
    if not reading.is_whole or is_absurd(run):
        return  # Do not store a million findings.
    before, window = reading.begun_at - GRACE, reading.window
    parameters: list[Any] = [run.pk, FindingKind.MISSING, window.start, window.end]
    with connection.cursor() as cursor:
        cursor.execute(FIRST_LOOK, [*parameters, before, before, sorted(seen)])
        run.missing += cursor.rowcount


def is_absurd(run: PullRun, max_withdrawn: float = MAX_WITHDRAWN) -> bool:
    """Return whether too many offers are missing to be credible."""
    share = 100 * run.missing / run.active_before if run.active_before else 0.0
    return run.missing > FEW and share > max_withdrawn


def conclude(run: PullRun, api: Api, budget: Budget, max_withdrawn: float) -> None:
    """Check missing offers, then withdraw; resumable. Raises ApiAway, OutOfTime."""
    if run.missing and not run.read:
        run.refusal = "Aucune offre retirée : l’API n’en a rendu aucune."
    elif is_absurd(run, max_withdrawn):
        run.refusal = (
            f"Aucune offre retirée : {run.missing} des {run.active_before} offres"
            f" comparées sont introuvables, plus que les {max_withdrawn:g} % permis."
        )
    else:
        odd = look_again(run, api, budget)
        withdraw(run)
        if odd:
            keep_or_wait(run, odd)
        return
    logger.error("Pull: nothing withdrawn, %d offers are missing.", run.missing)


def look_again(run: PullRun, api: Api, budget: Budget) -> OddAnswer | None:
    """Look missing offers up by number; return an odd answer.

    After an odd answer the offer stays missing.
    """
    odd, count = None, 0
    missing = run.findings.filter(kind=FindingKind.MISSING).order_by("reference")
    for finding in missing:
        try:
            item = api.offer(finding.reference, budget)
        except OddAnswer as error:
            odd, count = error, count + 1
            if count == MOST_ODD:
                break
            continue
        with transaction.atomic():
            finding.kind = FindingKind.THERE if item else FindingKind.GONE
            if item:
                bring([item])
                run.still_there += 1
                run.save(update_fields=["still_there"])
            finding.save(update_fields=["kind"])
    return odd


def keep_or_wait(run: PullRun, odd: OddAnswer) -> None:
    """Raise ApiAway to retry; after two hours, keep the offers."""
    now = timezone.now()
    if now - run.started_at < ODD_AT_MOST:
        raise ApiAway(str(odd), now + ODD_PAUSE) from odd
    kept = run.findings.filter(kind=FindingKind.MISSING).count()
    run.refusal = f"Offres introuvables non retirées : {kept}. {odd}"
    logger.error("Pull: %d missing offers kept, the answers are odd.", kept)


def withdraw(run: PullRun) -> None:
    """Set offers missing twice to *absente*, unless updated since."""
    gone = run.findings.filter(kind=FindingKind.GONE).order_by("reference")
    while references := list(gone.values_list("reference", flat=True)[:BATCH]):
        with writing_offers(SEEN_AT_ONCE), connection.cursor() as cursor:
            cursor.execute(WITHDRAW, [run.pk, FindingKind.GONE, references])
            done = [reference for (reference,) in cursor.fetchall()]
            looked_at = PullFinding.objects.filter(run=run, reference__in=references)
            looked_at.filter(reference__in=done).update(kind=FindingKind.WITHDRAWN)
            looked_at.filter(kind=FindingKind.GONE).update(kind=FindingKind.SPARED)
            run.withdrawn += len(done)
            run.save(update_fields=["withdrawn"])
            if done:
                announce_withdrawal(done)
