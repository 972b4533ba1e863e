"""Events of the feed: their signature, their batch, each of them (CloudEvents 1.0)."""

import datetime as dt
import json
import logging
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.v1.event import CloudEvent
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from offers.catalogue.models import SEQUENCE_DIGITS
from offers.feed.models import EventKind
from offers.payload.offer import OfferContent, read_offer
from offers.payload.text import REFERENCE, UnsoundOffer, demand_sound_json, read_date


def is_signed(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
    """Return whether a secret signed this body in time.

    Its date is within five minutes of now. Every secret is tried: the time taken does
    not show which one matched.
    """
    matches = []
    for secret in secrets:
        try:
            Webhook(secret).verify(body, dict(headers), json_parse=False)
            matches.append(True)
        # ValueError if a header has no comma or base64, or the body is not UTF-8.
        except (WebhookVerificationError, ValueError):
            matches.append(False)
    return any(matches)


BATCH = "application/cloudevents-batch+json"
SINGLE = "application/cloudevents+json"
MAX_BYTES = 5 * 1024 * 1024
MAX_EVENTS = 1_000
# Python refuses longer ones, and with them the whole body.
MAX_DIGITS = 400


class NotABatch(ValueError):
    """The body has no events, or too many (413); the reason is in French."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.status = status


def read_batch(body: bytes, content_type: str) -> list[Any]:
    """Return a delivery's unread events. Raises NotABatch."""
    if content_type not in {BATCH, SINGLE}:
        raise NotABatch(f"Content-Type : {BATCH} ou {SINGLE} est attendu.")
    try:
        content = decode(body.decode())
    except RecursionError as error:
        raise NotABatch("Objet JSON trop profond.") from error
    except ValueError as error:
        raise NotABatch("Le corps n’est pas du JSON en UTF-8.") from error
    if content_type == SINGLE:
        if not isinstance(content, dict):
            raise NotABatch("Un évènement (objet JSON) est attendu.")
        return [content]
    if not isinstance(content, list):
        raise NotABatch("Un lot (tableau JSON d’évènements) est attendu.")
    if len(content) > MAX_EVENTS:
        raise NotABatch(f"{MAX_EVENTS} évènements au plus par lot.", status=413)
    return content


# NaN and infinities pass here, so that only their event is rejected. A long number is
# NaN, rejected later.
decode = json.JSONDecoder(
    parse_int=lambda digits: int(digits) if len(digits) <= MAX_DIGITS else math.nan
).decode


logger = logging.getLogger(__name__)

TYPE_PREFIX = "fr.francetravail.offre."
# The SDK would invent a missing ``id`` or ``specversion``.
REQUIRED = ("id", "source", "specversion", "type")
NEEDS_CONTENT = {EventKind.CREATED, EventKind.CHANGED, EventKind.REACTIVATED}
MAX_ID = 200

SEQUENCE = re.compile(rf"[0-9]{{1,{SEQUENCE_DIGITS}}}")


class UnsoundEvent(ValueError):
    """The event is rejected; the reason is in French."""


@dataclass(frozen=True, slots=True)
class Event:
    id: str
    kind: EventKind
    reference: str
    sequence: int
    content: OfferContent | None
    at: dt.datetime | None
    # As received, for quarantine if the database refuses it.
    item: Mapping[str, Any]


def read_event(item: Any, *, received_at: dt.datetime) -> Event:
    """Return the event; raise UnsoundEvent if invalid."""
    try:
        return read_sound_event(item, received_at)
    except UnsoundOffer as error:
        raise UnsoundEvent(str(error)) from error
    except UnsoundEvent:
        raise
    except Exception as error:  # One event must not fail the others.
        logger.exception("Feed: an event could not be read.")
        raise UnsoundEvent("Évènement illisible.") from error


def read_sound_event(item: Any, received_at: dt.datetime) -> Event:
    item = demand_sound_json(item)
    event = read_cloud_event(item)
    prefix, _, word = event.get_type().rpartition(".")
    if f"{prefix}." != TYPE_PREFIX or word not in EventKind:
        raise UnsoundEvent("« type » : évènement inconnu.")
    kind = EventKind(word)
    if len(event.get_id()) > MAX_ID:
        raise UnsoundEvent(f"« id » : {MAX_ID} caractères au plus.")
    data = item.get("data")
    if data is not None and not isinstance(data, dict):
        raise UnsoundEvent("« data » : un objet est attendu.")
    if data is None and kind in NEEDS_CONTENT:
        raise UnsoundEvent(f"« data » manque : une offre {kind.label} en porte une.")
    # Without a time the SDK uses the current one.
    at = event.get_time() if item.get("time") is not None else None
    reference = read_reference(event.get_subject(), data)
    content = None
    if data is not None:
        data = {**data, "id": reference}
        content = read_offer(data, received_at=at or received_at)
    sequence = item.get("sequence")
    if not isinstance(sequence, str) or not SEQUENCE.fullmatch(sequence):
        shape = f"un texte de 1 à {SEQUENCE_DIGITS} chiffres"
        raise UnsoundEvent(f"« sequence » : {shape} est attendu.")
    return Event(
        id=event.get_id(),
        kind=kind,
        reference=reference,
        sequence=int(sequence),
        content=content,
        at=at,
        item=item,
    )


def read_cloud_event(item: Mapping[str, Any]) -> CloudEvent:
    """Return the attributes. Raises UnsoundEvent: one missing or invalid."""
    # In JSON, null means an absent attribute.
    attributes = {name: value for name, value in item.items() if value is not None}
    for name in ("data", "data_base64"):
        attributes.pop(name, None)
    for name in REQUIRED:
        if name not in attributes:
            raise UnsoundEvent(f"« {name} » manque.")
    if "time" in attributes:
        if not isinstance(attributes["time"], str):
            raise UnsoundEvent("« time » : un texte est attendu.")
        attributes["time"] = read_date(attributes["time"], "time")
    try:
        return CloudEvent(attributes)
    except CloudEventValidationError as error:
        names = ", ".join(f"« {name} »"[:60] for name in sorted(error.errors))
        raise UnsoundEvent(f"Attribut invalide (CloudEvents 1.0) : {names}.") from error


def read_reference(subject: str | None, data: Mapping[str, Any] | None) -> str:
    """Return the offer's number. Raises UnsoundEvent."""
    inside = data.get("id") if data else None
    reference = inside if subject is None else subject
    if inside is not None and inside != reference:
        raise UnsoundEvent("« subject » et « data.id » ne désignent pas la même offre.")
    if not isinstance(reference, str) or not REFERENCE.fullmatch(reference):
        raise UnsoundEvent("« subject » : le n° de l’offre est attendu.")
    return reference
