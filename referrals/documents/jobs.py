"""Notify advisers of papers that an offer made wrong, or right again (art. 7)."""

import datetime as dt
import logging
from typing import Any

from celery import shared_task
from celery.signals import worker_process_init
from django.db import transaction
from django.db.models import F, Value
from django.utils import timezone

from offers.page.documents import PAPER_STYLE
from opus.lib import jobs
from opus.lib.documents import pdf
from referrals.acts.emails import post_to_each
from referrals.acts.paper_facts import FACTS_FIELD, voiding_part
from referrals.candidates.models import follower_of
from referrals.documents import emails
from referrals.documents.models import Document, DocumentQuerySet

AT_ONCE = 500
logger = logging.getLogger(__name__)


@shared_task
@jobs.exclusive("notify-changes", every=dt.timedelta(minutes=15))
@transaction.atomic
def notify_changes() -> None:
    """E-mail each adviser once a change, and once it is undone."""
    told_of = voiding_part(F("facts_today"))
    wrong = Document.objects.to_announce()
    right = Document.objects.right_again()
    notify(wrong, emails.offers_changed, told_of=told_of)
    notify(right, emails.papers_right_again, told_of=None)


def notify(documents: DocumentQuerySet, letter: Any, *, told_of: Any) -> None:
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


@worker_process_init.connect
def load_printer(**_: Any) -> None:
    try:
        pdf.warm_up(PAPER_STYLE)
    except pdf.PrinterMissing as error:
        logger.error("This worker cannot print: %s", error)
