"""The outbox: effects written with their cause (R6, R8).

An app's ``emails`` compose an e-mail from ids when it is sent, or return None if it
is out of date. Rows contain ids and codes, never an address or a name.
"""

import dataclasses
import datetime as dt
import enum
import functools
import json
import logging
from collections.abc import Callable, Sequence
from typing import Any

import httpx2
from celery import shared_task
from cloudevents.core.v1.event import CloudEvent
from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Greatest
from django.shortcuts import resolve_url
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from opus.lib import jobs
from opus.lib.database.states import MoveRefused
from opus.lib.dates import past_months
from opus.lib.outbound.models import Instance, KeptMail, OutboxEntry
from opus.lib.privacy.personal_data import Retention
from opus.lib.privacy.retention import Counts, Purge, register_purge

logger = logging.getLogger(__name__)

REGISTRY: dict[str, "Effect"] = {}
# Functions called once an effect is sent.
ONCE_SENT: dict[str, Callable[..., None]] = {}

# After the first failure, the second…; the last one repeats.
RETRY_AFTER = [dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]
# A later e-mail would only surprise its recipient.
GIVEN_UP_AFTER = dt.timedelta(days=3)
SENT_AT_ONCE = 200

# A restored copy sends nothing (R21): rows store the site's name, the cluster's number
# (``initdb``) and its own; a difference blocks all until ``adopt_instance``. A promoted
# replica has none.
INSTANCE_PLACE = """
SELECT system_identifier::text || '/' || (
    SELECT oid FROM pg_database WHERE datname = current_database()
) FROM pg_control_system()
"""


def mark_here() -> str:
    with connection.cursor() as cursor:
        cursor.execute(INSTANCE_PLACE)
        (place,) = cursor.fetchone()
    return f"{settings.ALLOWED_HOSTS[0]} {place}"


def is_mute() -> bool:
    owner = Instance.objects.first()
    return owner is not None and owner.mark != mark_here()


def may_speak() -> bool:
    """Return whether Opus may send; adopt rows without an owner."""
    if not Instance.objects.exists():
        claim = Instance(mark=mark_here())
        Instance.objects.bulk_create([claim], ignore_conflicts=True)
    return not is_mute()


def adopt() -> None:
    Instance.objects.update_or_create(
        pk=1, defaults={"mark": mark_here(), "since": timezone.now()}
    )


WEBHOOK_TYPE = "application/cloudevents+json"
WEBHOOK_SOURCE = "/opus"
# Short, since others wait behind it.
WEBHOOK_TIMEOUT = httpx2.Timeout(5, connect=3)


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


def webhooks_are_wanted() -> bool:
    return bool(settings.WEBHOOKS_URL)


def send_webhook(event: WebhookEvent, *, key: str) -> None:
    """Post it as JSON, checked by the specification, signed with the newest secret.

    Raises WebhookRefused for any answer but 2xx, httpx2.HTTPError without answer.
    """
    attributes = {
        "specversion": "1.0",
        "id": key,
        "source": WEBHOOK_SOURCE,
        "type": event.type,
        "subject": event.subject,
        "time": event.at,
        "datacontenttype": "application/json",
        "sequence": str(event.sequence),
    }
    CloudEvent(attributes, event.data)
    payload = {**attributes, "time": event.at.isoformat(), "data": event.data}
    body = json.dumps(payload, ensure_ascii=False)
    now = timezone.now()
    headers = {
        "Content-Type": WEBHOOK_TYPE,
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(settings.WEBHOOKS_SECRET).sign(key, now, body),
    }
    with httpx2.Client(timeout=WEBHOOK_TIMEOUT, follow_redirects=False) as client:
        response = client.post(
            settings.WEBHOOKS_URL, content=body.encode(), headers=headers
        )
    if not response.is_success:
        raise WebhookRefused(str(response.status_code))


Outgoing = EmailMessage | WebhookEvent
Compose = Callable[..., Outgoing | None]


