"""The journal is kept twelve months, then it goes by itself; jobs run one at a time."""

import datetime as dt
from contextlib import nullcontext

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from opus.celery import app as celery_app
from opus.lib import jobs, tasks
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.jobs import JobRun
from opus.lib.tasks import open_audit_months, purge_journal
from tests.lib.privacy.retention import lock_held
from tests.tables import as_owner

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def twelve_months_ago() -> dt.datetime:
    """As PostgreSQL counts them: the clock that the purge goes by."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now() - interval '12 months'")
        (moment,) = cursor.fetchone()
    assert isinstance(moment, dt.datetime)
    return moment


def write_at(moment: dt.datetime) -> int:
    return AuditEntry.objects.create(at=moment, action=Action.SIGN_IN).pk


def open_month(moment: dt.datetime) -> str:
    """The partition of that month, opened as the clock once did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT opus_open_audit_months(%s, 0)", [moment])
    return f"lib_auditentry_{moment.astimezone(dt.UTC):%Y_%m}"


def exists(partition: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [partition])
        return bool(cursor.fetchone()[0])


def kept() -> set[int]:
    return set(AuditEntry.objects.values_list("pk", flat=True))


# --- What goes, what stays ------------------------------------------------------------


def test_what_is_past_twelve_months_goes_and_the_rest_stays(monkeypatch):
    """S40, R25: to the hour, all in one run; the next one changes nothing."""
    monkeypatch.setattr(tasks, "PURGED_AT_ONCE", 2)
    limit = twelve_months_ago()
    for gap in (dt.timedelta(hours=1), DAY, 2 * DAY, 90 * DAY, 900 * DAY):
        write_at(limit - gap)
    young = [limit + dt.timedelta(hours=1), limit + 30 * DAY, timezone.now()]
    stay = {write_at(moment) for moment in young}

    purge_journal()
    assert kept() == stay
    purge_journal()
    assert kept() == stay


def test_a_month_wholly_past_is_dropped_and_the_one_under_way_is_emptied():
    """S40: what is past goes from a month of which a part must stay.

    The present month is open after that.
    """
    limit = twelve_months_ago()
    past = open_month(limit - 70 * DAY)
    under_way = open_month(limit)
    write_at(limit - 70 * DAY)
    write_at(limit - dt.timedelta(minutes=1))
    stays = write_at(limit + dt.timedelta(minutes=1))

    purge_journal()

    assert [exists(past), exists(under_way)] == [False, True]
    assert kept() == {stays}
    open_audit_months()
    now = write_at(timezone.now())
    assert exists(f"lib_auditentry_{dt.datetime.now(dt.UTC):%Y_%m}")
    assert kept() == {stays, now}


@pytest.mark.parametrize(
    ("statement", "age", "is_refused"),
    [
        ("DELETE FROM lib_auditentry", -DAY, True),
        ("DELETE FROM lib_auditentry", DAY, False),
        ("UPDATE lib_auditentry SET actor = 'x'", -DAY, True),
        ("UPDATE lib_auditentry SET actor = 'x'", DAY, True),
        ("UPDATE lib_auditentry SET at = at - interval '2 years'", -DAY, True),
    ],
)
def test_no_hand_removes_or_changes_a_line_before_its_time(statement, age, is_refused):
    """S37, S40: the rule tells the age itself; no flag opens it."""
    line = write_at(twelve_months_ago() - age)

    how = pytest.raises(DatabaseError, match="ne se modifie pas")
    with how if is_refused else nullcontext(), as_owner(), connection.cursor() as sql:
        sql.execute(statement)

    assert kept() == ({line} if is_refused else set())


def test_dropping_months_spares_what_is_younger_whoever_calls_it():
    """S40."""
    limit = twelve_months_ago()
    stays = write_at(limit + DAY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT opus_drop_audit_months()")
        cursor.execute("SELECT opus_purge_audit_lines(1000)")

    assert kept() == {stays}


# --- One at a time, and told ----------------------------------------------------------


def test_the_clock_calls_the_purge_every_hour_and_a_run_is_told():
    """S40, R25: a line is gone an hour after its time, well before the next day."""
    entry = celery_app.conf.beat_schedule["purge-journal"]
    assert (entry["task"], entry["schedule"]) == (purge_journal.name, 3600)
    before = timezone.now()

    purge_journal()

    run = JobRun.objects.get(pk="purge-journal")
    assert (run.every, run.error) == (dt.timedelta(hours=1), "")
    assert run.ended_at >= before
    assert not JobRun.objects.overdue().exists()


def test_a_run_that_fails_leaves_the_end_of_the_last_good_one(monkeypatch):
    """R25: the job becomes overdue, and says which error it met."""
    # The job made here is not of the timetable.
    monkeypatch.setitem(celery_app.conf.beat_schedule, "essai", {})
    good = timezone.now() - dt.timedelta(hours=3)
    hour = dt.timedelta(hours=1)
    JobRun.objects.create(name="essai", every=hour, ended_at=good)

    @jobs.exclusive("essai", every=hour)
    def fail() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        fail()

    run = JobRun.objects.overdue().get()
    assert (run.ended_at, run.error) == (good, "LookupError")


def test_a_second_purge_at_the_same_time_does_not_start():
    """R25: it does not wait for another job, and the lock is given back."""
    line = write_at(twelve_months_ago() - DAY)

    with lock_held("purge-journal"):
        purge_journal()
    assert kept() == {line}
    # The control: it was that lock that held it.
    with lock_held("check-journal"):
        purge_journal()
    assert kept() == set()
    with lock_held("purge-journal"):
        assert JobRun.objects.get().error == ""
