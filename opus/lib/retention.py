"""The retention of the outbox and journals (V4, V9)."""

from collections.abc import Sequence
from typing import Any

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone

from opus.lib.audit.models import AuditEntry
from opus.lib.dates.months import past_months
from opus.lib.outbound.models import OutboxEntry
from opus.lib.privacy.personal_data import Retention
from opus.lib.privacy.retention import Counts, Job, Purge, purged_by, register_purge
from opus.lib.text_guard.models import TextGuardCount


def emails_at_term() -> QuerySet[OutboxEntry]:
    limit = past_months(settings.KEPT.outbox)
    ended = Greatest("sent_at", "dropped_at", "given_up_at")
    return OutboxEntry.objects.annotate(over_at=ended).filter(
        ~Q(arguments={}), over_at__lt=limit
    )


def empty_emails(pks: Sequence[Any]) -> Counts:
    """Empty the rows; their keys remain: no e-mail leaves twice."""
    rows = OutboxEntry.objects.filter(pk__in=pks)
    return {"courriels vidés": rows.update(arguments={})}


def journal_at_term() -> Counts:
    limit = timezone.now() - relativedelta(months=settings.KEPT.journal)
    return {"lignes du journal": AuditEntry.objects.filter(at__lt=limit).count()}


def refusals_at_term() -> Counts:
    return {"textes refusés": TextGuardCount.objects.past().count()}


register_purge(Purge(Retention.OUTBOX, "courriels vidés", emails_at_term, empty_emails))
purged_by(Job(Retention.JOURNAL, "purge-journal", journal_at_term))
purged_by(Job(Retention.JOURNAL, "purge-refusals", refusals_at_term))
