"""Regular jobs: one at a time, and the last run written down (R25).

Two beats, a late one, a worker that takes a task twice: a job that another process is
doing is left to it. What ran is told in ``JobRun``, so that a clock that stopped shows.
"""

import datetime as dt
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection
from django.utils import timezone

from opus.lib.models import JobRun

Work = Callable[[], None]

# The interval of each job, by the name of its task: the timetable is held to it.
INTERVALS: dict[str, dt.timedelta] = {}


def alone(name: str, *, every: dt.timedelta) -> Callable[[Work], Work]:
    """Have a job run in one process at a time.

    Args:
        every: how often the timetable calls it; a job much later than that is overdue.
    """

    def decorate(work: Work) -> Work:
        INTERVALS[f"{work.__module__}.{work.__qualname__}"] = every

        @functools.wraps(work)
        def run() -> None:
            with lock(name) as is_ours:
                if not is_ours:
                    return
                try:
                    work()
                except Exception as error:
                    # The end of the last good run stays: the job becomes overdue.
                    JobRun.objects.filter(pk=name).update(error=type(error).__name__)
                    raise
                JobRun.objects.update_or_create(
                    pk=name,
                    defaults={
                        "every": every,
                        "ended_at": timezone.now(),
                        "error": "",
                    },
                )

        return run

    return decorate


@contextmanager
def lock(name: str) -> Iterator[bool]:
    """Hold the job's advisory lock; False where another process holds it.

    It belongs to the connection and outlives the transactions of the job; a process
    that dies gives it back with its connection.
    """
    key = f"opus.lib.jobs:{name}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
        (is_ours,) = cursor.fetchone()
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key]
                )
