"""The retention of the e-mails in the outbox (V9)."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Greatest

from opus.lib import retention
from opus.lib.calendar import past_months
from opus.lib.models.outbound import OutboxEntry
from opus.lib.personal_data import Retention


def emails_at_term() -> QuerySet[OutboxEntry]:
    limit = past_months(settings.KEPT.letters)
    ended = Greatest("sent_at", "dropped_at", "given_up_at")
    return OutboxEntry.objects.annotate(over_at=ended).filter(
        ~Q(arguments={}), over_at__lt=limit
    )


def empty_emails(pks: Sequence[Any]) -> retention.Counts:
    """Empty the rows; keep their keys, so that no e-mail leaves twice."""
    rows = OutboxEntry.objects.filter(pk__in=pks)
    return {"courriels vidés": rows.update(arguments={})}


retention.lets_go(
    retention.Purge(Retention.LETTERS, "courriels vidés", emails_at_term, empty_emails)
)
