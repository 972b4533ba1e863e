"""One table of delays, shown as it is; one purge, dry unless told (V9, V10).

Each class goes by itself: a fault stops no other, and what is previewed is what goes.
"""

import datetime as dt
import re
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.db.models import CASCADE, SET_NULL
from django.test import Client
from django.utils import timezone

from accounts.privacy.retention import GO_WITH_THE_NAMES
from accounts.users.models import User
from offers.catalogue.models import Offer
from opus.celery import app as celery_app
from opus.delays_and_limits import Kept
from opus.lib.audit.models import AuditEntry
from opus.lib.jobs import JobRun
from opus.lib.outbound.models import OutboxEntry
from opus.lib.privacy import personal_data, retention
from opus.lib.privacy.models import PurgeRun
from opus.lib.privacy.personal_data import Retention
from opus.lib.privacy.retention import purge_personal_data
from opus.support.data_rights.models import ConcernedCandidate, RightsRequest
from opus.support.tickets.models import Kind, Message, Ticket
from referrals.acts.models import Act
from referrals.appointments.models import Slot
from referrals.candidates.models import Candidate
from referrals.cv_requests.models import CvFile
from referrals.documents.models import Document, PrintedDocument, PrintJob
from referrals.privacy import retention as privacy_retention
from referrals.privacy.models import CandidateHold
from referrals.privacy.retention import forget_habits, hanging, staying
from referrals.saved_searches.models import SavedSearch
from tests.accounts.factories import AdviserFactory
from tests.lib.privacy.retention import last_evening, lock_held, next_morning, purge
from tests.opus.page import Page
from tests.referrals.cv_factories import CvFileFactory, CvRequestFactory
from tests.referrals.factories import (
    CandidateFactory,
    CandidateHoldFactory,
    DocumentFactory,
    FavouriteFactory,
    ReferralFactory,
    SavedSearchFactory,
)
from tests.referrals.print_job_cases import make_job
from tests.support.factories import RightsRequestFactory, TicketFactory

pytestmark = pytest.mark.django_db

MONTHS = settings.KEPT.acts


def say(*words: str) -> str:
    out = StringIO()
    call_command("purge_personal_data", *words, stdout=out)
    return out.getvalue()


def counts_in(text: str) -> dict[str, int]:
    """What each line says, but for the jobs of their own and those who wait."""
    found = re.findall(r"^\s+(\d+)\s+(\S[^\n]*)$", text, re.MULTILINE)
    return {
        what: int(number)
        for number, what in found
        if "(tâche" not in what and "en attente" not in what
    }


def words(client: Client) -> str:
    """What the page reads."""
    text: str = Page.of(client.get("/donnees-personnelles/")).one("main").words()
    return text


# --- The table ------------------------------------------------------------------------


def test_every_class_that_a_table_has_is_purged_by_somebody():
    """V9: a class without its purge fails the build."""
    told = {table.retention for table in personal_data.tables()}
    purged = {each.retention for each in [*retention.purges(), *retention.purged_by]}

    assert told - purged == set()


def test_the_page_shows_the_table_as_data(client: Client, settings: Any):
    """V9: each class, its delay and what then, without a sign-in.

    The words cannot drift from what is done: they follow the numbers.
    """
    text = words(client)
    for each in Retention:
        for sentence in (each.label, each.delay, each.end):
            assert sentence.replace("\u00a0", " ") in text
    assert "24 mois après le dernier évènement" in text
    assert "5 ans après la fin de la convention" in text
    assert "{" not in text

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
    months = settings.KEPT.outbox

    with last_evening(months):
        purge(Retention.OUTBOX)
        left.refresh_from_db()
        assert left.arguments
    with next_morning(months):
        purge(Retention.OUTBOX)

    left.refresh_from_db()
    waits.refresh_from_db()
    assert (left.arguments, left.key) == ({}, "1")
    assert waits.arguments


# --- The command and the job ----------------------------------------------------------


