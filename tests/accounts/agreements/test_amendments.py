"""Amendments: dated, in writing, by four eyes; and by predicate on their day."""

import datetime as dt
import threading

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.agreements import actions as agreement_actions
from accounts.agreements import jobs
from accounts.agreements.models.amendments import Amendment, ProposalState
from accounts.agreements.models.conventions import (
    TERMS,
    Convention,
    ConventionState,
    Terms,
    fold,
)
from accounts.agreements.models.letters import Letter, LetterKind
from accounts.team import actions
from accounts.users import refusals
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from tests.accounts.clocks import PARIS
from tests.accounts.factories import (
    AdviserFactory,
    AgentFactory,
    AmendmentFactory,
    ConventionFactory,
    EndingFactory,
    FtAdminFactory,
    RgcFactory,
    amend,
    give_notice,
)
from tests.conftest import sign_in, wait_until
from tests.harness import in_parallel
from tests.tables import as_owner, database_refuses

pytestmark = pytest.mark.django_db

NOTHING = dict.fromkeys(TERMS)


def propose(convention, *, by=None, **changes):
    today = timezone.localdate()
    days = {"noticed_on": today, "effective_on": today} | changes
    amendment = Amendment(convention=convention, reference="DR-1", **days)
    return agreement_actions.propose(amendment, by=by or FtAdminFactory())


# --- The fold, pure -------------------------------------------------------------------


SIGNED = Terms(True, False, 2, "Mme A", "a@ft.example", "", "", "", "")


def test_each_term_is_that_of_the_last_amendment_that_told_it():
    """One amendment does not undo what another one set."""
    march, may = dt.date(2026, 3, 1), dt.date(2026, 5, 1)
    amendments = [
        NOTHING | {"effective_on": march, "quota": 5, "referrals": True},
        NOTHING | {"effective_on": may, "quota": 3, "ft_contact": "M. B"},
    ]
    told = {
        day: (terms.quota, terms.referrals, terms.ft_contact)
        for day in [march - dt.timedelta(days=1), march, may]
        for terms in [fold(SIGNED, amendments, day)]
    }

    assert list(told.values()) == [
        (2, False, "Mme A"),
        (5, True, "Mme A"),
        (3, True, "M. B"),
    ]


def test_a_service_may_be_taken_back_and_a_quota_be_zero():
    """False and 0 are terms; None is not one."""
    day = dt.date(2026, 3, 1)
    change = NOTHING | {"effective_on": day, "consultation": False, "quota": 0}

    terms = fold(SIGNED, [change], day)

    assert (terms.services, terms.quota) == (set(), 0)


# --- By predicate ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "day", [dt.date(2026, 10, 25), dt.date(2027, 3, 28), dt.date(2028, 2, 29)]
)
def test_an_amendment_opens_a_service_at_midnight_of_its_day_with_no_worker(
    client, day
):
    """Art. 5.2, R12: in Paris, around the changes of the clock."""
    convention = ConventionFactory(grants_consultation=False)
    AmendmentFactory(
        convention=convention,
        confirmed=True,
        consultation=True,
        noticed_on=dt.date(2026, 10, 1),
        effective_on=day,
    )
    adviser = AdviserFactory(structure=convention.structure)
    midnight = dt.datetime.combine(day, dt.time.min, PARIS)

    statuses = []
    for instant in [midnight - dt.timedelta(seconds=1), midnight]:
        with time_machine.travel(instant, tick=False):
            sign_in(client, adviser)
            statuses.append(client.get(reverse("offers"), {"lieu": ""}).status_code)

    assert statuses == [403, 200]


