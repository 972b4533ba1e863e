"""The availability of each month (art. 6, R16).

A month of Paris has its real minutes: 44 580 in March, 44 700 in October. Planned
maintenance is subtracted; a remaining minute counts as up if its row says that Opus
answered, late or not. A minute without a row is down, unless before the first row.
Never rounded up: 97.999 % is 97.99 %, below the 98 % that is owed.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence

import httpx2
from django.conf import settings
from django.db import connection
from django.utils import timezone

from opus.lib.dates import add_months, in_paris
from opus.lib.statistics import Plot, Shown, lines_of
from opus.support.service_status.models import MeasuredMonth, Probe, ProbeState

SHOWN_MONTHS = 12

# The columns of a MeasuredMonth, from the first row to the current minute.
COUNT = """
WITH seen AS (
    SELECT min(minute) AS since FROM support_probe
), months AS (
    SELECT month,
           greatest(month::timestamp AT TIME ZONE 'Europe/Paris', seen.since) AS low,
           least((month + interval '1 month') AT TIME ZONE 'Europe/Paris',
                 date_trunc('minute', %(now)s::timestamptz)) AS high
    FROM unnest(%(months)s::date[]) AS month, seen
    WHERE seen.since IS NOT NULL
), works AS (
    SELECT coalesce(range_agg(
        tstzrange(least(starts_at, ends_at), greatest(starts_at, ends_at))
    ), '{}') AS spans
    FROM support_plannedwork WHERE cancelled_at IS NULL
)
SELECT month,
       minutes.elapsed,
       minutes.planned,
       rows.up,
       minutes.elapsed - minutes.planned - rows.told AS unseen
FROM months
CROSS JOIN works
CROSS JOIN LATERAL (
    SELECT (extract(epoch FROM high - low) / 60)::int AS elapsed,
           coalesce((
               SELECT sum(extract(epoch FROM upper(span) - lower(span)) / 60)
               FROM unnest(works.spans * tstzmultirange(tstzrange(low, high))) AS span
           ), 0)::int AS planned
) AS minutes
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE state <> 'down')::int AS up, count(*)::int AS told
    FROM support_probe
    WHERE minute >= low AND minute < high AND NOT minute <@ works.spans
) AS rows
WHERE low < high
ORDER BY month
"""


def hours(minutes: int) -> str:
    whole, rest = divmod(minutes, 60)
    if not whole:
        return f"{minutes}\xa0min"
    return f"{whole}\xa0h\xa0{rest:02}" if rest else f"{whole}\xa0h"


def months_before(day: dt.date, count: int) -> list[dt.date]:
    last = day.replace(day=1)
    return [add_months(last, -back) for back in reversed(range(count))]


def count(months: Sequence[dt.date], *, now: dt.datetime) -> list[MeasuredMonth]:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"months": list(months), "now": now})
        found = [MeasuredMonth(*row) for row in cursor.fetchall()]
    minute = now.replace(second=0, microsecond=0)
    for one in found:
        left = in_paris(add_months(one.month)).astimezone(dt.UTC) - minute
        one.to_come = max(left // dt.timedelta(minutes=1), 0)
    return found


def shown(now: dt.datetime | None = None) -> list[MeasuredMonth]:
    """Return past months as stored, the others counted now."""
    now = now or timezone.now()
    wanted = months_before(timezone.localdate(now), SHOWN_MONTHS)
    stored = list(MeasuredMonth.objects.filter(month__in=wanted))
    known = {one.month for one in stored}
    rest = count([month for month in wanted if month not in known], now=now)
    return sorted([*stored, *rest], key=lambda one: one.month)


def close(now: dt.datetime | None = None) -> None:
    """Store the counts of past months, once."""
    now = now or timezone.now()
    wanted = months_before(timezone.localdate(now), SHOWN_MONTHS + 1)[:-1]
    stored = MeasuredMonth.objects.filter(month__in=wanted)
    lacking = sorted({*wanted}.difference(stored.values_list("month", flat=True)))
    MeasuredMonth.objects.bulk_create(count(lacking, now=now), ignore_conflicts=True)


def plot_label(month: MeasuredMonth) -> str:
    return f"{month.label} (en partie)" if month.is_partial else month.label


def plot_of(months: Sequence[MeasuredMonth]) -> Plot:
    lines = [
        (plot_label(one), Shown(one.down, hours(one.down), one.down, one.down))
        for one in months
    ]
    return lines_of(
        "indisponibilite",
        "Temps d’indisponibilité de chaque mois",
        lines,
        hatched=[plot_label(month) for month in months if not month.is_kept],
        number_room=64,
    )


# After this time, a user has given up on the page.
PROBE_TIMEOUT = httpx2.Timeout(10, connect=5)


def probe() -> None:
    """Write this minute's row, unless it is there."""
    if not settings.PROBE_URL:
        return
    minute = timezone.now().replace(second=0, microsecond=0)
    if Probe.objects.filter(pk=minute).exists():
        return
    state, latency = request_state(settings.PROBE_URL)
    Probe.objects.bulk_create(
        [Probe(minute=minute, state=state, latency_ms=latency)], ignore_conflicts=True
    )


def request_state(url: str) -> tuple[ProbeState, int | None]:
    """Return the service's state and response time."""
    began = time.monotonic()
    try:
        with httpx2.Client(timeout=PROBE_TIMEOUT, follow_redirects=False) as client:
            response = client.get(url)
    except httpx2.HTTPError:
        return ProbeState.DOWN, None
    latency = round((time.monotonic() - began) * 1000)
    word = response.text.strip()
    if response.is_success and word in {ProbeState.OK, ProbeState.DEGRADED}:
        return ProbeState(word), latency
    return ProbeState.DOWN, latency
