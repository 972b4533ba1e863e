"""Persons at term are counted without a name, then gone; nobody else deletes them."""

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ForeignKey, UUIDField
from django.utils import timezone

from accounts.structures.models import Structure
from opus.lib.audit import journal
from opus.lib.audit.models import AuditEntry
from opus.lib.dates import add_months
from opus.lib.privacy import personal_data, retention
from opus.lib.privacy.models import PurgeRun
from opus.lib.privacy.personal_data import Retention
from referrals.acts.models import Act, ActStep
from referrals.acts.outcomes import Outcome
from referrals.candidates.models import Candidate
from referrals.direct.models import Referral
from referrals.documents.models import Document
from referrals.duplicates.actions import merge
from referrals.privacy import retention as privacy_retention
from referrals.privacy.models import OTHERS, CandidateHold, PastActs
from referrals.privacy.retention import staying
from tests.accounts.factories import AdviserFactory, StructureFactory
from tests.lib.privacy.retention import last_evening, next_morning, purge
from tests.opus.page import Page
from tests.referrals.cv_factories import CvFileFactory, CvRequestFactory
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    CandidateHoldFactory,
    DocumentFactory,
    FavouriteFactory,
    ReferralFactory,
    end,
    entrust,
)
from tests.referrals.screened import ScreenedReferralFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
KNOWN = settings.KEPT.acts
UNKNOWN = settings.KEPT.unregistered


def person_with_everything(**given: Any) -> Candidate:
    """One of each table that hangs on a person."""
    candidate: Candidate = CandidateFactory(**given)
    referral = ReferralFactory(candidate=candidate, handed_over=True)
    DocumentFactory(act=referral, ready=True)
    end(referral)
    ScreenedReferralFactory(candidate=candidate)
    CvFileFactory(cv_request=CvRequestFactory(candidate=candidate, sent=True))
    AppointmentFactory(candidate=candidate, at=timezone.now())
    FavouriteFactory(candidate=candidate)
    return candidate


def remains_of(candidate: Candidate) -> dict[str, int]:
    """How many rows of each table of the register still lead to the person."""
    found = {}
    for table in personal_data.tables():
        for way in table.candidates:
            rows = table.class_._base_manager.filter(**{way: candidate.pk})
            if number := rows.count():
                found[table.model] = number
    return found


def counted() -> dict[tuple[str, ...], tuple[int, int]]:
    return {cell.pk: (cell.acts, cell.persons) for cell in PastActs.objects.all()}


# --- When -----------------------------------------------------------------------------


@pytest.mark.parametrize(("ft_id", "months"), [("1234567A", KNOWN), ("", UNKNOWN)])
def test_a_person_goes_the_day_after_the_term_with_all_that_hangs_on_it(ft_id, months):
    """V9, V10: files, steps, documents, outcomes, CVs: nothing is left behind."""
    candidate = person_with_everything(ft_id=ft_id)
    assert len(remains_of(candidate)) >= 8

    with last_evening(months):
        purge(Retention.ACTS)
        assert Candidate.objects.filter(pk=candidate.pk).exists()
    with next_morning(months):
        purge(Retention.ACTS)

    assert remains_of(candidate) == {}
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def make_step(candidate: Candidate) -> None:
    referral = Referral.objects.get(candidate=candidate)
    state = referral.state
    referral.steps.create(origin=state, target=state, by=referral.adviser)


def make_appointment(candidate: Candidate) -> None:
    long_ago = timezone.now() - 900 * DAY
    AppointmentFactory(candidate=candidate, created_at=long_ago, at=timezone.now())


def change_sheet(candidate: Candidate) -> None:
    Candidate.objects.filter(pk=candidate.pk).update(phone="06 39 98 00 01")


EVENTS: dict[str, Any] = {
    "an act": lambda candidate: ReferralFactory(candidate=candidate),
    "a step of an old act": make_step,
    "an appointment of an old act": make_appointment,
    "an offer kept": lambda candidate: FavouriteFactory(candidate=candidate),
    "a change of the sheet": change_sheet,
}


def long_ago() -> Candidate:
    """Somebody of whom nothing was written for years."""
    candidate: Candidate = CandidateFactory()
    ReferralFactory(candidate=candidate)
    past_day = timezone.now() - 900 * DAY
    Referral.objects.update(created_at=past_day)
    Candidate.objects.filter(pk=candidate.pk).update(
        created_at=past_day, changed_at=past_day
    )
    return candidate


@pytest.mark.parametrize("event", EVENTS)
def test_each_event_keeps_the_person(event):
    """V9: what counts as the last event."""
    candidate = long_ago()
    assert candidate in Candidate.objects.at_term()

    EVENTS[event](candidate)

    assert candidate not in Candidate.objects.at_term()


