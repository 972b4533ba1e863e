"""The context of the service status page (art. 6, R16)."""

import datetime as dt
from typing import Any

from django.utils import timezone

from opus.support.availability import monthly_counts
from opus.support.incidents.models import Incident
from opus.support.maintenance.models import PlannedWork

PAST = dt.timedelta(days=365)
MOST_SHOWN = 20


def facts() -> dict[str, Any]:
    """Return incidents, maintenance and months, read now."""
    months = monthly_counts.shown()
    ended_since = timezone.now() - PAST
    incidents = Incident.objects.under_way().prefetch_related("updates")
    past = Incident.objects.over().filter(ended_at__gte=ended_since)
    return {
        "incidents": list(incidents),
        "works": list(PlannedWork.objects.to_come()),
        "past": list(past[:MOST_SHOWN]),
        "months": months,
        "present": months[-1] if months else None,
        "plot": monthly_counts.plot_of(months) if months else None,
    }
