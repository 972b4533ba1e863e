"""France Travail's side of the feed, for tests: events, batches, signatures."""

import datetime as dt
import itertools
import json
from typing import Any

from django.test import Client
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

SECRET = "whsec_" + "b3B1cy1lc3NhaS1kZS1zaWduYXR1cmUtMDAwMQ=="
OTHER_SECRET = "whsec_" + "b3B1cy1lc3NhaS1kZS1zaWduYXR1cmUtMDAwMg=="
URL = "/api/offres/evenements"
BATCH = "application/cloudevents-batch+json"
SINGLE = "application/cloudevents+json"

numbers = itertools.count(1)


def content(reference: str = "188VMCV", day: int = 2, **parts: Any) -> dict[str, Any]:
    """An offer in the shape of API v2, last updated on that day of November."""
    return {
        "id": reference,
        "intitule": "Maçon / Maçonne (H/F)",
        "dateCreation": "2026-11-01T08:00:00.000Z",
        "dateActualisation": f"2026-11-{day:02d}T08:00:00.000Z",
        "romeCode": "F1703",
        "romeLibelle": "Maçon / Maçonne",
        "lieuTravail": {"libelle": "38 - Grenoble", "commune": "38185"},
    } | parts


def event(
    kind: str, reference: str = "188VMCV", sequence: int | str = 1, **parts: Any
) -> dict[str, Any]:
    """An event as France Travail sends it; those that need an offer carry one."""
    sent = {
        "specversion": "1.0",
        "id": f"evt-{next(numbers)}",
        "source": "/francetravail/offres",
        "type": f"fr.francetravail.offre.{kind}",
        "subject": reference,
        "time": "2026-11-24T14:00:00Z",
        "sequence": str(sequence),
    }
    if kind in {"creee", "modifiee", "reactivee"}:
        sent["data"] = content(reference)
    return sent | parts


def body_of(events: Any) -> bytes:
    return events if isinstance(events, bytes) else json.dumps(events).encode()


def signed(
    body: bytes, *, key: str = "", secret: str = SECRET, at: dt.datetime | None = None
) -> dict[str, str]:
    """The three headers of Standard Webhooks."""
    key = key or f"msg-{next(numbers)}"
    at = at or timezone.now()
    text = body.decode("utf-8", "replace")
    return {
        "webhook-id": key,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(key, at, text),
    }


def browser() -> Client:
    return Client(headers={"host": "localhost"}, SERVER_NAME="localhost")


def post(client: Client, events: Any, content_type: str = BATCH, **options: Any) -> Any:
    """A signed delivery, and the answer."""
    body = body_of(events)
    headers = signed(body, **options)
    return client.post(URL, body, content_type=content_type, headers=headers)


def figures_of(response: Any) -> tuple[int, int, int, list[str]]:
    """The figures of a 200: received, applied, ignored, what is wrong with the rest."""
    assert response.status_code == 200, response.content
    figures = json.loads(response.content)
    assert list(figures) == ["recus", "appliques", "ignores", "rejetes"]
    reasons = [reject["motif"] for reject in figures["rejetes"]]
    return figures["recus"], figures["appliques"], figures["ignores"], reasons
