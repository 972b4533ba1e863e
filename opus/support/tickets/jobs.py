"""The scheduled job that closes answered requests."""

from django.db import transaction

from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.support.tickets.models import Closing, Ticket


def close_answered() -> None:
    """Close the requests whose author did not come back in time."""
    for pk in list(Ticket.objects.to_close().values_list("pk", flat=True)):
        with transaction.atomic():
            waiting = Ticket.objects.to_close().filter(pk=pk)
            ticket = waiting.select_for_update(skip_locked=True, no_key=True).first()
            if ticket is None:
                continue  # Reopened since, or locked by another process.
            ticket.close(by=None, closing=Closing.SETTLED)
            journal.record(
                Action.TICKET_CHANGED,
                by=None,
                target=ticket,
                details={"what": "cloture", "closing": Closing.SETTLED.value},
            )
