"""``POST /api/offres/evenements``: live events (S36)."""

import datetime as dt
import logging
from contextlib import suppress

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from gunicorn.http.errors import ParseException

from accounts.signin import rate_limits
from offers.catalogue.writes import announce_withdrawal
from offers.feed.apply import Outcome, deliver
from offers.feed.events import MAX_BYTES, NotABatch, is_signed, read_batch
from opus.lib.audit import journal
from opus.lib.database.bounded.base import waits_at_most
from opus.lib.web import (
    RETRY_AFTER_BREAKDOWN,
    TooLargeResponse,
    body_stream,
    content_length,
)

logger = logging.getLogger(__name__)

# Seconds for PostgreSQL: a little above the limit of the statements (apply.py).
DELIVERY_WAITS = 22
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


@csrf_exempt
@login_not_required
@require_POST
def events(request: HttpRequest) -> HttpResponse:
    """Apply a batch of events; answer after the commit.

    200 with its figures, 400 no batch, 401 bad signature, 413 too large, 503 without
    the database: nothing was applied, the same batch may come again.
    """
    try:
        body = read_body(request)
    except NotABatch as error:
        # The rest of the body is discarded.
        refusal = refuse(413, str(error)).content.decode()
        return TooLargeResponse(request, refusal, content_type="application/json")
    # Cut off (Django's UnreadablePostError is an OSError), or no chunks.
    except (OSError, ParseException):
        return refuse(400, "Le corps n’est pas arrivé jusqu’au bout.")
    headers = {name: request.headers.get(name, "") for name in HEADERS}
    if not is_signed(body, headers, settings.FEED_SECRETS):
        record_forgery()
        return refuse(401, "Signature absente, fausse ou trop ancienne.")
    try:
        items = read_batch(body, request.content_type or "")
    except NotABatch as error:
        return refuse(error.status, str(error))
    try:
        with waits_at_most(DELIVERY_WAITS):
            outcome = deliver(items, key=headers["webhook-id"])
    except (OperationalError, InterfaceError, InternalError) as error:
        response = refuse(503, "Base de données indisponible : rien n’a été appliqué.")
        response["Retry-After"] = str(RETRY_AFTER_BREAKDOWN)
        state = getattr(error.__cause__, "sqlstate", None)
        logger.error("Feed: database away (%s, %s).", type(error).__name__, state)
        return response
    return Applied(outcome)


# The answer to a batch that is too large is JSON.
events.limits_its_body = True  # type: ignore[attr-defined]


class Applied(JsonResponse):
    """Announces withdrawals after the answer; a sweep repairs interruptions."""

    def __init__(self, outcome: Outcome) -> None:
        rejects = [{"id": one.event_id, "motif": one.reason} for one in outcome.rejects]
        figures = {
            "recus": outcome.received,
            "appliques": outcome.applied,
            "ignores": outcome.ignored,
            "rejetes": rejects,
        }
        super().__init__(figures)
        self.withdrawn = outcome.withdrawn

    def close(self) -> None:
        if self.withdrawn:
            announce_withdrawal(self.withdrawn)
        super().close()


def read_body(request: HttpRequest) -> bytes:
    """Return the body, without Django's limit for forms.

    Raises NotABatch, unread if its length says so; OSError or ParseException if it is
    cut off or has bad chunks.
    """
    too_large = NotABatch(f"{MAX_BYTES // 1024 // 1024} Mo au plus par lot.")
    if content_length(request) > MAX_BYTES:
        raise too_large
    body: bytes = body_stream(request).read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise too_large
    return body


def record_forgery() -> None:
    """Record a forged signature's address, not its body.

    At most twice what an alert needs per window: forgers cannot fill the journal.
    Without a database the answer stays 401.
    """
    with suppress(rate_limits.TooManyUses, OperationalError, InterfaceError):
        rate_limits.count_use(
            rate_limits.Use.FORGERY,
            account="flux",
            window=dt.timedelta(minutes=10),
            limit=2 * settings.DETECTION.forged_signatures,
            lasts=False,
        )
        journal.record(journal.Action.FEED_FORGED, by=None, refused="signature")


def refuse(status: int, reason: str) -> JsonResponse:
    """Return and log an error without its body."""
    logger.warning("Feed: %s, %s", status, reason)
    return JsonResponse({"motif": reason}, status=status)
