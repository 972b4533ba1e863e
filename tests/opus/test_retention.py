"""One table of delays, shown as it is; one purge, dry unless told (V9, V10)."""

import datetime as dt
import re
import threading
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from opus.celery import app as celery_app
from opus.lib import jobs, personal_data, retention
from opus.lib.models import AuditEntry, JobRun, OutboxEntry, PurgeRun
from opus.lib.personal_data import Retention
from opus.lib.tasks import purge_personal_data
from opus.thresholds import Kept
from referrals.models import Candidate
from tests.opus.page import Page
from tests.opus.retention import last_evening, next_morning, purge
from tests.referrals.factories import CandidateFactory

pytestmark = pytest.mark.django_db

MONTHS = settings.KEPT.acts


def say(*words: str) -> str:
    out = StringIO()
    call_command("purge_personal_data", *words, stdout=out)
    return out.getvalue()


def words(client: Client) -> str:
    """What the page reads."""
    text: str = Page.of(client.get("/donnees-personnelles/")).one("main").words()
    return text


# --- The table ------------------------------------------------------------------------


def test_every_class_that_a_table_has_is_purged_by_somebody():
    """V9: a class without its purge fails the build."""
    told = {table.retention for table in personal_data.tables()}
    ours = {each.retention for each in retention.purges()}

    assert told - ours - retention.ELSEWHERE.keys() == set()


def test_the_classes_that_go_elsewhere_have_their_job():
    """V9."""
    assert set(retention.ELSEWHERE.values()) <= celery_app.conf.beat_schedule.keys()


def test_the_page_shows_the_table_as_data(client: Client):
    """V9: each class, its delay and what then, without a sign-in."""
    text = words(client)

    for each in Retention:
        for sentence in (each.label, each.delay, each.end):
            assert sentence.replace("\u00a0", " ") in text
    assert "24 mois après le dernier évènement" in text
    assert "5 ans après la fin de la convention" in text
    assert "{" not in text


def test_sentences_follow_the_numbers(client: Client, settings: Any):
    """V9: the words cannot drift from what is done."""
    settings.KEPT = Kept(acts=18, cv=7)

    text = words(client)

    assert "18 mois après le dernier évènement" in text
    assert "7 mois après la fin de la demande" in text
    assert "24 mois après le dernier évènement" not in text


def test_the_printed_document_tells_the_same_delays():
    """V9, art. 7."""
    page = Path(settings.BASE_DIR, "templates", "documents", "act.html")
    text = page.read_text(encoding="utf-8")
    told = re.search(r"les garde (\d+)\s+mois \((\d+) si", text)

    assert told
    assert tuple(map(int, told.groups())) == (
        settings.KEPT.acts,
        settings.KEPT.unregistered,
    )


def test_postgresql_counts_the_same_months_for_the_journal():
    """S40."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT prosrc FROM pg_proc WHERE proname = 'opus_purge_audit_lines'"
        )
        (source,) = cursor.fetchone()

    assert f"interval '{settings.KEPT.journal} months'" in source


# --- Letters --------------------------------------------------------------------------


def test_a_letter_that_left_forgets_for_whom_after_three_months():
    """V9: its key stays, so that it does not leave a second time."""
    left = OutboxEntry.objects.create(
        effect="essai", key="1", arguments={"account": 1}, sent_at=timezone.now()
    )
    waits = OutboxEntry.objects.create(
        effect="essai", key="2", arguments={"account": 1}
    )
    months = settings.KEPT.letters

    with last_evening(months):
        purge(Retention.LETTERS)
        left.refresh_from_db()
        assert left.arguments
    with next_morning(months):
        purge(Retention.LETTERS)

    left.refresh_from_db()
    waits.refresh_from_db()
    assert (left.arguments, left.key) == ({}, "1")
    assert waits.arguments


# --- The command and the job ----------------------------------------------------------


def test_the_command_only_counts_until_it_is_told_to(settings: Any):
    """V10: dry by default; nothing at all changes."""
    CandidateFactory()
    with next_morning(MONTHS):
        text = say()

    assert re.search(r"\b1\s+candidats", text)
    assert "Rien n’a changé" in text
    assert Candidate.objects.count() == 1
    assert not PurgeRun.objects.exists()
    assert not AuditEntry.objects.filter(action="data_purged").exists()


def test_the_command_purges_when_told_to_one_class_or_all():
    """V10."""
    CandidateFactory()
    with next_morning(MONTHS):
        other = say("--really", "--class", "letters")
        assert Candidate.objects.count() == 1
        text = say("--really")

    assert "0 lignes" in other
    assert re.search(r"\b1\s+candidats", text)
    assert not Candidate.objects.exists()


def test_a_class_of_another_job_is_refused_with_its_name():
    with pytest.raises(CommandError, match="purge-journal"):
        say("--really", "--class", "journal")


def test_two_purges_do_not_run_at_once():
    """R25."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with jobs.lock(retention.JOB):
            held.set()
            done.wait(timeout=30)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(timeout=30)
        with pytest.raises(CommandError, match="déjà en cours"):
            say("--really")
        purge_personal_data()
        assert not PurgeRun.objects.exists()
    finally:
        done.set()
        thread.join()


def test_the_job_runs_each_night_and_is_told():
    """R25, V10."""
    entry = celery_app.conf.beat_schedule["purge-personal-data"]

    purge_personal_data()

    assert entry["task"] == purge_personal_data.name
    assert entry["schedule"].hour == {2}
    assert JobRun.objects.get(pk=retention.JOB).every == dt.timedelta(days=1)
    assert PurgeRun.objects.get().ended_at is not None


def test_one_line_declares_rows_that_are_simply_deleted(monkeypatch: Any):
    """V9: what the desk's tables need."""
    retention.purges()  # All are declared before the copy is made.
    monkeypatch.setattr(retention, "_purges", dict(retention._purges))
    for number in range(3):
        OutboxEntry.objects.create(effect="essai", key=str(number))
    retention.deletes(
        Retention.TICKETS, "essais", lambda: OutboxEntry.objects.exclude(key="0")
    )

    told = purge(Retention.TICKETS)

    assert told.counts == {"TICKETS": {"essais": 2}}
    assert OutboxEntry.objects.get().key == "0"
