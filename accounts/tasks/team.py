"""What the clock brings to accounts: absences, quarterly confirmations (S26).

Each may run twice, late or not at all: rows and keys say what was done.
"""

import datetime as dt
from zlib import crc32

from celery import shared_task
from django.db import connection, transaction
from django.utils import timezone

from accounts import absences, reviews
from accounts.models import AddressChange

# As long as the outbox tries to reach a mailbox, and a day more.
ADDRESS_KEPT = dt.timedelta(days=4)


@shared_task
def watch_absences() -> None:
    """Warn at 60 and 75 days, suspend at 90 (art. 4.2)."""
    with transaction.atomic():
        if alone("watch_absences"):
            absences.suspend_due()
            absences.warn()


@shared_task
def watch_reviews() -> None:
    """Open the quarterly question, remind, tell France Travail of a silence."""
    with transaction.atomic():
        if alone("watch_reviews"):
            reviews.watch()


@shared_task
def forget_former_addresses() -> None:
    """A former address has served once its mailbox was told (S11)."""
    told = AddressChange.objects.filter(at__lt=timezone.now() - ADDRESS_KEPT)
    told.exclude(former="").update(former="")


def alone(name: str) -> bool:
    """Whether no other worker does this now; holds until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(%s)", [crc32(f"opus.{name}".encode())]
        )
        (is_alone,) = cursor.fetchone()
    return bool(is_alone)