def test_the_terms_of_a_day_are_told_alike_by_python_and_by_postgresql():
    """The trigger of the quota asks the same question as the pages."""
    convention = ConventionFactory(quota=2)
    days = [dt.date(2026, month, 1) for month in range(1, 13)]
    for quota, day in [(5, days[3]), (3, days[8]), (4, days[6]), (6, days[6])]:
        AmendmentFactory(
            convention=convention,
            confirmed=True,
            quota=quota,
            noticed_on=days[0],
            effective_on=day,
        )
    AmendmentFactory(convention=convention, quota=9, noticed_on=days[0])

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT opus_quota_on(%s, day) FROM unnest(%s::date[]) day",
            [convention.pk, days],
        )
        held = [quota for (quota,) in cursor.fetchall()]

    assert held == [2, 2, 2, 5, 5, 5, 6, 6, 3, 3, 3, 3]
    assert [convention.terms_on(day).quota for day in days] == held
    loaded = Convention.objects.with_terms().get()
    assert [loaded.terms_on(day).quota for day in days] == held


def test_the_terms_of_a_list_cost_one_query(django_assert_num_queries):
    for _ in range(3):
        amend(ConventionFactory(), referrals=False)

    with django_assert_num_queries(1):
        told = {row.terms.referrals for row in Convention.objects.with_terms()}

    assert told == {False}


# --- Nothing else changes a signed convention -----------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"signed_quota": 50},
        {"signed_consultation": False},
        {"signed_referrals": False},
        {"signed_ft_contact_email": "autre@francetravail.example"},
        {"signed_partner_contact": "M. Autre"},
        {"starts_on": dt.date(2024, 2, 1)},
        {"signed_by_ft_on": dt.date(2024, 1, 11)},
        {"number": "CA-AUTRE"},
    ],
)
def test_the_database_refuses_another_term_on_a_signed_convention(changes):
    """Art. 5.2: whoever writes."""
    convention = ConventionFactory()
    rows = Convention.objects.filter(pk=convention.pk)

    with database_refuses("que par un avenant"):
        rows.update(**changes)
    ConventionFactory(draft=True)
    Convention.objects.filter(state=ConventionState.DRAFT).update(**changes)


@pytest.mark.parametrize("ends_on", [dt.date(2027, 1, 1), dt.date(2098, 12, 30)])
def test_the_end_of_a_signed_convention_moves_by_what_was_agreed_alone(ends_on):
    convention = ConventionFactory(ends_on=dt.date(2096, 12, 31))
    rows = Convention.objects.filter(pk=convention.pk)
    amend(convention, ends_on=dt.date(2097, 1, 1))
    amend(convention, ends_on=dt.date(2098, 1, 1))

    with database_refuses("confirmés"):
        rows.update(ends_on=ends_on)
    # What was agreed on before has been replaced.
    with database_refuses("confirmés"):
        rows.update(ends_on=dt.date(2097, 1, 1))


def test_a_signed_convention_and_an_amendment_are_not_deleted():
    amendment = AmendmentFactory(quota=30)

    for row in [amendment, amendment.convention]:
        with database_refuses("ne s’efface pas"):
            type(row)._base_manager.filter(pk=row.pk)._raw_delete("default")


@pytest.mark.parametrize("changes", [{"quota": 90}, {"reference": "autre"}])
def test_what_was_proposed_is_what_is_confirmed(changes):
    """S28: nobody slips another figure in between."""
    amendment = AmendmentFactory(quota=30)

    with database_refuses("ne change plus"):
        Amendment.objects.filter(pk=amendment.pk).update(**changes)


# --- Four eyes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "is_waiting"),
    [
        ({"quota": 21}, True),
        ({"quota": 20}, False),
        ({"quota": 19}, False),
        ({"ends_on": dt.date(2099, 12, 31)}, False),
        ({"referrals": False}, False),
        ({"ft_contact_email": "autre@francetravail.example"}, False),
        ({"quota": 21, "referrals": False}, True),
    ],
)
def test_a_rise_of_the_quota_waits_for_a_second_person(changes, is_waiting):
    """S28."""
    convention = ConventionFactory(quota=20, ends_on=dt.date(2098, 12, 31))

    amendment = propose(convention, **changes)

    assert amendment.is_waiting == is_waiting


