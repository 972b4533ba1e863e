"""Figures at each scrape (R15): counts, ages and states, and the requests answered."""

import datetime as dt
import os
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection
from django.db.models import Count, Min, QuerySet
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from accounts.security.models import Alert, AlertState
from accounts.users.models import User
from offers.feed.health import Health
from offers.feed.models import Channel as FeedChannel
from offers.feed.models import EventQuarantine, FeedDelivery
from opus.celery import app, count_waiting
from opus.lib.audit.journal import SIGNS, Action
from opus.lib.audit.models import AuditEntry
from opus.lib.background_files import WRITERS, FileState
from opus.lib.jobs import JobRun
from opus.lib.models import Finding
from opus.lib.outbound.models import OutboxEntry
from opus.lib.outbound.outbox import REGISTRY, Channel, is_mute
from opus.lib.uploads import received
from opus.startup import METRICS_VARIABLE
from referrals.acts.models import Act

BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

OF_THIS_PROCESS = CollectorRegistry()
REQUESTS = Counter(
    "opus_http_requests",
    "Requests answered.",
    ["view", "method", "status"],
    registry=OF_THIS_PROCESS,
)
SECONDS = Histogram(
    "opus_http_request_seconds",
    "Time to make the response.",
    ["view", "method"],
    buckets=BUCKETS,
    registry=OF_THIS_PROCESS,
)


def count_request(view: str, method: str, status: int, seconds: float) -> None:
    REQUESTS.labels(view, method, status).inc()
    SECONDS.labels(view, method).observe(seconds)


class Requests(Collector):
    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        if METRICS_VARIABLE in os.environ:
            return MultiProcessCollector(None).collect()
        return OF_THIS_PROCESS.collect()


type Rows = Iterable[tuple[tuple[object, ...], float]]
REFUSALS = [*SIGNS, Action.SIGN_IN_REFUSED]


class Figures(Collector):
    def describe(self) -> Iterable[Metric]:
        """Return nothing: no query before the first scrape."""
        return []

    def collect(self) -> Iterator[Metric]:
        for part in (feed, outbox, files, security, jobs, trade, services):
            yield from part()


def one(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_text, value)


def many(name: str, help_text: str, labels: str, rows: Rows) -> Metric:
    """Return one value for each row of labels."""
    family = GaugeMetricFamily(name, help_text, labels=labels.split())
    for words, value in rows:
        family.add_metric([str(word) for word in words], value)
    return family


def age(at: dt.datetime | None) -> float:
    return max(0.0, (timezone.now() - at).total_seconds()) if at else 0.0


def feed() -> Iterator[Metric]:
    health = Health()
    if health.is_configured and health.silent_since:
        text = "Since the last sign of life of the feed."
        yield one("opus_feed_silence_seconds", text, age(health.silent_since))
    pushed = FeedDelivery.objects.filter(channel=FeedChannel.PUSH, received__gt=0)
    if last := pushed.order_by("-received_at").first():
        text = "Since the last batch that held an event."
        yield one("opus_feed_last_event_age_seconds", text, age(last.received_at))
        text = "Age of the newest event of that batch when it came."
        yield one("opus_feed_lag_seconds", text, last.lag_seconds or 0.0)
    text = "Events in quarantine that wait for somebody."
    yield one(
        "opus_feed_rejected_events", text, EventQuarantine.objects.waiting().count()
    )


def outbox() -> Iterator[Metric]:
    waiting = dict.fromkeys(Channel, 0)
    oldest: dict[Channel, dt.datetime | None] = dict.fromkeys(Channel)
    rows = OutboxEntry.objects.waiting().order_by().values("effect")
    for row in rows.annotate(number=Count("pk"), since=Min("created_at")):
        effect = REGISTRY.get(row["effect"])
        channel = effect.channel if effect else Channel.MAIL
        waiting[channel] += row["number"]
        known = oldest[channel]
        oldest[channel] = min(known, row["since"]) if known else row["since"]
    numbers = [((channel.value,), number) for channel, number in waiting.items()]
    yield many(
        "opus_outbox_waiting", "Rows of the outbox that wait.", "channel", numbers
    )
    ages = [((channel.value,), age(at)) for channel, at in oldest.items()]
    text = "Age of the oldest row that waits."
    yield many("opus_outbox_oldest_age_seconds", text, "channel", ages)
    given_up = OutboxEntry.objects.filter(given_up_at__isnull=False).count()
    yield one("opus_outbox_given_up", "Rows given up after three days.", given_up)


def files() -> Iterator[Metric]:
    parts = [
        f"SELECT '{model._meta.model_name}', count(*), min(created_at) "
        f"FROM {model._meta.db_table} WHERE state = %s"
        for model in WRITERS
    ]
    with connection.cursor() as cursor:
        states = [FileState.WAITING.value] * len(parts)
        cursor.execute(" UNION ALL ".join(parts), states)
        rows = cursor.fetchall()
    numbers = [((name,), number) for name, number, _ in rows]
    yield many("opus_files_waiting", "Files that wait for a worker.", "kind", numbers)
    ages = [((name,), age(since)) for name, _, since in rows]
    text = "Age of the oldest file that waits."
    yield many("opus_files_oldest_age_seconds", text, "kind", ages)


def security() -> Iterator[Metric]:
    hour = timezone.now() - dt.timedelta(hours=1)
    refused = AuditEntry.objects.filter(at__gte=hour, action__in=REFUSALS)
    counted = dict(counts(refused, "action"))
    rows = [((action,), counted.get((action.value,), 0)) for action in REFUSALS]
    text = "Refusals that the journal tells of the last hour."
    yield many("opus_refusals_last_hour", text, "action", rows)
    alerts = counts(Alert.objects.exclude(state=AlertState.CLOSED), "level")
    text = "Alerts and signals that are not closed."
    yield many("opus_alerts_open", text, "level", alerts)


def jobs() -> Iterator[Metric]:
    ages = [((run.name,), age(run.ended_at)) for run in JobRun.objects.all()]
    text = "Since the last good end of a regular job."
    yield many("opus_job_age_seconds", text, "job", ages)
    overdue = JobRun.objects.overdue().count()
    yield one("opus_jobs_overdue", "Regular jobs that are late.", overdue)
    rows = [((found.name,), found.count) for found in Finding.objects.all()]
    text = "Rows that break an invariant, as counted last night."
    yield many("opus_invariant_broken_rows", text, "name", rows)


def trade() -> Iterator[Metric]:
    accounts = counts(User.objects.all(), "role", "state")
    yield many("opus_accounts", "Accounts.", "role state", accounts)
    acts = counts(Act.objects.all(), "kind", "state")
    yield many("opus_acts", "Acts.", "kind state", acts)


def counts(rows: QuerySet[Any], *fields: str) -> list[tuple[tuple[str, ...], float]]:
    found = rows.order_by().values_list(*fields).annotate(number=Count("pk"))
    return [(tuple(row[:-1]), row[-1]) for row in found]


def services() -> Iterator[Metric]:
    """Yield what Opus needs; without the broker, nothing of its tasks."""
    depth = count_waiting(app)
    rows: Rows = [] if depth is None else [((), depth)]
    yield many("opus_broker_waiting", "Tasks that no worker has taken yet.", "", rows)
    text = "1: files that people send are refused."
    yield one("opus_antivirus_away", text, float(received.is_away()))
    yield one("opus_mute", "1: a copy of another Opus.", float(is_mute()))
