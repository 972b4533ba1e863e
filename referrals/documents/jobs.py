"""Notify advisers whose papers an offer's change made wrong (art. 7)."""

from collections import defaultdict

from django.db import transaction
from django.utils import timezone

from referrals.candidates.models.stand_ins import follower_of
from referrals.documents import emails
from referrals.documents.models import Document

AT_ONCE = 500


@transaction.atomic
def notify_of_changes() -> int:
    """E-mail each adviser once a version; return N documents."""
    now = timezone.now()
    wrong = Document.objects.outdated().filter(change_told_at__isnull=True)
    rows = wrong.select_for_update(of=("self",), no_key=True, skip_locked=True)
    found = rows.order_by("pk").values_list("pk", follower_of("candidate__adviser"))
    by_adviser = defaultdict(list)
    for document, adviser in found[:AT_ONCE]:
        by_adviser[adviser].append(document)
    for adviser, documents in sorted(by_adviser.items()):
        Document.objects.filter(pk__in=documents).update(change_told_at=now)
        emails.offers_changed.post(
            key=f"{adviser}:{now.isoformat()}", adviser=adviser, told_at=now.isoformat()
        )
    return sum(map(len, by_adviser.values()))