def test_the_command_only_counts_until_it_is_told_to():
    """V10: dry by default, nothing at all changes; one class, or all."""
    CandidateFactory()
    with next_morning(MONTHS):
        preview = say()
        assert not PurgeRun.objects.exists()
        assert not AuditEntry.objects.filter(action="data_purged").exists()
        other = say("--really", "--class", "outbox")
        assert Candidate.objects.count() == 1
        done = say("--really")

    assert "Rien n’a changé" in preview
    assert "0 lignes" in other
    for text in (preview, done):
        assert re.search(r"\b1\s+candidats", text)
    assert not Candidate.objects.exists()


def test_a_class_of_another_job_is_refused_with_its_name():
    with pytest.raises(CommandError, match="purge-journal"):
        say("--really", "--class", "journal")


def test_two_purges_do_not_run_at_once():
    """R25."""
    with lock_held(retention.JOB):
        with pytest.raises(CommandError, match="déjà en cours"):
            say("--really")
        purge_personal_data()
        assert not PurgeRun.objects.exists()


def test_the_job_runs_each_night_and_is_told():
    """R25, V10."""
    entry = celery_app.conf.beat_schedule["purge-personal-data"]

    purge_personal_data()

    assert entry["task"] == purge_personal_data.name
    assert entry["schedule"].hour == {2}
    assert JobRun.objects.get(pk=retention.JOB).every == dt.timedelta(days=1)
    assert PurgeRun.objects.get().ended_at is not None


@pytest.fixture
def declared_here(monkeypatch: Any) -> None:
    """What the test declares is forgotten after it."""
    retention.purges()  # All are declared before the copy is made.
    monkeypatch.setattr(retention, "_purges", dict(retention._purges))


@pytest.mark.usefixtures("declared_here")
def test_one_line_declares_rows_that_are_simply_deleted():
    """V9: what the desk's tables need."""
    for number in range(3):
        OutboxEntry.objects.create(effect="essai", key=str(number))
    retention.deletes(
        Retention.TICKETS, "essais", lambda: OutboxEntry.objects.exclude(key="0")
    )

    assert purge(Retention.TICKETS).counts == {"TICKETS": {"essais": 2}}
    assert OutboxEntry.objects.get().key == "0"


# --- Every key, every class -----------------------------------------------------------


# Rows of these classes lose their names and are never deleted.
ROWS_STAY = {Retention.ACCOUNT, Retention.CONVENTION, Retention.OUTBOX}


def foreign_keys() -> Iterator[Any]:
    """Yield every foreign key into a registered table, m2m tables included."""
    register = {table.class_ for table in personal_data.tables()}
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_fields:
            if (
                field.remote_field
                and field.related_model._meta.concrete_model in register
            ):
                yield field


def fate_of(field: Any) -> str:
    """Return what becomes of a key when its target is purged; empty if undecided."""
    target = field.related_model._meta.concrete_model
    with_the_names = [model for model, _ in GO_WITH_THE_NAMES]
    with_the_person = [table.class_ for table in hanging()]
    if target in with_the_names:
        return "goes" if field.model in with_the_names else ""
    if target in with_the_person:
        if field.model in (*with_the_person, PrintedDocument):
            return "goes"
        emptied = [(table.class_, key) for table, key in staying()]
        return "emptied" if (field.model, field.name) in emptied else ""
    [table] = (one for one in personal_data.tables() if one.class_ is target)
    # Slots are nobody's data; offers are France Travail's (a mirror).
    if target in (Slot, Offer) or table.retention in ROWS_STAY:
        return "stays"
    # Django deletes these.
    return {CASCADE: "goes", SET_NULL: "emptied"}.get(field.remote_field.on_delete, "")


def test_every_key_into_the_register_has_its_rule() -> None:
    """V10: a foreign key that nobody decided about fails the build."""
    fates = {str(field): fate_of(field) for field in foreign_keys()}

    for field, fate in sorted(fates.items()):
        sys.stdout.write(f"{field}: {fate}\n")
    assert [field for field, fate in fates.items() if not fate] == []


