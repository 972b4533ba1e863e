"""Notify advisers of papers that an offer made wrong, or right again (art. 7)."""

from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.utils import timezone

from referrals.acts.emails import post_to_each
from referrals.acts.paper_facts import FACTS_FIELD, voiding_part
from referrals.candidates.models import follower_of
from referrals.documents import emails
from referrals.documents.models import Document, DocumentQuerySet

AT_ONCE = 500


@transaction.atomic
def notify_of_changes() -> int:
    """E-mail each adviser once a change, and once it is undone; return N documents."""
    told_of = voiding_part(F("facts_today"))
    wrong = Document.objects.to_announce()
    right = Document.objects.right_again()
    count = notify(wrong, emails.offers_changed, told_of=told_of)
    return count + notify(right, emails.papers_right_again, told_of=None)


def notify(documents: DocumentQuerySet, letter: Any, *, told_of: Any) -> int:
    """Write to who follows the persons of these documents, and mark it."""
    now = timezone.now()
    rows = documents.select_for_update(of=("self",), no_key=True, skip_locked=True)
    found = rows.order_by("pk").values_list(
        "pk", follower_of("candidate__adviser"), told_of or Value(None, FACTS_FIELD)
    )
    marked, advisers = [], set()
    for pk, adviser, facts in found[:AT_ONCE]:
        marked.append(Document(pk=pk, change_told_at=now, told_of=facts))
        advisers.add(adviser)
    Document.objects.bulk_update(marked, ["change_told_at", "told_of"])
    post_to_each(letter, advisers, now, told_at=now.isoformat())
    return len(marked)
