"""Scheduled absences, and former addresses to erase (S11, S26); idempotent."""

import datetime as dt

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.users import absences
from accounts.users.models import AddressChange
from opus.lib import jobs

HOURLY = dt.timedelta(hours=1)
# After the last notice: the outbox's retry time, and one day more.
MARGIN = dt.timedelta(days=4)


@shared_task
@jobs.exclusive("check-absences", every=HOURLY)
@transaction.atomic
def check_absences() -> None:
    absences.suspend_due()
    absences.warn()


@shared_task
@jobs.exclusive("forget-former-addresses", every=HOURLY)
def forget_former_addresses() -> None:
    """Erase former addresses that get no more notices (S11, V16)."""
    limit = timezone.now() - settings.ACCOUNT_SAFETY.former_addresses - MARGIN
    old = AddressChange.objects.filter(at__lt=limit)
    old.exclude(former="").update(former="")
