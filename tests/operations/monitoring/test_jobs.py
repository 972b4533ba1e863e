"""Regular jobs: one at a time, on the timetable that they declare, late ones told."""

import datetime as dt

import pytest
import time_machine
from celery.schedules import crontab
from django.core import mail
from django.test import Client
from django.utils import timezone

from opus.celery import app
from opus.lib import jobs
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
def test_the_timetable_is_the_one_that_the_jobs_declare() -> None:
    """R25: each job holds its lock and its last run, and is called as often as it says.

    A sweep may go without, for the reason above. Celery has Django check its models as
    it looks for tasks, and a check asks PostgreSQL its version.
    """
    app.loader.import_default_modules()
    told = {}
    for name, entry in app.conf.beat_schedule.items():
        schedule = entry["schedule"]
        if isinstance(schedule, crontab):
            assert len(schedule.hour) == len(schedule.minute) == 1
            schedule = 86_400
        told[name] = (entry["task"], dt.timedelta(seconds=schedule))

    without = {n for n, (task, _) in told.items() if task not in jobs.INTERVALS}
    assert without == SWEEPS
    for name in without:
        assert told[name][1] <= dt.timedelta(minutes=1)
    kept = {task: every for task, every in told.values() if task in jobs.INTERVALS}
    assert kept == jobs.INTERVALS


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
