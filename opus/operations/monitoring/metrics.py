"""Metrics at each scrape (R15): counts, ages and states; no account or person."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection
from django.db.models import Count, Min, QuerySet
from django.utils import timezone
from kombu.exceptions import OperationalError
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from accounts.security.models import Alert, AlertState
from accounts.users.models.users import User
from offers.feed.health import Health
from offers.feed.models import Channel as FeedChannel
from offers.feed.models import EventQuarantine, FeedDelivery
from opus.celery import app
from opus.lib.audit.journal import SIGNS, Action
from opus.lib.audit.models import AuditEntry
from opus.lib.database.models import Finding
from opus.lib.files.background_files import WRITERS, FileState
from opus.lib.jobs.models import JobRun
from opus.lib.outbound import copy_guard
from opus.lib.outbound.models import OutboxEntry
from opus.lib.outbound.outbox import REGISTRY, Channel
from referrals.acts.registry import MODELS

REFUSALS = [*SIGNS, Action.SIGN_IN_REFUSED]


class Figures(Collector):
    def describe(self) -> Iterable[Metric]:
        """Return nothing, so that no query runs before the first scrape."""
        return []

    def collect(self) -> Iterator[Metric]:
        yield from feed()
        yield from outbox()
        yield from files()
        yield from security()
        yield from jobs()
        yield from trade()
        yield broker()
        yield GaugeMetricFamily(
            "opus_mute", "1: a copy of another Opus.", float(copy_guard.is_mute())
        )


def many(
    name: str,
    help_text: str,
    labels: list[str],
    rows: Iterable[tuple[tuple[str, ...], float]],
) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=labels)
    for words, value in rows:
        family.add_metric([str(word) for word in words], value)
    return family


def age(at: dt.datetime | None) -> float:
    return max(0.0, (timezone.now() - at).total_seconds()) if at else 0.0


def feed() -> Iterator[Metric]:
    health = Health()
    if health.is_configured and health.silent_since:
        yield GaugeMetricFamily(
            "opus_feed_silence_seconds",
            "Since the last sign of life of the feed.",
            age(health.silent_since),
        )
    last = (
        FeedDelivery.objects.filter(channel=FeedChannel.PUSH, received__gt=0)
        .order_by("-received_at")
        .first()
    )
    if last:
        yield GaugeMetricFamily(
            "opus_feed_last_event_age_seconds",
            "Since the last batch that held an event.",
            age(last.received_at),
        )
        yield GaugeMetricFamily(
            "opus_feed_lag_seconds",
            "Age of the newest event of that batch when it came.",
            last.lag_seconds or 0.0,
        )
    yield GaugeMetricFamily(
        "opus_feed_rejected_events",
        "Events in quarantine that wait for somebody.",
        EventQuarantine.objects.waiting().count(),
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
    yield many(
        "opus_outbox_waiting",
        "Rows of the outbox that wait.",
        ["channel"],
        [((channel.value,), number) for channel, number in waiting.items()],
    )
    yield many(
        "opus_outbox_oldest_age_seconds",
        "Age of the oldest row that waits.",
        ["channel"],
        [((channel.value,), age(at)) for channel, at in oldest.items()],
    )
    yield GaugeMetricFamily(
        "opus_outbox_given_up",
        "Rows given up after three days.",
        OutboxEntry.objects.filter(given_up_at__isnull=False).count(),
    )


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
    yield many(
        "opus_files_waiting",
        "Files that wait for a worker.",
        ["kind"],
        [((name,), number) for name, number, _ in rows],
    )
    yield many(
        "opus_files_oldest_age_seconds",
        "Age of the oldest file that waits.",
        ["kind"],
        [((name,), age(since)) for name, _, since in rows],
    )


def security() -> Iterator[Metric]:
    hour = timezone.now() - dt.timedelta(hours=1)
    refused = AuditEntry.objects.filter(at__gte=hour, action__in=REFUSALS)
    counted = dict(counts(refused, "action"))
    yield many(
        "opus_refusals_last_hour",
        "Refusals that the journal tells of the last hour.",
        ["action"],
        [((action,), counted.get((action.value,), 0)) for action in REFUSALS],
    )
    alerts = Alert.objects.exclude(state=AlertState.CLOSED)
    yield many(
        "opus_alerts_open",
        "Alerts and signals that are not closed.",
        ["level"],
        counts(alerts, "level"),
    )


def jobs() -> Iterator[Metric]:
    yield many(
        "opus_job_age_seconds",
        "Since the last good end of a regular job.",
        ["job"],
        [((run.name,), age(run.ended_at)) for run in JobRun.objects.all()],
    )
    yield GaugeMetricFamily(
        "opus_jobs_overdue",
        "Regular jobs that are late.",
        JobRun.objects.overdue().count(),
    )
    yield many(
        "opus_invariant_broken_rows",
        "Rows that break an invariant, as counted last night.",
        ["name"],
        [((found.name,), found.count) for found in Finding.objects.all()],
    )


def trade() -> Iterator[Metric]:
    yield many(
        "opus_accounts",
        "Accounts.",
        ["role", "state"],
        counts(User.objects.all(), "role", "state"),
    )
    yield many(
        "opus_acts",
        "Acts.",
        ["kind", "state"],
        [
            ((kind.value, *words), number)
            for kind, model in MODELS.items()
            for words, number in counts(model._default_manager.all(), "state")
        ],
    )


def counts(rows: QuerySet[Any], *fields: str) -> list[tuple[tuple[str, ...], float]]:
    found = rows.order_by().values_list(*fields).annotate(number=Count("pk"))
    return [(tuple(row[:-1]), row[-1]) for row in found]


def broker() -> Metric:
    """Return waiting tasks; empty without the broker."""
    family = GaugeMetricFamily(
        "opus_broker_waiting", "Tasks that no worker has taken yet."
    )
    try:
        with app.connection_for_read() as broker_connection:
            valkey = broker_connection.default_channel.client
            depth = valkey.llen(app.conf.task_default_queue)
    except (OperationalError, RedisError, OSError):
        return family
    family.add_metric([], depth)
    return family
