"""What the clock does: it closes what was answered."""

from django.db import transaction

from opus.desk.models.ticket_choices import Closing
from opus.desk.models.tickets import Ticket
from opus.lib import audit
from opus.lib.audit import Action


def close_answered() -> None:
    """Close the requests whose author did not come back in time."""
    for pk in list(Ticket.objects.to_close().values_list("pk", flat=True)):
        with transaction.atomic():
            waiting = Ticket.objects.to_close().filter(pk=pk)
            ticket = waiting.select_for_update(skip_locked=True, no_key=True).first()
            if ticket is None:
                continue  # Reopened since, or in other hands.
            ticket.close(by=None, closing=Closing.SETTLED)
            audit.record(
                Action.TICKET_CHANGED,
                by=None,
                target=ticket,
                details={"what": "cloture", "closing": Closing.SETTLED.value},
            )