def test_the_same_person_does_not_confirm_a_rise_not_even_in_the_database():
    """S28."""
    someone = FtAdminFactory()
    amendment = propose(ConventionFactory(quota=2), by=someone, quota=5)

    with pytest.raises(MoveRefused, match="Une autre personne"):
        agreement_actions.confirm_amendment(amendment, by=someone)
    with database_refuses("two_hands_on_an_amendment"):
        Amendment.objects.filter(pk=amendment.pk).update(
            state=ProposalState.CONFIRMED,
            confirmed_by=someone,
            confirmed_at=timezone.now(),
        )
    agreement_actions.confirm_amendment(amendment, by=FtAdminFactory())

    assert Convention.objects.get().quota == 5


def test_what_the_quota_was_is_not_what_one_says():
    """S28: a false "it was 90" would make a rise look like a decrease."""
    amendment = AmendmentFactory(
        convention=ConventionFactory(quota=2), quota=30, was_quota=90
    )

    amendment.refresh_from_db()
    assert amendment.was_quota == 2
    assert amendment.needs_two


def test_a_rise_is_weighed_against_what_will_be_in_force_on_its_day():
    """S28: two steps of one person do not make a rise."""
    convention = ConventionFactory(quota=10)
    someone = FtAdminFactory()
    propose(convention, by=someone, quota=2)

    back = propose(convention, by=someone, quota=10)

    assert back.is_waiting


def test_an_amendment_confirmed_late_counts_from_that_day_on():
    """What was in force on a past day stays what it was."""
    with time_machine.travel(dt.datetime(2026, 11, 24, 10, tzinfo=PARIS)):
        amendment = propose(ConventionFactory(quota=2), quota=5)
    with time_machine.travel(dt.datetime(2026, 12, 1, 10, tzinfo=PARIS)):
        agreement_actions.confirm_amendment(amendment, by=FtAdminFactory())

    convention = Convention.objects.get()
    assert convention.terms_on(dt.date(2026, 11, 30)).quota == 2
    assert convention.terms_on(dt.date(2026, 12, 1)).quota == 5


def test_an_abandoned_amendment_changes_nothing_and_stays_in_the_history():
    amendment = propose(ConventionFactory(quota=2), quota=5)

    agreement_actions.abandon(amendment, by=FtAdminFactory())

    convention = Convention.objects.get()
    assert convention.quota == 2
    assert [row.state for row in convention.amendments.all()] == ["abandonne"]
    with pytest.raises(MoveRefused):
        agreement_actions.confirm_amendment(amendment, by=FtAdminFactory())


# --- What it may ask for --------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"ends_on": dt.date(2030, 1, 1)}, "prend fin le 31 décembre 2029"),
        ({"ends_on": dt.date(2026, 1, 1)}, "ne l’abrège pas"),
        ({"quota": 1, "effective_on": dt.date(2029, 6, 1)}, "pendant la convention"),
        ({"noticed_on": dt.date(2999, 1, 1), "quota": 1}, "est à venir"),
        ({}, "change au moins une chose"),
    ],
)
def test_an_amendment_that_cannot_be_says_why(changes, why):
    convention = ConventionFactory(
        parent__ends_on=dt.date(2029, 12, 31), ends_on=dt.date(2028, 12, 31)
    )

    with pytest.raises(MoveRefused, match=why):
        propose(convention, **changes)
    assert Amendment.objects.count() == 0


@pytest.mark.parametrize("state", ["projet", "resiliee", "expiree"])
def test_only_a_running_convention_is_amended(state):
    with pytest.raises(MoveRefused, match="convention signée"):
        propose(ConventionFactory(state=state), quota=1)


def test_an_end_may_be_put_off_within_the_parent_and_access_follows():
    """Art. 13."""
    convention = ConventionFactory(
        parent__ends_on=dt.date(2029, 12, 31), ends_on=dt.date(2028, 12, 31)
    )

    propose(convention, ends_on=dt.date(2029, 12, 31))

    convention.refresh_from_db()
    assert convention.is_in_force(dt.date(2029, 12, 31))
    assert not convention.is_in_force(dt.date(2030, 1, 1))


