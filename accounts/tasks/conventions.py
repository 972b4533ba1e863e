"""What the calendar does to conventions: tidying and e-mails (R12, R25).

No access opens or closes here: that is a predicate on dates, asked at each request.
"""

from celery import shared_task
from django.db import connection, transaction

from accounts import deadlines


@shared_task
def watch_conventions() -> None:
    """States that follow their dates, and what accounts are told beforehand.

    A second clock that comes at the same time leaves the work to the first.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_try_advisory_xact_lock(hashtext('watch_conventions'))"
            )
            (is_alone,) = cursor.fetchone()
        if is_alone:
            deadlines.tidy()
            deadlines.tell_ends()
            deadlines.tell_excesses()
