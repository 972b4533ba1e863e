import datetime as dt

from celery import shared_task
from django.db import transaction

from opus.lib import jobs
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.support.tickets.models import Closing, Ticket


@shared_task
@jobs.exclusive("close-tickets", every=dt.timedelta(hours=1))
def close_tickets() -> None:
    """Close what was answered more than fifteen days ago."""
    details = {"what": "cloture", "closing": Closing.SETTLED.value}
    for pk in list(Ticket.objects.to_close().values_list("pk", flat=True)):
        with transaction.atomic():
            waiting = Ticket.objects.to_close().filter(pk=pk)
            ticket = waiting.select_for_update(skip_locked=True, no_key=True).first()
            if ticket is None:
                continue  # Reopened since, or locked by another process.
            ticket.close(by=None, closing=Closing.SETTLED)
            journal.record(
                Action.TICKET_CHANGED, by=None, target=ticket, details=details
            )
