"""Regular tasks of the prober (R16)."""

import datetime as dt

from celery import shared_task
from django.utils import timezone

from opus.lib import jobs
from opus.support.availability import monthly_counts, uptime_probe
from opus.support.availability.models import Probe

# Three tries a minute, so that a late one leaves no hole: the first answer counts.
PROBE_EVERY = 20
# Over thirteen months: a month is closed long before its minutes are deleted.
KEPT = dt.timedelta(days=400)


@shared_task(expires=PROBE_EVERY)
@jobs.exclusive("probe", every=dt.timedelta(seconds=20))
def probe() -> None:
    uptime_probe.probe()


@shared_task
@jobs.exclusive("close-months", every=dt.timedelta(hours=1))
def close_months() -> None:
    """Count past months once, then delete old minutes."""
    monthly_counts.close()
    Probe.objects.filter(minute__lt=timezone.now() - KEPT).delete()
