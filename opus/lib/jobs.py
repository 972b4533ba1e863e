"""Regular jobs: one process at a time, recorded (R25)."""

import datetime as dt
import functools
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

from celery import current_app
from django.db import connection, models
from django.db.models import F
from django.utils import timezone

logger = logging.getLogger(__name__)

Work = Callable[[], None]

# Seconds; the sweeps run every ten.
TRIED_AGAIN_AFTER = 5
_broker_is_away_until = 0.0

# However long the job works, its lock waits for nothing.
LOCK = """
SELECT set_config('idle_in_transaction_session_timeout', '0', true),
    pg_try_advisory_xact_lock(hashtextextended(%s, 0))
"""


class JobRunQuerySet(models.QuerySet["JobRun"]):
    def overdue(self) -> Self:
        """Filter those late by twice their interval and a minute."""
        waited = 2 * F("every") + dt.timedelta(minutes=1)
        return self.filter(ended_at__lt=timezone.now() - waited)


class JobRun(models.Model):
    name = models.CharField("tâche", max_length=40, primary_key=True)
    every = models.DurationField("toutes les")
    ended_at = models.DateTimeField("dernière fin")
    error = models.CharField("erreur du dernier essai", max_length=60, blank=True)

    objects = JobRunQuerySet.as_manager()

    class Meta:
        verbose_name = "tâche de fond"
        verbose_name_plural = "tâches de fond"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


def exclusive(name: str, *, every: dt.timedelta) -> Callable[[Work], Work]:
    """Run a job in one process at a time, that often unless it has its hour."""

    def decorate(work: Work) -> Work:
        task = f"{work.__module__}.{work.__qualname__}"
        entry = {"task": task, "schedule": every.total_seconds()}
        current_app.conf.beat_schedule.setdefault(name, entry)

        @functools.wraps(work)
        def run() -> None:
            with lock(name) as is_ours:
                if not is_ours:
                    return
                try:
                    work()
                except Exception as error:
                    # The last success stays: the job becomes overdue.
                    JobRun.objects.filter(pk=name).update(error=type(error).__name__)
                    raise
                done = {"every": every, "ended_at": timezone.now(), "error": ""}
                JobRun.objects.update_or_create(pk=name, defaults=done)

        return run

    return decorate


@contextmanager
def lock(name: str) -> Iterator[bool]:
    """Lock the job; yield False if another process has it.

    The lock is that of a transaction, of a connection of its own that does nothing
    else: the job commits as often as it likes, a pooler in transaction mode lends that
    connection until the end, and a process that dies frees it at once.
    """
    own = connection.copy()
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute(LOCK, [f"opus.lib.jobs:{name}"])
            _, is_ours = cursor.fetchone()
        if not is_ours:
            own.rollback()
        yield is_ours
        own.commit()  # Raises OperationalError if the lock was lost meanwhile.
    finally:
        own.close()


def enqueue(task: Any, *arguments: str) -> None:
    """Send a task, or leave it to the sweep (R14).

    A broker that failed is not tried again at once: each try makes a page wait.
    """
    global _broker_is_away_until
    if time.monotonic() < _broker_is_away_until:
        return
    try:
        task.apply_async(args=arguments, retry=False, ignore_result=True)
    except task.OperationalError:
        _broker_is_away_until = time.monotonic() + TRIED_AGAIN_AFTER
        logger.warning("Broker away: %s is left to the sweep.", task.name)