@pytest.mark.parametrize("days", [-300, -1, 0])
def test_an_amendment_never_ends_a_convention_earlier(days):
    """Art. 12: this evening, the day before its end, or the same day."""
    convention = ConventionFactory()

    with pytest.raises(MoveRefused, match="proposez une fin anticipée") as refusal:
        propose(convention, ends_on=convention.ends_on + dt.timedelta(days=days))

    assert "fin d’un commun accord" in str(refusal.value)
    assert Amendment.objects.count() == 0
    with pytest.raises(MoveRefused, match="proposez une fin anticipée"):
        propose(convention, ends_on=timezone.localdate())


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_nor_does_one_written_by_hand(is_confirmed):
    """Art. 12: the database knows the end that it would replace."""
    convention = ConventionFactory()

    with database_refuses("amendment_prolongs_the_convention"):
        AmendmentFactory(
            convention=convention,
            confirmed=is_confirmed,
            ends_on=convention.ends_on - dt.timedelta(days=1),
            was_ends_on=timezone.localdate(),
        )


def test_of_two_new_ends_the_nearer_is_not_confirmed_after_the_other():
    """Art. 12: it was later than the end when it was proposed, and no more."""
    convention = ConventionFactory(ends_on=dt.date(2097, 12, 31))
    waiting = AmendmentFactory(convention=convention, ends_on=dt.date(2098, 6, 30))
    amend(convention, ends_on=dt.date(2099, 6, 30))

    with pytest.raises(MoveRefused, match="prolonge une convention"):
        agreement_actions.confirm_amendment(waiting, by=FtAdminFactory())
    agreement_actions.abandon(waiting, by=FtAdminFactory())

    convention.refresh_from_db()
    assert convention.ends_on == dt.date(2099, 6, 30)


def test_a_notice_is_not_undone_by_an_amendment():
    convention = ConventionFactory()
    last = timezone.localdate() + dt.timedelta(days=20)
    give_notice(convention, ends_on=last)

    with pytest.raises(MoveRefused, match="Un préavis court"):
        propose(convention, ends_on=last + dt.timedelta(days=100))
    with database_refuses("préavis court"):
        AmendmentFactory(convention=convention, ends_on=last + dt.timedelta(days=100))


# --- The quota ------------------------------------------------------------------------


def test_a_lower_quota_to_come_is_refused_below_the_accounts_in_use():
    """At recording, with their names."""
    rgc = RgcFactory()
    people = AdviserFactory.create_batch(3, structure=rgc.structure)
    convention = rgc.structure.conventions.get()
    later = timezone.localdate() + dt.timedelta(days=30)

    with pytest.raises(MoveRefused) as refusal:
        propose(convention, quota=2, effective_on=later)

    for person in people:
        assert f"{person} ({person.identifier})" in str(refusal.value)
    assert "en fermer un." in str(refusal.value)


def test_the_database_holds_a_lower_quota_to_the_accounts_in_use():
    """R9: whoever writes, and for a day to come too."""
    rgc = RgcFactory()
    AdviserFactory.create_batch(2, structure=rgc.structure)

    with database_refuses("Quota trop bas : 2 comptes"):
        AmendmentFactory(
            convention=rgc.structure.conventions.get(), confirmed=True, quota=1
        )


def test_above_a_quota_that_fell_nobody_is_created():
    """Accounts opened between the recording and the day."""
    convention = ConventionFactory(quota=3)
    rgc = RgcFactory(structure=convention.structure)
    AdviserFactory(structure=convention.structure)
    today = timezone.localdate()
    propose(convention, quota=1, effective_on=today + dt.timedelta(days=10))
    AdviserFactory(structure=convention.structure)

    with (
        time_machine.travel(timezone.now() + dt.timedelta(days=11)),
        pytest.raises(refusals.QuotaReached),
    ):
        actions.open_account(
            by=rgc, first_name="Z", last_name="D", email="z.d@partenaire.example"
        )