def test_neither_a_look_nor_a_handover_keeps_the_person():
    """V9: another adviser says nothing new of her."""
    candidate = long_ago()
    successor = AdviserFactory(structure=candidate.structure)
    journal.record(journal.Action.PERSON_READ, by=successor, target=candidate)

    entrust(candidate, successor)

    assert candidate in Candidate.objects.at_term()


def test_an_event_between_the_choice_and_the_lock_keeps_the_person():
    """R11: the batch asks again once it holds the rows."""
    candidate = long_ago()
    gone: list[Any] = []
    due, apply = Candidate.objects.none, (lambda pks: gone.extend(pks) or {})

    each = retention.Purge(Retention.ACTS, "essai", due, apply)
    retention.purge_rows(each, PurgeRun(), Candidate, [candidate.pk])

    assert gone == []
    assert Candidate.objects.filter(pk=candidate.pk).exists()


# --- What stays -----------------------------------------------------------------------


def five_persons(structure: Structure, number: int = 5) -> list[Candidate]:
    adviser = AdviserFactory(structure=structure)
    people = CandidateFactory.create_batch(number, adviser=adviser)
    for candidate in people:
        ReferralFactory(candidate=candidate, cancelled=True)
    return people


@pytest.mark.parametrize(
    ("persons", "cells", "rare"),
    [
        # Five make a cell and four do not: k = 5.
        ({"38080": 5, "69001": 4}, {("38", "annulee"): (5, 5)}, 4),
        # Two departments of three persons each make one cell of six.
        ({"38080": 3, "69001": 3}, {(OTHERS, OTHERS): (6, 6)}, 0),
    ],
)
def test_five_persons_make_a_cell_and_four_do_not(persons, cells, rare):
    """V10: what is too few is told less finely, or not at all."""
    for postcode, number in persons.items():
        five_persons(StructureFactory(postcode=postcode), number)
    now = f"{timezone.localdate():%Y-%m}"

    with next_morning(KNOWN):
        told = purge(Retention.ACTS).counts["ACTS"]

    assert counted() == {
        (now, department, "mise_en_contact", outcome): counts
        for (department, outcome), counts in cells.items()
    }
    total = sum(persons.values())
    assert told["propositions comptées"] == total - rare
    assert told.get("propositions trop rares", 0) == rare


def test_many_acts_of_one_person_make_no_cell():
    """V10: persons are counted, not acts."""
    candidate = CandidateFactory()
    ReferralFactory.create_batch(9, candidate=candidate, cancelled=True)

    with next_morning(KNOWN):
        purge(Retention.ACTS)

    assert counted() == {}


def test_a_cell_that_stands_takes_one_more():
    """V10."""
    five_persons(StructureFactory(postcode="38080"))
    privacy_retention.count(Candidate.objects.values_list("pk", flat=True))
    one = five_persons(StructureFactory(postcode="38080"), 1)

    privacy_retention.count([person.pk for person in one])

    assert list(counted().values()) == [(6, 6)]


def test_totals_stay_explainable():
    """V10: what was deleted is what was counted, and what was too rare."""
    five_persons(StructureFactory(postcode="38080"), 7)
    person_with_everything()
    acts = Act.objects.count()

    with next_morning(KNOWN):
        told = purge(Retention.ACTS).counts["ACTS"]

    kept = told["propositions comptées"]
    assert sum(cell.acts for cell in PastActs.objects.all()) == kept
    assert kept + told.get("propositions trop rares", 0) == acts
    assert not Act.objects.exists()


@pytest.mark.parametrize(("months", "is_told"), [(12, False), (14, True)])
def test_the_follow_up_tells_from_when_on_acts_are_gone(as_adviser, months, is_told):
    """V10, art. 11: a period that reaches past the shorter term says so."""
    today = timezone.localdate()
    since, until = add_months(today, -months), today
    address = f"/suivi/?du={since:%Y-%m}&au={until:%Y-%m}"

    text = Page.of(as_adviser.get(address)).one("main").words()

    assert ("ont été supprimées (convention, art. 10)" in text) == is_told


def test_postgresql_refuses_a_cell_of_four_persons():
    """V10: whoever writes."""
    cell = ("2026-11", "38", "mise_en_contact", "annulee")
    with pytest.raises(IntegrityError, match="past_cell_of_five_persons"):
        PastActs.objects.create(pk=cell, acts=9, persons=4)


def test_no_way_leads_from_a_cell_to_anybody():
    """V10: neither key, number, nor date of its own; and nothing points at it."""
    fields = PastActs._meta.local_fields
    assert {field.name for field in fields} == {
        *("pk", "period", "department", "kind", "outcome", "acts", "persons")
    }
    assert not any(isinstance(field, ForeignKey | UUIDField) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND"
            " 'referrals_pastacts'::regclass IN (conrelid, confrelid)"
        )
        assert cursor.fetchone() == (0,)


