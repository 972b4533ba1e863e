"""Regular jobs: one at a time, on their timetable, late ones told; a watchdog, R24."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time

import pytest
import time_machine
from celery.schedules import crontab
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone

from opus import celery
from opus.celery import SCHEDULE, Watch, app
from opus.lib.jobs import JobRun
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from opus.operations.tasks import check_jobs
from tests.accounts.factories import AgencyFactory, FtAdminFactory

# They take rows with SKIP LOCKED, or look whether there is anything to do: two at once
# share the work, and the next one comes within the minute.
SWEEPS = {
    "confirm-acts",
    "delete-useless-documents",
    "make-waiting-files",
    "relay-webhooks",
    "relay-outbox",
    "notify-withdrawals",
    "write-first-words",
}


@pytest.mark.django_db
def test_a_sweep_alone_goes_without_a_lock() -> None:
    """R25: each job of the timetable is one that the worker knows.

    Celery has Django check its models as it looks for tasks, and a check asks
    PostgreSQL its version.
    """
    app.loader.import_default_modules()

    told = app.conf.beat_schedule
    nightly = {name for name in told if isinstance(told[name]["schedule"], crontab)}
    # The others of this table join the timetable by their lock.
    assert SCHEDULE.keys() == SWEEPS | nightly
    assert len(told) > 40
    assert {one["task"] for one in told.values()} <= app.tasks.keys()
    assert max(told[name]["schedule"] for name in SWEEPS) <= 60
    hours = [told[name]["schedule"] for name in nightly]
    assert all(len(each.hour) == len(each.minute) == 1 for each in hours)


@pytest.fixture
def a_late_job() -> JobRun:
    return JobRun.objects.create(
        name="purge-essai",
        every=dt.timedelta(hours=1),
        ended_at=timezone.now() - dt.timedelta(hours=5),
    )


@pytest.mark.django_db
def test_national_staff_is_told_once_a_day_of_late_jobs(a_late_job: JobRun) -> None:
    """R25."""
    reader = FtAdminFactory(agency=None)
    FtAdminFactory(agency=AgencyFactory())

    check_jobs()
    check_jobs()
    outbox.relay()

    (letter,) = mail.outbox
    assert letter.to == [reader.email]
    assert "purge-essai" in letter.body
    assert "purge-essai" not in letter.subject
    with time_machine.travel(timezone.now() + dt.timedelta(days=1)):
        check_jobs()
    assert OutboxEntry.objects.filter(effect="jobs-late").count() == 2


@pytest.mark.django_db
def test_a_clock_that_stopped_is_told_by_the_supervisors_probe(
    client: Client, a_late_job: JobRun
) -> None:
    """R15, R25: beat cannot tell of itself."""
    FtAdminFactory(agency=None)

    assert client.get("/readyz").content == b"degraded"

    assert OutboxEntry.objects.get().effect == "jobs-late"


@pytest.mark.django_db
def test_a_job_that_has_run_again_needs_no_letter(a_late_job: JobRun) -> None:
    FtAdminFactory(agency=None)
    check_jobs()
    JobRun.objects.filter(pk=a_late_job.pk).update(ended_at=timezone.now())

    outbox.relay()

    assert mail.outbox == []
    assert OutboxEntry.objects.get().dropped_at is not None


@pytest.mark.django_db
def test_jobs_on_time_are_no_news(client: Client) -> None:
    """The control."""
    FtAdminFactory(agency=None)
    JobRun.objects.create(
        name="purge-essai", every=dt.timedelta(hours=1), ended_at=timezone.now()
    )

    check_jobs()

    assert client.get("/readyz").content == b"ok"
    assert not OutboxEntry.objects.exists()


TASK = "opus.lib.background_files.make_waiting_files"
ENDS = """
from opus.celery import watch
watch.waits_since = -3600
watch.run()
"""


@pytest.fixture
def waiting_task(broker):
    app.control.purge()
    app.send_task(TASK)
    yield
    app.control.purge()


@pytest.fixture
def silent():
    watch = Watch(app)
    watch.waits_since = time.monotonic() - 2 * celery.DEAF_AFTER
    return watch


def test_a_worker_is_deaf_if_tasks_wait_and_none_came(waiting_task, silent):
    """R24."""
    assert silent.is_deaf()
    silent.hear()
    assert not silent.is_deaf()


def test_a_task_that_has_just_come_waits_for_nobody_yet(waiting_task):
    assert not Watch(app).is_deaf()


def test_a_worker_without_work_is_not_deaf(broker, silent):
    app.control.purge()

    assert not silent.is_deaf()


def test_a_worker_that_does_its_task_is_not_deaf(waiting_task, silent, monkeypatch):
    monkeypatch.setattr(celery.state, "active_requests", {object()})

    assert not silent.is_deaf()


@pytest.mark.thorough
def test_a_deaf_worker_ends(waiting_task, broker):
    ended = subprocess.run(
        [sys.executable, "-c", ENDS],
        cwd=settings.BASE_DIR,
        env=os.environ | {"OPUS_DEMO": "1", "REDIS_URL": broker},
        check=False,
        timeout=100,
    )

    assert ended.returncode == -signal.SIGTERM
