"""Write offers of the API by precedence (design 5).

Pull has no sequence: a later date replaces content, *absente* offers come back, and no
state set by an event changes (``offers.catalogue.writes.upsert_offers``).
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import Error

from offers.catalogue.writes import (
    StoredOffer,
    known_offers,
    merge,
    upsert_or_refuse,
    would_change,
)
from offers.enums import OfferState
from offers.payload.offer import OfferContent, read_offer
from offers.payload.parts import UnsoundOffer, printable, read_dates
from offers.pull.models import FindingKind, PullFinding, PullRun

logger = logging.getLogger(__name__)

# A first load finds a million offers: the counts include all, the list stops here.
MOST_FINDINGS = 1_000
MAX_RAW_CHARACTERS = 20_000
OUT_OF_SIGHT = {OfferState.SUSPENDED, OfferState.CANCELLED, OfferState.FILLED}


@dataclass(slots=True)
class Brought:
    seen: set[str] = field(default_factory=set)
    created: set[str] = field(default_factory=set)
    updated: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    unchanged: int = 0
    rejects: list[PullFinding] = field(default_factory=list)


def bring(items: Iterable[Any]) -> Brought:
    items = list(items)
    brought = Brought()
    known = known_offers(names_of(items))
    waiting: dict[str, OfferContent] = {}
    for item in items:
        try:
            read_item(item, known, waiting, brought)
        except UnsoundOffer as error:
            reject(brought, item, str(error))
    unsound = len(brought.rejects)

    def refuse(content: OfferContent, error: Error) -> None:
        logger.warning("Pull: refused by the database (%s).", type(error).__name__)
        reject(brought, {"id": content.reference}, "Refusée par la base.")

    contents = [(content, b"") for content in waiting.values()]
    brought.created, brought.updated = upsert_or_refuse(contents, refuse)
    refused = len(brought.rejects) - unsound
    # An event has written the same meanwhile.
    written = len(brought.created) + len(brought.updated)
    brought.unchanged += len(waiting) - written - refused
    return brought


def names_of(items: Iterable[Any]) -> set[str]:
    names = (item.get("id") for item in items if isinstance(item, dict))
    return {name.strip()[:20] for name in names if isinstance(name, str)}


def read_item(
    item: Any,
    known: dict[str, StoredOffer],
    waiting: dict[str, OfferContent],
    brought: Brought,
) -> None:
    """Skip an offer without news, else read it. Raises UnsoundOffer."""
    reference = item.get("id") if isinstance(item, dict) else None
    stored = known.get(reference) if isinstance(reference, str) else None
    if stored and is_known(item, stored):
        brought.seen.add(str(reference))
        brought.unchanged += 1
        content = None
    else:
        content = read_offer(item)
        reference = content.reference
        brought.seen.add(reference)
    if stored and stored.state in OUT_OF_SIGHT:
        brought.held.add(str(reference))
    if content is None:
        return
    if stored and not would_change(stored, content.updated_at, content.mode):
        brought.unchanged += 1
    elif reference in waiting:
        waiting[reference] = merge(waiting[reference], content)
        brought.unchanged += 1
    else:
        waiting[content.reference] = content


def is_known(item: Any, stored: StoredOffer) -> bool:
    """Return whether its date excludes changes. Raises UnsoundOffer."""
    if stored.state == OfferState.ABSENT or item.get("opus") is not None:
        return False
    _, updated_at = read_dates(item)
    return updated_at <= stored.updated_at


def reject(brought: Brought, item: Any, reason: str) -> None:
    """Keep an invalid offer with its reason; it exists."""
    reference = printable(item.get("id") if isinstance(item, dict) else None, 20)
    brought.seen.add(reference)
    finding = PullFinding(reference=reference, kind=FindingKind.REJECTED)
    # Odd characters are escaped, so that PostgreSQL can store them.
    finding.reason, finding.raw = reason[:300], json.dumps(item)[:MAX_RAW_CHARACTERS]
    brought.rejects.append(finding)
    logger.warning("Pull: offer rejected: %s", reason)


def record(run: PullRun, brought: Brought) -> None:
    """Write the figures of the run, and its first differences."""
    findings = list(brought.rejects)
    if run.is_comparison:
        room = max(0, MOST_FINDINGS - run.created - run.updated - run.held)
        for kind, references in (
            (FindingKind.CREATED, brought.created),
            (FindingKind.UPDATED, brought.updated),
            (FindingKind.HELD, brought.held),
        ):
            listed = sorted(references)[:room]
            findings += [PullFinding(reference=one, kind=kind) for one in listed]
        run.held += len(brought.held)
    run.created += len(brought.created)
    run.updated += len(brought.updated)
    run.unchanged += brought.unchanged
    run.rejected += len(brought.rejects)
    for finding in findings:
        finding.run = run
    PullFinding.objects.bulk_create(findings, ignore_conflicts=True)