def test_the_rgc_reads_beforehand_how_many_accounts_he_will_have(client):
    convention = ConventionFactory(quota=3)
    sign_in(client, RgcFactory(structure=convention.structure))
    before = client.get(reverse("accounts")).content.decode()
    AmendmentFactory(
        convention=convention, confirmed=True, quota=2, effective_on=dt.date(2098, 3, 2)
    )

    after = client.get(reverse("accounts")).content.decode()

    sentence = "À partir du 2 mars 2098, votre convention permet 2 comptes."
    assert [sentence in page for page in (before, after)] == [False, True]


def test_the_trigger_counts_against_the_quota_of_the_day():
    """R9: the second line, alone."""
    convention = ConventionFactory(quota=3)
    AdviserFactory(structure=convention.structure)
    amend(convention, quota=1)

    with database_refuses("1 comptes actifs sur 1"):
        AdviserFactory(structure=convention.structure)


def test_the_rgc_hears_of_too_many_accounts_once():
    convention = ConventionFactory(quota=3)
    rgc = RgcFactory(structure=convention.structure)
    AdviserFactory(structure=convention.structure)
    propose(
        convention, quota=1, effective_on=timezone.localdate() + dt.timedelta(days=10)
    )
    AdviserFactory(structure=convention.structure)
    jobs.notify_excesses()
    outbox.relay()
    told_before = [message.subject for message in mail.outbox]

    with time_machine.travel(timezone.now() + dt.timedelta(days=11)):
        for _ in range(2):
            jobs.notify_excesses()
        outbox.relay()

    assert told_before == ["Opus : votre convention change"]
    (_, message) = mail.outbox
    assert message.to == [rgc.email]
    assert "2 comptes ouverts" in message.body
    assert "Suspendez ou fermez 1 compte qui ne sert plus." in message.body


