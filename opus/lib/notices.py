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


class NoticeRefused(Exception):
    """``str(error)`` is the status of the refusal."""


@dataclasses.dataclass(frozen=True)
class Notice:
    """An event; the highest ``sequence`` of a ``subject`` is the latest."""

    type: str
    subject: str
    sequence: int
    at: dt.datetime
    data: dict[str, Any]


def are_wanted() -> bool:
    return bool(settings.NOTICES_URL)


def send(notice: Notice, *, key: str) -> None:
    """Post it, signed with the newest secret.

    Raises NoticeRefused for any answer but 2xx, httpx2.HTTPError without answer.
    """
    body = body_of(notice, key=key)
    now = timezone.now()
    headers = {
        "Content-Type": CONTENT_TYPE,
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(settings.NOTICES_SECRET).sign(key, now, body),
    }
    with httpx2.Client(timeout=TIMEOUT, follow_redirects=False) as client:
        response = client.post(
            settings.NOTICES_URL, content=body.encode(), headers=headers
        )
    if not response.is_success:
        raise NoticeRefused(str(response.status_code))


def body_of(notice: Notice, *, key: str) -> str:
    """Return the event as JSON, its attributes checked by the specification."""
    attributes = {
        "specversion": "1.0",
        "id": key,
        "source": SOURCE,
        "type": notice.type,
        "subject": notice.subject,
        "time": notice.at,
        "datacontenttype": "application/json",
        "sequence": str(notice.sequence),
    }
    CloudEvent(attributes, notice.data)
    told = {**attributes, "time": notice.at.isoformat(), "data": notice.data}
    return json.dumps(told, ensure_ascii=False)
