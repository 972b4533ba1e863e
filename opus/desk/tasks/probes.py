"""Regular tasks of the prober (R16)."""

import datetime as dt

from celery import shared_task
from django.utils import timezone

from opus.desk import availability, prober
from opus.desk.models.probes import Probe
from opus.lib import jobs

# Three tries a minute, so that a late one leaves no hole: the first answer stands.
PROBE_EVERY = 20
# Thirteen months and some: a month is closed long before its minutes go.
KEPT = dt.timedelta(days=400)


@shared_task(expires=PROBE_EVERY)
@jobs.alone("probe", every=dt.timedelta(seconds=20))
def probe() -> None:
    prober.probe()


@shared_task
@jobs.alone("close-months", every=dt.timedelta(hours=1))
def close_months() -> None:
    """Count past months once, then delete old minutes."""
    availability.close()
    Probe.objects.filter(minute__lt=timezone.now() - KEPT).delete()
