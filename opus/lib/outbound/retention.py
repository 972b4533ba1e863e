"""The retention of the e-mails in the outbox (V9)."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Greatest

from opus.lib.dates.months import past_months
from opus.lib.outbound.models import OutboxEntry
from opus.lib.privacy.personal_data import Retention
from opus.lib.privacy.retention import Counts, Purge, register_purge


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
