"""Regular tasks of the prober (R16)."""

import datetime as dt

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from opus.lib import jobs
from opus.support.service_status import availability
from opus.support.service_status.emails import notify_staff
from opus.support.service_status.models import Incident, Probe

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
