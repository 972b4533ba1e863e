"""The breach path of article 12: reasons, a month, a decision, a month."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts.agreements import actions, jobs, letters
from accounts.agreements.models.conventions import Convention, ConventionState
from accounts.agreements.models.letters import Carrier, LetterKind
from accounts.agreements.models.terminations import (
    Breach,
    BreachReason,
    BreachState,
    Ending,
    EndingOrigin,
)
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from tests.accounts.clocks import PARIS, at, postgresqls_clock_aside
from tests.accounts.factories import (
    AdviserFactory,
    AgentFactory,
    BreachFactory,
    ConventionFactory,
    FtAdminFactory,
    make_registered_number,
)
from tests.tables import database_refuses

pytestmark = pytest.mark.django_db

DIRECTOR = "Hélène Marchand, directrice régionale"


def open_one(convention=None, **terms):
    return actions.open_breach(
        convention or ConventionFactory(),
        by=FtAdminFactory(),
        **{
            "reasons": [BreachReason.SHARED, BreachReason.DOCUMENTS],
            "facts": "Le 12 septembre, deux postes ont servi le même compte.",
        }
        | terms,
    )


def signed_one(**terms):
    breach = open_one(**terms)
    actions.sign_breach(breach, by=FtAdminFactory(), signatory=DIRECTOR)
    return breach


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
    breach = signed_one()
    post(breach.letters.get(), on)
    breach.refresh_from_db()
    return breach


def presented(on):
    """A file whose letter was posted and presented on that day, which is today."""
    breach = notified(on)
    receive(breach, on)
    return breach


def observed(on):
    """A file that the structure answered on the day of its letter."""
    breach = presented(on)
    observe(breach, on)
    return breach


def receive(breach, on):
    letter = breach.letters.get(kind=LetterKind.BREACH)
    letters.record_receipt(letter, by=FtAdminFactory(), on=on)
    breach.refresh_from_db()


def observe(breach, on):
    actions.receive_observations(
        breach, by=FtAdminFactory(), on=on, reference="C-114", file=b"%PDF-1.7 %%EOF"
    )


def uphold(breach, on, ends_on, **more):
    days = {"on": on, "ends_on": ends_on}
    return actions.uphold_breach(
        breach, by=FtAdminFactory(), signatory=DIRECTOR, **days, **more
    )


# --- Opened, signed ---------------------------------------------------------------


def test_two_people_open_and_sign_a_file_and_nothing_leaves_before():
    """Art. 12, S28: in the model."""
    breach = open_one()
    assert breach.state == BreachState.PROPOSED
    assert not breach.letters.exists()

    with pytest.raises(MoveRefused, match="Une autre personne"):
        actions.sign_breach(breach, by=breach.opened_by)
    with pytest.raises(MoveRefused, match="Un administrateur"):
        actions.sign_breach(breach, by=AgentFactory())
    actions.sign_breach(breach, by=FtAdminFactory(), signatory=DIRECTOR)

    assert breach.state == BreachState.OPEN
    assert breach.letters.get().kind == LetterKind.BREACH


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"signed_by": "opener", "signed_at": timezone.now},
        {"signed_by": "agent", "signed_at": timezone.now},
    ],
)
def test_no_file_is_signed_by_one_person_nor_by_an_agent_whoever_writes(changes):
    """S28: in PostgreSQL."""
    breach = BreachFactory(proposed=True)
    people = {"opener": breach.opened_by, "agent": AgentFactory()}
    if changes:
        changes = {
            "signed_by": people[changes["signed_by"]],
            "signed_at": timezone.now(),
        }

    with database_refuses():
        Breach.objects.filter(pk=breach.pk).update(state="ouvert", **changes)


# --- Notified ---------------------------------------------------------------------


def test_a_file_has_its_letter_with_the_reasons_and_the_month():
    """Art. 12, 14: reasons, the month, the amicable way, who signs."""
    breach = signed_one()

    letter = breach.letters.get()
    assert letter.kind == LetterKind.BREACH
    assert "Comptes prêtés ou partagés (art. 5.1)" in letter.html
    assert "Le 12 septembre, deux postes" in letter.html
    assert "<strong>un mois</strong>" in letter.html
    assert "article 12" in letter.html
    assert "solution amiable" in letter.html
    assert "le tribunal compétent peut être saisi (article 14)" in letter.html
    assert DIRECTOR in letter.html
    assert breach.state == BreachState.OPEN
    first, second = AuditEntry.objects.filter(action="breach_changed").order_by("pk")
    assert first.details["reasons"] == ["partage", "documents"]
    assert second.details["verb"] == "sign"
    assert "postes" not in str(first.details)


def test_another_obligation_is_written_out_and_printed():
    """Art. 12: any obligation of the agreement, the law, the regulations."""
    text = "Réunion de suivi refusée deux fois (art. 11)."
    breach = signed_one(reasons=["autre"], other_obligation=text)

    assert f"Autre obligation\xa0: {text}" in breach.letters.get().html
    for reasons, other in [(["autre"], ""), (["partage"], text)]:
        with pytest.raises(MoveRefused, match="toutes lettres"):
            open_one(reasons=reasons, other_obligation=other)
        with database_refuses():
            BreachFactory(reasons=reasons, other_obligation=other)


def test_a_condition_that_became_void_is_no_fault_and_leaves_the_month():
    """Art. 12: caducité, by the path with observations."""
    breach = signed_one(
        reasons=[BreachReason.VOID], facts="L’arrêté du 3 mai a été abrogé."
    )

    html = breach.letters.get().html
    assert "est devenue caduque. Comme le prévoit l’article 12" in html
    assert "ne respecte pas" not in html
    assert "manquement" not in html
    assert "<strong>un mois</strong>" in html


@pytest.mark.parametrize("reason", BreachReason.values)
def test_each_obligation_of_articles_5_to_9_has_its_reason(reason):
    other = "Une obligation." if reason == "autre" else ""

    breach = signed_one(reasons=[reason], other_obligation=other)

    assert breach.reason_labels[0] in breach.letters.get().html


@pytest.mark.parametrize(
    ("posted_on", "answer_by"),
    [
        (dt.date(2038, 1, 31), dt.date(2038, 2, 28)),
        (dt.date(2040, 1, 31), dt.date(2040, 2, 29)),
        (dt.date(2038, 3, 1), dt.date(2038, 4, 1)),
        (dt.date(2038, 9, 30), dt.date(2038, 10, 30)),
    ],
)
def test_the_month_runs_from_the_presentation_in_calendar_months(posted_on, answer_by):
    """Art. 12."""
    with at(posted_on):
        breach = presented(posted_on)

    assert breach.state == BreachState.NOTIFIED
    assert (breach.notified_on, breach.answer_by) == (posted_on, answer_by)


def test_a_presentation_that_is_not_known_starts_no_month_and_counts_once_it_is():
    """Art. 12."""
    with at(dt.date(2038, 1, 10)):
        breach = notified(dt.date(2038, 1, 10))
    with (
        at(dt.date(2038, 5, 10)),
        pytest.raises(MoveRefused, match="avis de réception"),
    ):
        uphold(breach, dt.date(2038, 5, 10), dt.date(2038, 6, 10))
    with at(dt.date(2038, 5, 10)):
        observe(breach, dt.date(2038, 5, 10))
        receive(breach, dt.date(2038, 4, 30))

        assert breach.answer_by == dt.date(2038, 5, 30)
        with pytest.raises(MoveRefused, match="jusqu’au 30 mai 2038 inclus"):
            uphold(breach, dt.date(2038, 5, 10), dt.date(2038, 6, 10))


def test_a_presentation_entered_after_the_decision_holds_the_end_back():
    """the decision cut the month; another one is made after it."""
    with at(dt.date(2038, 1, 10)):
        breach = presented(dt.date(2038, 1, 10))
    with at(dt.date(2038, 2, 12)):
        ending = uphold(breach, dt.date(2038, 2, 12), dt.date(2038, 3, 12))
        receive(breach, dt.date(2038, 1, 20))
        with pytest.raises(MoveRefused, match="jusqu’au 20 février 2038"):
            actions.confirm_ending(ending, by=FtAdminFactory())
        rows, other = Ending.objects.filter(pk=ending.pk), FtAdminFactory()
        now = timezone.now()
        with database_refuses("mois d’obs"):
            rows.update(state="confirme", confirmed_by=other, confirmed_at=now)
        with pytest.raises(MoveRefused, match="attend déjà d’être confirmée, ou l’a"):
            uphold(breach, dt.date(2038, 2, 12), dt.date(2038, 3, 12), is_again=True)
        actions.abandon(ending, by=FtAdminFactory())
        with pytest.raises(MoveRefused, match="jusqu’au 20 février 2038"):
            uphold(breach, dt.date(2038, 2, 12), dt.date(2038, 3, 12), is_again=True)
    with at(dt.date(2038, 2, 22)):
        breach.refresh_from_db()
        days = dt.date(2038, 2, 22), dt.date(2038, 3, 22)
        again = uphold(breach, *days, is_again=True)
        actions.confirm_ending(again, by=FtAdminFactory())

    assert Convention.objects.get().ends_on == dt.date(2038, 3, 22)
    first, second = breach.letters.filter(kind="maintien").order_by("rank")
    assert (first.is_void, second.is_void) == (True, False)


def test_there_is_one_live_file_for_a_convention():
    breach = open_one()

    with pytest.raises(MoveRefused, match="déjà en cours"):
        open_one(breach.convention)
    actions.lift_breach(breach, by=FtAdminFactory())

    assert open_one(breach.convention).state == "propose"


@pytest.mark.parametrize("state", ["projet", "resiliee", "expiree"])
def test_only_a_running_convention_is_reproached(state):
    with pytest.raises(MoveRefused, match="n’est pas signée"):
        open_one(ConventionFactory(state=state))


# --- Observed, upheld -------------------------------------------------------------


@pytest.mark.parametrize(("day", "is_too_early"), [(28, True), (29, True), (1, False)])
def test_without_observations_one_waits_for_the_end_of_the_month(day, is_too_early):
    """Art. 12: the last day of the month belongs to the structure."""
    with at(dt.date(2040, 1, 31)):
        breach = presented(dt.date(2040, 1, 31))
    today = dt.date(2040, 3 if day == 1 else 2, day)
    with at(today):
        breach.refresh_from_db()
        if is_too_early:
            with pytest.raises(MoveRefused, match="jusqu’au 29 février 2040 inclus"):
                uphold(breach, today, today)
        else:
            uphold(breach, today, today)

    breach.refresh_from_db()
    assert (breach.state == BreachState.UPHELD) != is_too_early


def test_observations_that_came_early_do_not_shorten_the_month():
    """Art. 12: in the model, then in PostgreSQL."""
    with at(dt.date(2038, 1, 10)):
        breach = presented(dt.date(2038, 1, 10))
    with at(dt.date(2038, 1, 20)):
        observe(breach, dt.date(2038, 1, 19))
        with pytest.raises(MoveRefused, match="jusqu’au 10 février 2038 inclus"):
            uphold(breach, dt.date(2038, 1, 20), dt.date(2038, 2, 20))
        rows = Breach.objects.filter(pk=breach.pk)
        for wrong in [{}, {"presented_on": None}]:
            with database_refuses("mois d’obs"):
                rows.update(state="maintenu", upheld_on=dt.date(2038, 2, 10), **wrong)
    with at(dt.date(2038, 2, 11)):
        uphold(breach, dt.date(2038, 2, 11), dt.date(2038, 3, 11))

    ending = Ending.objects.get()
    assert (ending.origin, ending.breach) == (EndingOrigin.BREACH, breach)
    assert ending.is_waiting
    letter = breach.letters.get(kind=LetterKind.BREACH_UPHELD)
    assert "reçues le 19 janvier 2038 (réf. C-114)" in letter.html
    assert "au plus tard le <strong>11 mars 2038</strong>" in letter.html
    assert "article 14" in letter.html
    assert DIRECTOR in letter.html


@pytest.mark.parametrize(
    ("ends_on", "is_refused"),
    [(dt.date(2038, 2, 28), False), (dt.date(2038, 3, 1), True)],
)
def test_the_end_comes_within_a_month_of_the_decision(ends_on, is_refused):
    """Art. 12: 31 January and one month make 28 February."""
    with at(dt.date(2037, 12, 20)):
        breach = observed(dt.date(2037, 12, 20))
    with at(dt.date(2038, 1, 31)):
        if is_refused:
            with pytest.raises(MoveRefused, match="dans le mois qui suit"):
                uphold(breach, dt.date(2038, 1, 31), ends_on)
        else:
            uphold(breach, dt.date(2038, 1, 31), ends_on)

    breach.refresh_from_db()
    assert (breach.state == BreachState.OBSERVED) == is_refused
    assert Ending.objects.exists() != is_refused


def test_observations_do_not_come_before_the_letter_nor_tomorrow():
    with at(dt.date(2038, 1, 20)):
        breach = notified(dt.date(2038, 1, 20))
        for day in [dt.date(2038, 1, 19), dt.date(2038, 1, 21)]:
            with pytest.raises(MoveRefused, match="Choisissez un jour"):
                actions.receive_observations(breach, by=FtAdminFactory(), on=day)


# --- Ended, lifted ----------------------------------------------------------------


def test_the_access_is_cut_on_the_day_and_the_file_closes_with_the_convention():
    """Art. 12, R12."""
    with at(dt.date(2038, 1, 20)):
        breach = observed(dt.date(2038, 1, 20))
        convention = breach.convention
        adviser = AdviserFactory(structure=convention.structure)
    with at(dt.date(2038, 2, 21)):
        ending = uphold(breach, dt.date(2038, 2, 21), dt.date(2038, 3, 20))
        actions.confirm_ending(ending, by=FtAdminFactory())
        outbox.relay()
    last = dt.datetime(2038, 3, 20, 23, 59, 59, tzinfo=PARIS)
    open_at = []
    for instant in [last, last + dt.timedelta(seconds=1)]:
        with time_machine.travel(instant, tick=False):
            open_at.append(adviser.convention_in_force() is not None)
    with at(dt.date(2038, 3, 21)), postgresqls_clock_aside():
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
    breach = signed_one()

    actions.lift_breach(breach, by=FtAdminFactory())

    assert [letter.is_void for letter in breach.letters.all()] == [True]


def test_a_procedure_dropped_later_is_told_by_a_letter():
    with at(dt.date(2038, 1, 20)):
        breach = observed(dt.date(2038, 1, 20))
    with at(dt.date(2038, 2, 21)):
        uphold(breach, dt.date(2038, 2, 21), dt.date(2038, 3, 20))
        actions.lift_breach(breach, by=FtAdminFactory())

    assert breach.letters.filter(kind=LetterKind.BREACH_LIFTED).exists()
    assert Ending.objects.get().state == "abandonne"
    assert Convention.objects.get().state == ConventionState.SIGNED


def test_once_the_end_is_confirmed_the_procedure_is_not_dropped():
    with at(dt.date(2038, 1, 20)):
        breach = observed(dt.date(2038, 1, 20))
    with at(dt.date(2038, 2, 21)):
        ending = uphold(breach, dt.date(2038, 2, 21), dt.date(2038, 3, 20))
        actions.confirm_ending(ending, by=FtAdminFactory())

        with pytest.raises(MoveRefused, match="est confirmée"):
            actions.lift_breach(breach, by=FtAdminFactory())


# --- The database -----------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"notified": True, "notified_on": None},
        {"observed": True, "observed_on": dt.date(2026, 9, 30)},
        {"notified": True, "observations_reference": "C-1"},
        {"upheld": True, "upheld_on": dt.date(2026, 10, 19)},
        {"upheld": True, "upheld_on": dt.date(2026, 11, 1)},
        {"upheld": True, "upheld_on": None},
        {"reasons": []},
    ],
)
def test_the_database_refuses_days_out_of_order(wrong):
    with database_refuses():
        BreachFactory(**wrong)


def test_the_reasons_notified_do_not_change_and_a_file_stays():
    breach = BreachFactory(notified=True)
    rows = Breach.objects.filter(pk=breach.pk)

    with database_refuses("ne changent plus"):
        rows.update(facts="Autre chose.")
    with database_refuses("ne s’efface pas"):
        rows._raw_delete("default")


def test_months_near_their_end_are_found():
    """U15: see the desk's queue."""
    with at(dt.date(2026, 10, 24)):
        near = BreachFactory(notified=True)
        far = BreachFactory(notified=True, notified_on=dt.date(2026, 10, 20))

        assert near.next_deadline - timezone.localdate() == dt.timedelta(days=8)
        assert far.next_deadline - timezone.localdate() == dt.timedelta(days=27)