def test_no_key_into_the_register_is_out_of_sight() -> None:
    """V10: a generic key has no constraint, and no rule would see it."""
    generic = {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.private_fields
        if isinstance(field, GenericForeignKey)
    }

    assert generic == set()


def test_postgresql_knows_the_same_keys() -> None:
    """V10: nor does a key made in SQL alone escape the rules."""
    known = {
        (field.model._meta.db_table, field.column, field.related_model._meta.db_table)
        for field in foreign_keys()
    }
    tables = {table.class_._meta.db_table for table in personal_data.tables()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, attname, confrelid::regclass::text"
            " FROM pg_constraint JOIN pg_attribute"
            " ON attrelid = conrelid AND attnum = conkey[1]"
            " WHERE contype = 'f' AND connamespace = 'public'::regnamespace"
        )
        real = {key for key in cursor.fetchall() if key[2] in tables}

    assert real - known == set()


def test_an_impression_of_today_stops_nobody(adviser: Any) -> None:
    """V10: the file that holds her documents goes with her, no other one."""
    hers, other = DocumentFactory(ready=True), DocumentFactory(ready=True)
    mixed = make_job(adviser, [hers, other])
    others = make_job(adviser, [other])
    hers.candidate.refresh_from_db()
    with next_morning(MONTHS):
        ReferralFactory(candidate=other.candidate)
        Candidate.objects.filter(pk=other.candidate_id).update(
            changed_at=timezone.now()
        )
        report = purge()

    assert report.ended_at is not None
    assert report.failures == 0
    assert list(Document.objects.all()) == [other]
    assert list(PrintJob.objects.all()) == [others]
    assert mixed.pk != others.pk
    assert report.counts["ACTS"]["impressions"] == 1
    assert report.counts["ACTS"]["documents d’une impression"] == 2


def test_requests_go_with_their_steps_and_messages(time_machine: Any) -> None:
    """V9, V10: what Django cascades goes too, and is counted."""
    ticket = TicketFactory(closed=True)
    ticket.steps.create(origin="", target="clos", by=None)
    Message.objects.create(ticket=ticket, kind=Kind.AUTHOR, text="Merci.")
    asked = RightsRequestFactory(answered=True, kind="non_inscrit", account=None)
    asked.steps.create(origin="", target=asked.state, by=None)
    ConcernedCandidate.objects.create(request=asked, candidate=CandidateFactory().pk)
    time_machine.move_to(timezone.now() + dt.timedelta(days=366 * 6))

    report = purge()

    assert report.failures == 0
    assert not Ticket.objects.exists()
    assert not RightsRequest.objects.exists()
    assert report.counts["TICKETS"]["demandes d’assistance"] == 1
    assert sum(report.counts["TICKETS"].values()) >= 4
    assert sum(report.counts["REQUESTS"].values()) >= 2


def fail_for(monkeypatch: Any, *culprits: Candidate) -> None:
    """Have the purge of these persons break a constraint, as a forgotten key would."""
    count = privacy_retention.count

    def break_for(pks: Any) -> Any:
        if {culprit.pk for culprit in culprits} & set(pks):
            raise IntegrityError("essai")
        return count(pks)

    monkeypatch.setattr(privacy_retention, "count", break_for)


def test_a_fault_stops_neither_its_class_nor_the_others(monkeypatch: Any) -> None:
    """V10: the row at fault stays alone, and the run says so to its end."""
    people = CandidateFactory.create_batch(7)
    culprit = people[3]
    fail_for(monkeypatch, culprit)
    letter = OutboxEntry.objects.create(
        effect="essai", key="1", arguments={"account": 1}, sent_at=timezone.now()
    )

    with next_morning(MONTHS):
        report = purge()

    letter.refresh_from_db()
    assert list(Candidate.objects.all()) == [culprit]
    assert letter.arguments == {}
    assert report.ended_at is not None
    assert report.counts["ACTS"] == {"candidats": 6, "lignes en erreur": 1}
    assert (report.total, report.failures) == (7, 1)
    [entry] = AuditEntry.objects.filter(details__has_key="error")
    assert entry.details == {
        "class": "ACTS",
        "error": "IntegrityError",
        "constraint": "",
        "row": str(culprit.pk),
    }


