"""The breach path of article 12: reasons, a month, a decision, a month."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.agreements import actions, jobs, letters
from accounts.agreements.models.breaches import Breach, BreachReason, BreachState
from accounts.agreements.models.conventions import Convention, ConventionState
from accounts.agreements.models.letters import Carrier, LetterKind
from accounts.agreements.models.terminations import Ending, EndingOrigin
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from tests.accounts.clocks import postgresqls_clock_aside
from tests.accounts.factories import (
    AdviserFactory,
    BreachFactory,
    ConventionFactory,
    FtAdminFactory,
    make_registered_number,
)

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")


def at(year, month, day, hour=10):
    """That hour in Paris, standing: long after today, since PostgreSQL's goes on."""
    return time_machine.travel(
        dt.datetime(year, month, day, hour, tzinfo=PARIS), tick=False
    )


def open_one(convention=None):
    return actions.open_breach(
        convention or ConventionFactory(),
        by=FtAdminFactory(),
        reasons=[BreachReason.SHARED, BreachReason.DOCUMENTS],
        facts="Le 12 septembre, deux postes ont servi le même compte.",
    )


def post(letter, on):
    type(letter).claim(letter.pk).store(b"%PDF-1.7 essai")
    letters.record_posting(
        letter,
        by=FtAdminFactory(),
        carrier=Carrier.LA_POSTE,
        registered_number=make_registered_number(letter.convention_id),
        on=on,
    )


def notified(on):
    """A file whose letter was posted on that day, which is today."""
    breach = open_one()
    post(breach.letters.get(), on)
    breach.refresh_from_db()
    return breach


# --- Notified ---------------------------------------------------------------------


def test_a_file_has_its_letter_with_the_reasons_and_the_month():
    breach = open_one()

    letter = breach.letters.get()
    assert letter.kind == LetterKind.BREACH
    assert "Comptes prêtés ou partagés (art. 5.1)" in letter.html
    assert "Le 12 septembre, deux postes" in letter.html
    assert "<strong>un mois</strong>" in letter.html
    assert breach.state == BreachState.OPEN
    entry = AuditEntry.objects.get(action="breach_changed")
    assert entry.details["reasons"] == ["partage", "documents"]
    assert "postes" not in str(entry.details)


@pytest.mark.parametrize(
    ("posted_on", "answer_by"),
    [
        (dt.date(2038, 1, 31), dt.date(2038, 2, 28)),
        (dt.date(2040, 1, 31), dt.date(2040, 2, 29)),
        (dt.date(2038, 3, 1), dt.date(2038, 4, 1)),
        (dt.date(2038, 9, 30), dt.date(2038, 10, 30)),
    ],
)
def test_the_month_runs_from_the_post_in_calendar_months(posted_on, answer_by):
    with at(posted_on.year, posted_on.month, posted_on.day):
        breach = notified(posted_on)

    assert breach.state == BreachState.NOTIFIED
    assert (breach.notified_on, breach.answer_by) == (posted_on, answer_by)


def test_the_month_runs_from_the_presentation_once_it_is_known():
    with at(2038, 1, 10):
        breach = notified(dt.date(2038, 1, 10))
    with at(2038, 1, 20):
        letters.record_receipt(
            breach.letters.get(), by=FtAdminFactory(), on=dt.date(2038, 1, 13)
        )

    breach.refresh_from_db()
    assert breach.answer_by == dt.date(2038, 2, 13)


def test_there_is_one_live_file_for_a_convention():
    breach = open_one()

    with pytest.raises(MoveRefused, match="déjà en cours"):
        open_one(breach.convention)
    actions.lift_breach(breach, by=FtAdminFactory())

    assert open_one(breach.convention).is_live


@pytest.mark.parametrize("state", ["projet", "resiliee", "expiree"])
def test_only_a_running_convention_is_reproached(state):
    with pytest.raises(MoveRefused, match="n’est pas signée"):
        open_one(ConventionFactory(state=state))


# --- Observed, upheld -------------------------------------------------------------


def uphold(breach, on, ends_on):
    return actions.uphold_breach(breach, by=FtAdminFactory(), on=on, ends_on=ends_on)


@pytest.mark.parametrize(("day", "is_too_early"), [(28, True), (29, True), (1, False)])
def test_without_observations_one_waits_for_the_end_of_the_month(day, is_too_early):
    """Art. 12: the last day of the month belongs to the structure."""
    with at(2040, 1, 31):
        breach = notified(dt.date(2040, 1, 31))
    today = dt.date(2040, 3 if day == 1 else 2, day)
    with at(today.year, today.month, today.day):
        breach.refresh_from_db()
        if is_too_early:
            with pytest.raises(MoveRefused, match="jusqu’au 29 février 2040 inclus"):
                uphold(breach, today, today)
        else:
            uphold(breach, today, today)

    breach.refresh_from_db()
    assert (breach.state == BreachState.UPHELD) != is_too_early


def test_once_observations_came_the_decision_need_not_wait():
    with at(2038, 1, 10):
        breach = notified(dt.date(2038, 1, 10))
    with at(2038, 1, 20):
        actions.receive_observations(
            breach, by=FtAdminFactory(), on=dt.date(2038, 1, 19)
        )
        uphold(breach, dt.date(2038, 1, 20), dt.date(2038, 2, 20))

    ending = Ending.objects.get()
    assert (ending.origin, ending.breach) == (EndingOrigin.BREACH, breach)
    assert ending.is_waiting
    letter = breach.letters.get(kind=LetterKind.BREACH_UPHELD)
    assert "reçues le 19 janvier 2038" in letter.html
    assert "au plus tard le <strong>20 février 2038</strong>" in letter.html