def somebody_waits():
    """Whether another connection waits for a lock that this one holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
        )
        return cursor.fetchone()[0] > 0


def lower_while_an_account_opens(lower):
    """A quota of 2 lowered to 1, and a second account opened before it is committed.

    Returns:
        The refusal of the account, how many are in use, and how many allowed.
    """
    convention = ConventionFactory(quota=2)
    rgc = RgcFactory(structure=convention.structure)
    AdviserFactory(structure=convention.structure)
    lowered, opened = threading.Event(), threading.Event()

    def lower_it():
        with transaction.atomic():
            lower(convention, quota=1)
            lowered.set()
            wait_until(lambda: opened.is_set() or somebody_waits(), seconds=20)

    def open_one():
        lowered.wait(20)
        try:
            actions.open_account(
                by=rgc, first_name="Z", last_name="D", email="z.d@partenaire.example"
            )
        finally:
            opened.set()

    _, refusal = in_parallel(lower_it, open_one)
    used = convention.structure.users.filter(role="conseiller").count()
    return refusal, used, Convention.objects.get().quota


@pytest.mark.django_db(transaction=True)
def test_an_account_opened_while_the_quota_falls_waits_and_is_refused():
    """R9: the amendment and the creation take turns on the convention's row."""
    refusal, *counts = lower_while_an_account_opens(propose)

    assert isinstance(refusal, refusals.QuotaReached)
    assert counts == [1, 1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.plants_defects
def test_without_the_locks_there_would_be_one_too_many():
    """R9, the negative control: this is what the lock and the triggers prevent."""
    tables = ["accounts_amendment", "accounts_user"]
    with as_owner(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    try:
        outcome = lower_while_an_account_opens(amend)
    finally:
        with as_owner(), connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    assert outcome == (None, 2, 1)


# --- Told -----------------------------------------------------------------------------


def test_an_amendment_has_its_letter_its_email_and_its_line_in_the_journal():
    """Art. 5.2, S37."""
    convention = ConventionFactory(quota=5)
    rgc = RgcFactory(structure=convention.structure)
    adviser = AdviserFactory(structure=convention.structure)
    amendment = propose(convention, quota=3, referrals=False)
    outbox.relay()

    letter = Letter.objects.get()
    assert (letter.kind, letter.amendment) == (LetterKind.AMENDMENT, amendment)
    assert "<td>5</td><td>3</td>" in letter.html
    assert "<td>O</td><td>N</td>" in letter.html
    (message,) = mail.outbox
    assert message.to == [rgc.email]
    assert adviser.email not in message.to
    assert "comptes utilisateurs actifs : 3 (jusque-là : 5)" in message.body
    assert "le nombre de comptes baisse, de 5 à 3" in message.body
    told = AuditEntry.objects.get(action="amendment_changed").details
    (confirmed,) = told["parts"]
    (prepared,) = confirmed["details"]["parts"]
    assert (told["verb"], confirmed["details"]["verb"]) == ("propose", "confirm")
    assert prepared["action"] == "letter_prepared"


def test_the_history_reads_before_and_after():
    convention = ConventionFactory(quota=2)
    first = amend(convention, quota=4)
    second = amend(convention, quota=6, ft_contact="M. Neuf")

    assert first.lines() == [("comptes utilisateurs actifs", "2", "4")]
    assert second.lines() == [
        ("comptes utilisateurs actifs", "4", "6"),
        ("correspondant France Travail", "Mme Essai, agence d’essai", "M. Neuf"),
    ]


def test_an_ending_confirmed_after_an_amendment_of_the_end_counts():
    """The last word agreed on is the end, whichever kind it is."""
    convention = ConventionFactory(ends_on=dt.date(2097, 12, 31))
    amend(convention, ends_on=dt.date(2098, 1, 1))
    ending = EndingFactory(convention=convention)

    agreement_actions.confirm_ending(ending, by=FtAdminFactory())

    convention.refresh_from_db()
    assert convention.ends_on == ending.ends_on


# --- Nobody goes round four eyes (S28) ------------------------------------------------


@pytest.mark.parametrize(
    "end",
    [
        lambda convention, by: convention.terminate(by=by),
        lambda convention, by: convention.expire(by=by),
        lambda convention, by: convention.give_notice(
            by=by, ends_on=timezone.localdate() + dt.timedelta(days=5)
        ),
        lambda convention, by: Convention.objects.filter(pk=convention.pk).update(
            state=ConventionState.TERMINATED
        ),
    ],
    ids=["terminate", "expire", "give_notice", "sql"],
)
@pytest.mark.parametrize("is_proposed", [False, True])
def test_no_convention_ends_early_without_two_people_whoever_writes(end, is_proposed):
    """S28: a verb called from code, or SQL; a proposal that waits opens nothing."""
    convention = ConventionFactory()
    if is_proposed:
        EndingFactory(convention=convention, at_once=True, origin="partenariat")

    with database_refuses("deux personnes"):
        end(convention, FtAdminFactory())

    convention.refresh_from_db()
    assert convention.state == ConventionState.SIGNED


def test_a_notice_does_not_end_before_its_day_without_two_people():
    """S28: the notice was confirmed, its shortening was not."""
    convention = ConventionFactory()
    give_notice(convention, ends_on=timezone.localdate() + dt.timedelta(days=5))

    with database_refuses("deux personnes"):
        convention.terminate(by=FtAdminFactory())


@pytest.mark.parametrize(
    "make", [lambda: AmendmentFactory(quota=30), EndingFactory], ids=["avenant", "fin"]
)
def test_the_database_lets_no_agent_confirm(make):
    waiting, agent = make(), AgentFactory()
    rows = type(waiting).objects.filter(pk=waiting.pk)

    with database_refuses("agents proposent"):
        rows.update(state="confirme", confirmed_by=agent, confirmed_at=timezone.now())


def test_a_partner_proposes_nothing_of_his_convention():
    """S23."""
    rgc = RgcFactory()

    with pytest.raises(MoveRefused, match="Seul le personnel"):
        propose(rgc.structure.conventions.get(), by=rgc, quota=9)