def test_a_forgotten_key_shows_in_its_own_batch(monkeypatch: Any) -> None:
    """Constraints are deferred; the batch looks at them before it ends."""
    document = DocumentFactory()
    other = CandidateFactory()
    monkeypatch.setattr(
        "referrals.privacy.retention.hanging",
        lambda: [table for table in hanging() if table.model != "referrals.Document"],
    )

    with next_morning(MONTHS):
        report = purge(Retention.ACTS)

    assert list(Candidate.objects.all()) == [document.candidate]
    assert other.pk != document.candidate_id
    assert report.failures == 1
    [entry] = AuditEntry.objects.filter(details__has_key="error")
    assert entry.details["constraint"].startswith("referrals_document_")


@pytest.mark.usefixtures("declared_here")
@pytest.mark.parametrize("really", [True, False])
def test_a_class_whose_question_fails_stops_no_other(really: bool) -> None:
    CandidateFactory()
    broken = OutboxEntry.objects.extra(where=["no_such_column"])
    retention.deletes(Retention.ACTS, "aaa", broken.all)

    with next_morning(MONTHS):
        report = retention.run(really=really)

    assert report.counts["ACTS"] == {"lignes en erreur": 1, "candidats": 1}
    assert Candidate.objects.exists() is not really


def test_a_class_that_fails_again_and_again_is_left_to_the_next_night(
    monkeypatch: Any,
) -> None:
    """A fault of the code does not fill the journal."""
    monkeypatch.setattr(retention, "MOST_FAILURES", 3)
    fail_for(monkeypatch, *CandidateFactory.create_batch(8))

    with next_morning(MONTHS):
        report = purge(Retention.ACTS)

    assert report.failures == 3
    assert report.ended_at is not None
    assert AuditEntry.objects.filter(details__has_key="error").count() == 3


def test_the_command_fails_when_a_row_could_not_go_and_the_preview_tells(
    monkeypatch: Any, capsys: Any
) -> None:
    """The counts first, then an exit code that a script sees.

    What will not go is not promised.
    """
    fail_for(monkeypatch, CandidateFactory.create_batch(3)[0])
    with next_morning(MONTHS):
        promised = counts_in(say())
        assert Candidate.objects.count() == 3
        with pytest.raises(CommandError, match="pas pu partir\xa0: 1"):
            call_command("purge_personal_data", "--really")

    done = counts_in(capsys.readouterr().out)
    for counts in (promised, done):
        assert (counts["candidats"], counts["lignes en erreur"]) == (2, 1)


def test_the_job_fails_when_a_row_could_not_go(monkeypatch: Any) -> None:
    """R25: the job shows its error, and its last good end stays."""
    purge_personal_data()
    before = JobRun.objects.get(pk=retention.JOB).ended_at
    fail_for(monkeypatch, CandidateFactory())

    with next_morning(MONTHS), pytest.raises(retention.PurgeFailed):
        purge_personal_data()

    run = JobRun.objects.get(pk=retention.JOB)
    assert (run.error, run.ended_at) == ("PurgeFailed", before)
    assert PurgeRun.objects.latest("began_at").ended_at is not None
    with next_morning(MONTHS):
        assert run in JobRun.objects.overdue()


# --- The preview is the run -----------------------------------------------------------


def test_the_preview_promises_what_the_run_does(adviser: Any, settings: Any) -> None:
    """V10: acts, documents, impressions and all that goes along, line by line.

    An impression of two persons goes once, though they are of two batches.
    """
    settings.PURGED_AT_ONCE = 1
    papers = [DocumentFactory(ready=True) for _ in range(2)]
    make_job(adviser, papers)
    for document in papers:
        FavouriteFactory(candidate=document.candidate)
        CvFileFactory(
            cv_request=CvRequestFactory(candidate=document.candidate, sent=True)
        )
    before = Act.objects.count(), PrintedDocument.objects.count()

    with next_morning(MONTHS):
        promised = counts_in(say())
        assert (Act.objects.count(), PrintedDocument.objects.count()) == before
        assert not AuditEntry.objects.filter(action="data_purged").exists()
        done = counts_in(say("--really"))

    assert promised == done
    assert promised["propositions"] == 4
    for what in ("documents", "CV"):
        assert promised[what] == 2, what
    assert promised["impressions"] == 1
    assert not Act.objects.exists()


