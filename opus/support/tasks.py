import datetime as dt

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from opus.lib import jobs
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.support.data_rights import tasks as data_rights_tasks
from opus.support.service_status import availability
from opus.support.service_status.emails import notify_staff
from opus.support.service_status.models import Incident, Probe
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


# Three tries a minute, so that a late one leaves no hole: the first answer counts.
PROBE_EVERY = 20
# Over thirteen months: a month is closed long before its minutes are deleted.
KEPT = dt.timedelta(days=400)


@shared_task(expires=PROBE_EVERY)
@jobs.exclusive("probe", every=dt.timedelta(seconds=20))
def probe() -> None:
    availability.probe()


@shared_task
@jobs.exclusive("close-months", every=dt.timedelta(hours=1))
def close_months() -> None:
    """Count past months once, then delete old minutes."""
    availability.close()
    Probe.objects.filter(minute__lt=timezone.now() - KEPT).delete()


@shared_task
@jobs.exclusive("check-incidents", every=dt.timedelta(hours=1))
def check_incidents() -> None:
    """Remind staff of incidents without an update (art. 6, R17)."""
    with transaction.atomic():
        for incident in Incident.objects.unspoken():
            notify_staff(incident)