@pytest.mark.parametrize(
    ("ends_on", "is_refused"),
    [(dt.date(2038, 2, 28), False), (dt.date(2038, 3, 1), True)],
)
def test_the_end_comes_within_a_month_of_the_decision(ends_on, is_refused):
    """Art. 12: 31 January and one month make 28 February."""
    with at(2038, 1, 20):
        breach = notified(dt.date(2038, 1, 20))
        actions.receive_observations(
            breach, by=FtAdminFactory(), on=dt.date(2038, 1, 20)
        )
    with at(2038, 1, 31):
        if is_refused:
            with pytest.raises(MoveRefused, match="dans le mois qui suit"):
                uphold(breach, dt.date(2038, 1, 31), ends_on)
        else:
            uphold(breach, dt.date(2038, 1, 31), ends_on)

    breach.refresh_from_db()
    assert (breach.state == BreachState.OBSERVED) == is_refused
    assert Ending.objects.exists() != is_refused


def test_observations_do_not_come_before_the_letter_nor_tomorrow():
    with at(2038, 1, 20):
        breach = notified(dt.date(2038, 1, 20))
        for day in [dt.date(2038, 1, 19), dt.date(2038, 1, 21)]:
            with pytest.raises(MoveRefused, match="Choisissez un jour"):
                actions.receive_observations(breach, by=FtAdminFactory(), on=day)


# --- Ended, lifted ----------------------------------------------------------------


def test_the_access_is_cut_on_the_day_and_the_file_closes_with_the_convention():
    """Art. 12, R12."""
    with at(2038, 1, 20):
        breach = notified(dt.date(2038, 1, 20))
        convention = breach.convention
        adviser = AdviserFactory(structure=convention.structure)
        actions.receive_observations(
            breach, by=FtAdminFactory(), on=dt.date(2038, 1, 20)
        )
        ending = uphold(breach, dt.date(2038, 1, 20), dt.date(2038, 2, 20))
        actions.confirm_ending(ending, by=FtAdminFactory())
        outbox.relay()
    last = dt.datetime(2038, 2, 20, 23, 59, 59, tzinfo=PARIS)
    open_at = []
    for instant in [last, last + dt.timedelta(seconds=1)]:
        with time_machine.travel(instant, tick=False):
            open_at.append(adviser.convention_in_force() is not None)
    with at(2038, 2, 21), postgresqls_clock_aside():
        jobs.tidy()

    assert open_at == [True, False]
    assert [message.to for message in mail.outbox] == [[adviser.email]]
    convention.refresh_from_db()
    breach.refresh_from_db()
    assert (convention.state, breach.state) == (
        ConventionState.TERMINATED,
        BreachState.ENDED,
    )
    assert breach.letters.filter(kind=LetterKind.TERMINATION).exists()


def test_a_procedure_dropped_before_the_letter_left_takes_the_letter_back():
    breach = open_one()

    actions.lift_breach(breach, by=FtAdminFactory())

    assert [letter.is_void for letter in breach.letters.all()] == [True]


def test_a_procedure_dropped_later_is_told_by_a_letter():
    with at(2038, 1, 20):
        breach = notified(dt.date(2038, 1, 20))
        actions.receive_observations(
            breach, by=FtAdminFactory(), on=dt.date(2038, 1, 20)
        )
        uphold(breach, dt.date(2038, 1, 20), dt.date(2038, 2, 20))
        actions.lift_breach(breach, by=FtAdminFactory())

    assert breach.letters.filter(kind=LetterKind.BREACH_LIFTED).exists()
    assert Ending.objects.get().state == "abandonne"
    assert Convention.objects.get().state == ConventionState.SIGNED


def test_once_the_end_is_confirmed_the_procedure_is_not_dropped():
    with at(2038, 1, 20):
        breach = notified(dt.date(2038, 1, 20))
        actions.receive_observations(
            breach, by=FtAdminFactory(), on=dt.date(2038, 1, 20)
        )
        ending = uphold(breach, dt.date(2038, 1, 20), dt.date(2038, 2, 20))
        actions.confirm_ending(ending, by=FtAdminFactory())

        with pytest.raises(MoveRefused, match="est confirmée"):
            actions.lift_breach(breach, by=FtAdminFactory())


# --- The database -----------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"notified": True, "notified_on": None},
        {"observed": True, "observed_on": dt.date(2026, 9, 30)},
        {"upheld": True, "upheld_on": dt.date(2026, 10, 19)},
        {"upheld": True, "upheld_on": None},
        {"reasons": []},
    ],
)
def test_the_database_refuses_days_out_of_order(wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        BreachFactory(**wrong)


def test_the_reasons_notified_do_not_change_and_a_file_stays():
    breach = BreachFactory(notified=True)
    rows = Breach.objects.filter(pk=breach.pk)

    with pytest.raises(IntegrityError, match="ne changent plus"), transaction.atomic():
        rows.update(facts="Autre chose.")
    with pytest.raises(IntegrityError, match="ne s’efface pas"), transaction.atomic():
        rows._raw_delete("default")


def test_months_near_their_end_are_found():
    """U15: see the desk's queue."""
    with at(2026, 10, 24):
        near = BreachFactory(notified=True)
        far = BreachFactory(notified=True, notified_on=dt.date(2026, 10, 20))

        assert near.next_deadline - timezone.localdate() == dt.timedelta(days=8)
        assert far.next_deadline - timezone.localdate() == dt.timedelta(days=27)
