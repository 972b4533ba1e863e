"""The clock of vacant posts of RGC (art. 4.3)."""

from celery import shared_task
from django.db import transaction

from accounts.emails.nominations import letter_overdue
from accounts.models import Nomination
from accounts.scope import administrators_over


@shared_task
@transaction.atomic
def warn_of_overdue_letters() -> None:
    """Tell France Travail, once, that the eight days have passed.

    The desk does not wait for it: what is late is derived from the dates.
    """
    rows = Nomination.objects.letter_overdue().select_related("convention__agency")
    for nomination in rows:
        for reader in administrators_over(nomination.convention.agency):
            letter_overdue.post(
                key=f"nomination:{nomination.pk}:account:{reader.pk}",
                nomination=nomination.pk,
                account=reader.pk,
            )