class Channel(enum.Enum):
    """Each has its own relay: one failure blocks no other."""

    MAIL = "mail"
    WEBHOOK = "webhook"


@dataclasses.dataclass(frozen=True)
class Effect:
    name: str
    compose: Compose
    channel: Channel = Channel.MAIL

    def post(self, *, key: str, **ids: int | str | dict[str, str]) -> None:
        """Send after commit; a repeated key changes nothing.

        ``ids`` are the arguments of ``compose``: ids and codes only (S34).
        """
        entry = OutboxEntry(effect=self.name, key=key, arguments=ids)
        OutboxEntry.objects.bulk_create([entry], ignore_conflicts=True)
        wake_relay(self.channel)


def mail(name: str, channel: Channel = Channel.MAIL) -> Callable[[Compose], Effect]:
    """Register an e-mail; rows store its name, which never changes."""

    def declare(compose: Compose) -> Effect:
        if name in REGISTRY:
            raise ValueError(f"Two effects are named {name!r}.")
        effect = REGISTRY[name] = Effect(name, compose, channel)
        return effect

    return declare


webhook = functools.partial(mail, channel=Channel.WEBHOOK)


def once_sent(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register what runs once the effect is marked as sent."""

    def declare(write: Callable[..., None]) -> Callable[..., None]:
        ONCE_SENT[name] = write
        return write

    return declare


@dataclasses.dataclass(frozen=True)
class Button:
    label: str
    url: str


def button(label: str, to: Any, *args: Any) -> Button:
    """Return the button to a page: an object, an address, or a name and its args."""
    return Button(label, link(resolve_url(to, *args)))


@dataclasses.dataclass(frozen=True)
class Item:
    """One entry of an e-mail's list; ``section`` is its heading."""

    title: str
    detail: str
    url: str
    section: str = ""


def compose_email(
    *,
    to: str,
    subject: str,
    template: str,
    context: dict[str, Any],
    button: Button | None = None,
    items: Sequence[Item] = (),
    stop: str = "",
) -> EmailMessage:
    """Return an e-mail as text and as HTML (A15).

    ``subject`` has no personal data (V17); ``template``: the paragraphs; ``stop``: the
    address that unsubscribes by POST, without signing in (RFC 8058).
    """
    paragraphs = _plain(template, context).strip()
    parts = {
        "subject": subject,
        "paragraphs": paragraphs,
        "items": items,
        "button": button,
        "stop": stop,
    }
    headers = {"Auto-Submitted": "auto-generated"}
    if stop:
        headers["List-Unsubscribe"] = f"<{stop}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message = EmailMultiAlternatives(
        subject=f"Opus : {subject}",
        body=_plain("emails/frame.txt", parts),
        from_email=settings.DEFAULT_SENDER,
        to=[to],
        headers=headers,
    )
    html = render_to_string("emails/frame.html", parts)
    message.attach_alternative(html, "text/html")
    return message


def _plain(template: str, context: dict[str, Any]) -> str:
    found = Engine.get_default().get_template(template)
    return found.render(Context(context, autoescape=False))