def test_what_outlives_a_person_can_let_go_of_her():
    """V9: the keys of tables with another term may be emptied."""
    for table, key in staying():
        assert table.class_._meta.get_field(key).null, f"{table.model}.{key}"


# --- Held, refused --------------------------------------------------------------------


def test_a_held_person_survives_and_goes_once_the_hold_is_over():
    """V11: through the last day of the hold, not one more."""
    candidate = person_with_everything()
    term = timezone.localdate()
    with next_morning(KNOWN):
        last_day = timezone.localdate() + 10 * DAY
    hold = CandidateHoldFactory(candidate=candidate, ends_on=last_day)

    with next_morning(KNOWN, since=term):
        purge(Retention.ACTS)
        assert Candidate.objects.filter(pk=candidate.pk).exists()
    CandidateHold.objects.filter(pk=hold.pk).update(ends_on=term - DAY)
    with next_morning(KNOWN, since=term):
        purge(Retention.ACTS)

    assert remains_of(candidate) == {}


def test_a_hold_that_is_lifted_keeps_nobody(ft_admin):
    """V11: and the journal tells it."""
    candidate = long_ago()
    hold = CandidateHoldFactory(candidate=candidate)
    [candidates] = retention.purges(Retention.ACTS)
    assert candidate not in candidates.free()

    hold.lift(by=ft_admin)

    assert candidate in candidates.free()
    entry = AuditEntry.objects.get(action=journal.Action.HOLD_LIFTED)
    assert (entry.actor_id, entry.target_id) == (ft_admin.pk, str(hold.pk))


def test_postgresql_keeps_a_held_person_even_from_the_purge():
    """V11."""
    candidate = CandidateFactory()
    CandidateHoldFactory(candidate=candidate)

    with (
        pytest.raises(DatabaseError, match="conservées pour un litige"),
        transaction.atomic(),
        retention.deletions_allowed(),
    ):
        retention.delete(Candidate.objects.filter(pk=candidate.pk))


def test_two_sheets_that_become_one_keep_the_hold(adviser):
    """V11."""
    kept = CandidateFactory(adviser=adviser)
    other = CandidateFactory(adviser=adviser, ft_id="")
    hold = CandidateHoldFactory(candidate=other)

    merge(kept, other, by=adviser)

    hold.refresh_from_db()
    assert hold.candidate == kept


def test_nobody_else_deletes():
    """V10: a statement typed by hand is refused, and all stays."""
    make_step(person_with_everything())

    for table in ("act", "actstep", "outcome", "document", "cvfile", "candidate"):
        with (
            pytest.raises(DatabaseError, match="avant son terme"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"DELETE FROM referrals_{table}")  # noqa: S608


def test_the_leave_ends_with_its_block():
    """V10."""
    referral = ReferralFactory()
    with retention.deletions_allowed():
        pass

    with pytest.raises(DatabaseError, match="avant son terme"), transaction.atomic():
        retention.delete(Referral.objects.filter(pk=referral.pk))


# --- In batches -----------------------------------------------------------------------


def test_a_run_that_dies_leaves_whole_persons_and_the_next_one_ends_it(
    settings, monkeypatch
):
    """V10, R25: each batch is whole or not at all."""
    settings.PURGED_AT_ONCE = 2
    people = [person_with_everything() for _ in range(5)]
    count, calls = privacy_retention.count, []

    def die_at_the_second(pks: Any) -> Any:
        calls.append(pks)
        if len(calls) == 2:
            raise SystemExit
        return count(pks)

    monkeypatch.setattr(privacy_retention, "count", die_at_the_second)
    with next_morning(KNOWN), pytest.raises(SystemExit):
        purge(Retention.ACTS)

    left = [person for person in people if remains_of(person)]
    assert len(left) == 3
    assert Referral.objects.count() == Document.objects.count() == 3
    assert Outcome.objects.count() == ActStep.objects.count() == 3
    told = PurgeRun.objects.get()
    assert (told.ended_at, told.counts["ACTS"]["candidats"]) == (None, 2)

    with next_morning(KNOWN):
        purge(Retention.ACTS)

    assert not Candidate.objects.exists()
    assert PurgeRun.objects.latest("began_at").ended_at is not None


def test_a_batch_writes_one_line_of_the_journal_without_a_name():
    """S37, V10."""
    candidate = person_with_everything()
    before = AuditEntry.objects.count()

    with next_morning(KNOWN):
        purge(Retention.ACTS)

    assert AuditEntry.objects.count() == before + 1
    entry = AuditEntry.objects.get(action=journal.Action.DATA_PURGED)
    assert entry.details["class"] == "ACTS"
    assert entry.details["rows"]["candidats"] == 1
    assert candidate.last_name not in str(entry.details)
    assert entry.person_ids == []
