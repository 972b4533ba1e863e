"""The clock of vacant posts of RGC (art. 4.3)."""

from celery import shared_task
from django.db import transaction

from accounts.emails.nominations import letter_overdue, warn
from accounts.models import Nomination


@shared_task
@transaction.atomic
def warn_of_overdue_letters() -> None:
    """Tell France Travail, once, that the eight days have passed.

    The desk does not wait for it: what is late is derived from the dates.
    """
    for nomination in Nomination.objects.letter_overdue().select_related("convention"):
        warn(letter_overdue, nomination)