def link(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def relay(channel: Channel = Channel.MAIL) -> int:
    """Send due rows, one per transaction; return the count (R21).

    A copy sends none. Relays skip locked rows. Webhooks have one receiver: the first
    failure ends them.
    """
    if not may_speak():
        logger.warning("A copy of another Opus: nothing leaves (adopt_instance).")
        return 0
    for done in range(SENT_AT_ONCE):
        entry = _send_next(channel)
        if entry is None:
            return done
        if entry.error and channel is Channel.WEBHOOK and not entry.sent_at:
            return done + 1
    return SENT_AT_ONCE


@transaction.atomic
def _send_next(channel: Channel) -> OutboxEntry | None:
    # An unknown name is an error of the e-mail channel.
    of_channel = are_webhooks() if channel is Channel.WEBHOOK else ~are_webhooks()
    due = OutboxEntry.objects.due().filter(of_channel)
    due = due.select_for_update(skip_locked=True)
    entry = due.order_by("next_attempt_at", "created_at").first()
    if entry is None:
        return None
    try:
        with transaction.atomic():  # A failed query must not block the row's update.
            message = REGISTRY[entry.effect].compose(**entry.arguments)
            if isinstance(message, WebhookEvent):
                send_webhook(message, key=str(entry.pk))
            elif message is not None:
                # Constant, so that a mailbox shows a repeated e-mail once.
                message.extra_headers["Message-ID"] = entry.message_id
                message.send()
            if message is not None and (write := ONCE_SENT.get(entry.effect)):
                write(**entry.arguments)
    except Exception as error:  # noqa: BLE001 - one letter must not stop the others
        _put_off(entry, error)
        return entry
    entry.settle("dropped_at" if message is None else "sent_at")
    return entry


def _put_off(entry: OutboxEntry, error: Exception) -> None:
    """Retry later or give up; never log the error's text."""
    logger.warning(
        "Outbox %s (%s) failed: %s.", entry.pk, entry.effect, type(error).__name__
    )
    delay = RETRY_AFTER[min(entry.attempts, len(RETRY_AFTER) - 1)]
    entry.attempts += 1
    code = error if isinstance(error, WebhookRefused) else ""
    code = getattr(error, "smtp_code", code)
    entry.error = f"{type(error).__name__} {code}".strip()[:60]
    entry.next_attempt_at = timezone.now() + delay
    entry.save(update_fields=["attempts", "error", "next_attempt_at"])
    if timezone.now() - entry.created_at >= GIVEN_UP_AFTER:
        entry.settle("given_up_at")
        logger.error("Outbox %s (%s) given up.", entry.pk, entry.effect)


# The next sweep replaces a late one.
@shared_task(expires=10)
def relay_mails() -> None:
    relay()


@shared_task(expires=10)
def relay_webhooks() -> None:
    relay(Channel.WEBHOOK)


def wake_relay(channel: Channel) -> None:
    relay_now = relay_mails if channel is Channel.MAIL else relay_webhooks
    transaction.on_commit(functools.partial(jobs.enqueue, relay_now), robust=True)


def are_webhooks() -> Q:
    effects = REGISTRY.values()
    return Q(effect__in=[e.name for e in effects if e.channel is Channel.WEBHOOK])


def try_again(entry: OutboxEntry) -> None:
    """Send a failed row again; raise MoveRefused for others."""
    given_up = OutboxEntry.objects.filter(pk=entry.pk, given_up_at__isnull=False)
    if not given_up.update(given_up_at=None, next_attempt_at=timezone.now()):
        raise MoveRefused("Cet envoi n’est pas abandonné\u00a0: rien à relancer.")
    effect = REGISTRY.get(entry.effect)
    wake_relay(effect.channel if effect else Channel.MAIL)


KEPT_MAILS = 200


class DemoMailBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            KeptMail.objects.create(
                to=", ".join(message.recipients()),
                subject=str(message.subject),
                text=str(message.body),
            )
        newest = KeptMail.objects.order_by("-pk").values("pk")[:KEPT_MAILS]
        KeptMail.objects.exclude(pk__in=newest).delete()
        return len(email_messages)


def emails_at_term() -> QuerySet[OutboxEntry]:
    limit = past_months(settings.KEPT.outbox)
    ended = Greatest("sent_at", "dropped_at", "given_up_at")
    rows = OutboxEntry.objects.annotate(over_at=ended)
    return rows.filter(~Q(arguments={}), over_at__lt=limit)


def empty_emails(pks: Sequence[Any]) -> Counts:
    """Empty the rows; their keys remain: no e-mail leaves twice."""
    rows = OutboxEntry.objects.filter(pk__in=pks)
    return {"courriels vidés": rows.update(arguments={})}


register_purge(Purge(Retention.OUTBOX, "courriels vidés", emails_at_term, empty_emails))
