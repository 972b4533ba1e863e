"""The banners of every page: incidents, maintenance (art. 6).

The account's query tests whether there is any: pages cost a query only then. Without
a database the error page has no banner.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from opus.lib.dates import FIRST_INSTANT, LAST_INSTANT
from opus.support.service_status import availability
from opus.support.service_status.models import Incident, PlannedWork

# Open incidents with their last update; maintenance under way, or soon. Only instants
# that every time zone can show: this is on every page.
BANNERS = """
SELECT 'incident', incident.title, incident.advice, incident.started_at, NULL,
       last.text, coalesce(last.at, incident.declared_at)
FROM support_incident AS incident
LEFT JOIN LATERAL (
    SELECT text, at FROM support_incidentupdate
    WHERE incident_id = incident.id ORDER BY at DESC, id DESC LIMIT 1
) AS last ON true
WHERE incident.ended_at IS NULL
  AND incident.started_at BETWEEN %(first)s AND %(last)s
UNION ALL
SELECT 'travaux', title, advice, starts_at, ends_at, NULL, NULL
FROM support_plannedwork
WHERE cancelled_at IS NULL AND ends_at > %(now)s AND starts_at <= %(soon)s
  AND starts_at >= %(first)s AND ends_at <= %(last)s
ORDER BY 1, 4
"""


# Whether to run the query of banners; it may be true without any banner.
MAY_SPEAK = """
EXISTS (SELECT FROM support_incident WHERE ended_at IS NULL) OR EXISTS (
    SELECT FROM support_plannedwork
    WHERE cancelled_at IS NULL AND ends_at > now() - interval '1 day'
)
"""
MAY_HAVE_BANNERS = RawSQL(MAY_SPEAK, [], BooleanField())  # noqa: S611


@dataclasses.dataclass(frozen=True)
class Banner:
    kind: str
    title: str
    advice: str
    starts_at: dt.datetime
    ends_at: dt.datetime | None
    news: str | None
    news_at: dt.datetime | None

    @property
    def is_incident(self) -> bool:
        return self.kind == "incident"

    @property
    def is_under_way(self) -> bool:
        return self.starts_at <= timezone.now()


def banners() -> list[Banner]:
    """Return incidents first, the oldest first."""
    now = timezone.now()
    instants = {"now": now, "soon": now + settings.WORKS_LEAD}
    instants |= {"first": FIRST_INSTANT, "last": LAST_INSTANT}
    try:
        with connection.cursor() as cursor:
            cursor.execute(BANNERS, instants)
            return [Banner(*row) for row in cursor.fetchall()]
    except Error:
        return []


def banners_for(request: Any) -> list[Banner]:
    """Return those of a page, without a query if none."""
    user = getattr(request, "user", None)
    return banners() if getattr(user, "may_have_banners", True) else []


def context(request: HttpRequest) -> dict[str, Any]:
    return {"banners": SimpleLazyObject(lambda: banners_for(request))}


PAST = dt.timedelta(days=365)
MOST_SHOWN = 20


def status_context() -> dict[str, Any]:
    """Return incidents, maintenance and months, read now."""
    months = availability.shown()
    ended_since = timezone.now() - PAST
    incidents = Incident.objects.under_way().prefetch_related("updates")
    past = Incident.objects.over().filter(ended_at__gte=ended_since)
    return {
        "incidents": list(incidents),
        "works": list(PlannedWork.objects.to_come()),
        "past": list(past[:MOST_SHOWN]),
        "months": months,
        "present": months[-1] if months else None,
        "plot": availability.plot_of(months) if months else None,
    }
