"""What every page says of the service: incidents, and planned works (art. 6).

One query a page, and none before the frame asks. Where the database is away the page
that says so has no banner.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

# Incidents under way with their last word; works under way, or soon.
BANNERS = """
SELECT 'incident', incident.title, incident.advice, incident.started_at, NULL,
       last.text, coalesce(last.at, incident.declared_at)
FROM desk_incident AS incident
LEFT JOIN LATERAL (
    SELECT text, at FROM desk_incidentupdate
    WHERE incident_id = incident.id ORDER BY at DESC, id DESC LIMIT 1
) AS last ON true
WHERE incident.ended_at IS NULL
UNION ALL
SELECT 'travaux', title, advice, starts_at, ends_at, NULL, NULL
FROM desk_plannedwork
WHERE cancelled_at IS NULL AND ends_at > %(now)s AND starts_at <= %(soon)s
ORDER BY 1, 4
"""


@dataclasses.dataclass(frozen=True)
class Banner:
    """One of them, as the page shows it."""

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

    @property
    def ends_the_same_day(self) -> bool:
        if self.ends_at is None:
            return False
        return timezone.localdate(self.starts_at) == timezone.localdate(self.ends_at)


def banners() -> list[Banner]:
    """Incidents first, the oldest first."""
    now = timezone.now()
    try:
        with connection.cursor() as cursor:
            cursor.execute(BANNERS, {"now": now, "soon": now + settings.WORKS_LEAD})
            return [Banner(*row) for row in cursor.fetchall()]
    except Error:
        return []


def context(request: HttpRequest) -> dict[str, Any]:
    """``banners``, for the frame of every page; no query before it is asked."""
    return {"banners": SimpleLazyObject(banners)}