def test_the_preview_tells_of_the_classes_of_other_jobs(adviser: Any) -> None:
    """CVs, searches, sessions, the journal, files: a number each."""
    make_job(adviser)
    with next_morning(MONTHS):
        text = say()

    for job in retention.purged_by:
        assert job.retention.label in text
        assert f"(tâche « {job.name} »)" in text
    assert "–" not in text
    assert re.search(r"\b1\s+impressions \(tâche « delete-expired-files »\)", text)
    assert PrintJob.objects.count() == 1


def test_every_job_of_its_own_is_in_the_timetable() -> None:
    """V9."""
    celery_app.loader.import_default_modules()
    jobs_told = {job.name for job in retention.purged_by}

    assert jobs_told
    assert jobs_told <= celery_app.conf.beat_schedule.keys()


# --- Who waits ------------------------------------------------------------------------


def refuse_all() -> None:
    """Close the requests: nobody waits for their sake any more."""
    RightsRequest.objects.update(
        state="refusee", refused_because="identite", ended_on=timezone.localdate()
    )


def request_about(candidate: Any) -> None:
    asked = RightsRequestFactory(registered=True)
    ConcernedCandidate.objects.create(request=asked, candidate=candidate)


def test_a_person_waits_while_her_request_is_open() -> None:
    """Art. 10: and the preview says how many wait, and why."""
    asks, goes, held = CandidateFactory.create_batch(3)
    with next_morning(MONTHS):
        request_about(asks.pk)
        CandidateHoldFactory(candidate=held)
        # The request and the hold are no event of the person.
        text = say().replace("\u00a0", " ")
        purge()
        assert set(Candidate.objects.all()) == {asks, held}
        refuse_all()
        CandidateHold.objects.update(ends_on=dt.date(2020, 1, 1))
        purge()

    for words in (
        "candidats, en attente : demande d’exercice des droits en cours",
        "candidats, en attente : conservation pour litige",
        "candidats",
    ):
        assert re.search(rf"\b1\s+{words}$", text, re.MULTILINE)
    assert goes.pk != asks.pk
    assert not Candidate.objects.exists()


def test_a_cv_and_what_an_account_kept_wait_with_their_person() -> None:
    """Art. 10: the jobs of the other classes leave them too."""
    search, sent = SavedSearchFactory(), CvFileFactory(cv_request__sent=True)
    search.account.close(by=search.account, reason="depart")
    sent.cv_request.move_to("retenu", by=None)
    RightsRequestFactory(account=search.account)
    request_about(sent.cv_request.candidate_id)

    with next_morning(settings.KEPT.cv):
        forget_habits()
        assert SavedSearch.objects.exists()
        assert not CvFile.objects.to_purge().exists()
        refuse_all()
        forget_habits()
        assert CvFile.objects.to_purge().exists()

    assert not SavedSearch.objects.exists()


def test_an_account_keeps_its_name_while_its_request_is_open() -> None:
    """Art. 10."""
    account = AdviserFactory()
    account.close(by=account, reason="depart")
    with next_morning(settings.KEPT.account):
        RightsRequestFactory(account=account)
        text = say().replace("\u00a0", " ")
        purge(Retention.ACCOUNT)
        assert User.objects.get(pk=account.pk).last_name
        refuse_all()
        purge(Retention.ACCOUNT)

    assert not User.objects.get(pk=account.pk).last_name
    assert re.search(
        r"\b1\s+comptes effacés, en attente : demande d’exercice des droits", text
    )
