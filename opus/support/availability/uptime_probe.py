"""Probe Opus from outside, minute by minute (R16).

It requests ``/readyz`` over HTTP at the public address, so that a web server or a proxy
that is away shows. It runs in the worker: a dead worker writes no row, and a minute
without a row counts as down. The count errs on the severe side.
"""

import time

import httpx2
from django.conf import settings
from django.utils import timezone

from opus.support.availability.models import Probe, ProbeState

# After this time, a user has given up on the page.
TIMEOUT = httpx2.Timeout(10, connect=5)


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
        with httpx2.Client(timeout=TIMEOUT, follow_redirects=False) as client:
            response = client.get(url)
    except httpx2.HTTPError:
        return ProbeState.DOWN, None
    latency = round((time.monotonic() - began) * 1000)
    word = response.text.strip()
    if response.is_success and word in {ProbeState.OK, ProbeState.DEGRADED}:
        return ProbeState(word), latency
    return ProbeState.DOWN, latency
