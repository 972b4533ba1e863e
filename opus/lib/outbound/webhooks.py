"""Webhooks to France Travail: CloudEvents, signed as Standard Webhooks (R6)."""

import dataclasses
import datetime as dt
import json
from typing import Any

import httpx2
from cloudevents.core.v1.event import CloudEvent
from django.conf import settings
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

CONTENT_TYPE = "application/cloudevents+json"
SOURCE = "/opus"
# Short, since others wait behind it.
TIMEOUT = httpx2.Timeout(5, connect=3)


class WebhookRefused(Exception):
    """``str(error)`` is the status of the refusal."""


@dataclasses.dataclass(frozen=True)
class WebhookEvent:
    """An event; a subject's highest ``sequence`` is the latest."""

    type: str
    subject: str
    sequence: int
    at: dt.datetime
    data: dict[str, Any]


def are_wanted() -> bool:
    return bool(settings.WEBHOOKS_URL)


def send(event: WebhookEvent, *, key: str) -> None:
    """Post it, signed with the newest secret.

    Raises WebhookRefused for any answer but 2xx, httpx2.HTTPError without answer.
    """
    body = body_of(event, key=key)
    now = timezone.now()
    headers = {
        "Content-Type": CONTENT_TYPE,
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(settings.WEBHOOKS_SECRET).sign(key, now, body),
    }
    with httpx2.Client(timeout=TIMEOUT, follow_redirects=False) as client:
        response = client.post(
            settings.WEBHOOKS_URL, content=body.encode(), headers=headers
        )
    if not response.is_success:
        raise WebhookRefused(str(response.status_code))


def body_of(event: WebhookEvent, *, key: str) -> str:
    """Return the event as JSON, checked by the specification."""
    attributes = {
        "specversion": "1.0",
        "id": key,
        "source": SOURCE,
        "type": event.type,
        "subject": event.subject,
        "time": event.at,
        "datacontenttype": "application/json",
        "sequence": str(event.sequence),
    }
    CloudEvent(attributes, event.data)
    payload = {**attributes, "time": event.at.isoformat(), "data": event.data}
    return json.dumps(payload, ensure_ascii=False)
