"""The life of a convention: parent, signatures, early end, last day (art. 12, 13)."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from accounts.agreements import actions, jobs, letters
from accounts.agreements.admin.filters import to_confirm
from accounts.agreements.models.amendments import Amendment, ProposalState
from accounts.agreements.models.conventions import (
    Convention,
    ConventionState,
    Partnership,
)
from accounts.agreements.models.letters import LetterKind
from accounts.agreements.models.terminations import Breach, Ending, EndingOrigin
from accounts.agreements.tasks import check_conventions
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.dates import add_months, date_format
from opus.lib.outbound import outbox
from tests.accounts.clocks import PARIS, at, postgresqls_clock_aside
from tests.accounts.factories import (
    AdviserFactory,
    AmendmentFactory,
    BreachFactory,
    ConventionFactory,
    EndingFactory,
    FtAdminFactory,
    PartnershipFactory,
    RgcFactory,
    StructureFactory,
    amend,
    signed_by_both,
)
from tests.cases import each_case
from tests.conftest import sign_in
from tests.harness import in_parallel, walk_at_random
from tests.tables import database_refuses

pytestmark = pytest.mark.django_db


def propose(convention, *, by=None, **terms):
    """Propose an early end: an agreed one, unless accesses close at once."""
    is_at_once = terms.get("at_once")
    origin = EndingOrigin.PARTNERSHIP if is_at_once else EndingOrigin.AGREEMENT
    values = {"origin": origin, "told_on": timezone.localdate()} | terms
    if values["origin"] == EndingOrigin.AGREEMENT:
        values = signed_by_both(values["told_on"]) | values
    ending = Ending(convention=convention, **values)
    return actions.propose(ending, by=by or FtAdminFactory())


def end(convention, **terms):
    actions.confirm_ending(propose(convention, **terms), by=FtAdminFactory())
    convention.refresh_from_db()


# --- The parent (art. 13) ---------------------------------------------------------


def test_no_convention_outlives_its_parent_whoever_writes():
    parent = PartnershipFactory(ends_on=dt.date(2027, 6, 30))
    ConventionFactory(parent=parent, ends_on=dt.date(2027, 6, 30))

    with database_refuses("convention_within_its_parent"):
        ConventionFactory(parent=parent, ends_on=dt.date(2027, 7, 1))


def test_a_parent_does_not_end_before_its_conventions_whoever_writes():
    convention = ConventionFactory(ends_on=dt.date(2027, 6, 30))
    rows = Partnership.objects.filter(pk=convention.parent_id)

    with database_refuses("convention_within_its_parent"):
        rows.update(ends_on=dt.date(2027, 6, 29))
    rows.update(ends_on=dt.date(2027, 6, 30))

    convention.refresh_from_db()
    assert convention.parent_ends_on == dt.date(2027, 6, 30)


def test_a_terminated_convention_no_longer_holds_its_parent():
    convention = ConventionFactory(state=ConventionState.TERMINATED)

    Partnership.objects.update(ends_on=dt.date(2026, 1, 1))

    convention.refresh_from_db()
    assert convention.parent_ends_on == dt.date(2026, 1, 1)


def test_the_parents_end_on_a_convention_is_not_what_one_says():
    """The foreign key holds both ends together."""
    convention = ConventionFactory(parent__ends_on=dt.date(2099, 12, 31))
    assert Convention.objects.get().parent_ends_on == dt.date(2099, 12, 31)

    with database_refuses():
        Convention.objects.filter(pk=convention.pk).update(
            parent_ends_on=dt.date(2999, 1, 1)
        )


@pytest.mark.django_db(transaction=True)
def test_a_parent_shortened_while_a_convention_is_put_off_never_leaves_both():
    """Art. 13: two transactions at once, one of which must give way."""
    convention = ConventionFactory(ends_on=dt.date(2027, 6, 30))
    partnership = Partnership.objects.filter(pk=convention.parent_id)

    answers = in_parallel(
        lambda: partnership.update(ends_on=dt.date(2027, 12, 31)),
        lambda: amend(convention, ends_on=dt.date(2028, 12, 31)),
    )

    assert sum(isinstance(one, IntegrityError) for one in answers) == 1
    convention.refresh_from_db()
    assert convention.ends_on <= Partnership.objects.get().ends_on


# --- Signatures (art. 13) ---------------------------------------------------------


@pytest.mark.parametrize(
    ("planned", "starts_on"),
    [
        (dt.date(2026, 1, 1), dt.date(2026, 2, 9)),
        (dt.date(2026, 3, 1), dt.date(2026, 3, 1)),
    ],
)
def test_it_takes_effect_from_the_later_signature_or_a_later_day_agreed_on(
    planned, starts_on
):
    convention = ConventionFactory(draft=True, starts_on=planned)

    convention.sign(
        by=FtAdminFactory(),
        signed_by_ft_on=dt.date(2026, 2, 9),
        signed_by_structure_on=dt.date(2026, 2, 2),
    )

    convention.refresh_from_db()
    assert convention.starts_on == starts_on


# --- Early end (art. 12) ----------------------------------------------------------


@each_case(
    ("origin", "told_on", "ends_on", "why"),
    [
        ("structure", dt.date(2038, 1, 31), dt.date(2038, 2, 27), "d’un mois"),
        ("structure", dt.date(2038, 1, 31), dt.date(2038, 2, 28), ""),
        ("structure", dt.date(2040, 1, 31), dt.date(2040, 2, 28), "d’un mois"),
        ("structure", dt.date(2040, 1, 31), dt.date(2040, 2, 29), ""),
        ("structure", dt.date(2038, 3, 28), dt.date(2038, 4, 28), ""),
        ("service", dt.date(2038, 1, 31), dt.date(2038, 3, 1), "dans le mois"),
        ("service", dt.date(2038, 1, 31), dt.date(2038, 2, 28), ""),
        ("decision", dt.date(2038, 1, 31), dt.date(2038, 3, 1), "dans le mois"),
        ("accord", dt.date(2038, 1, 31), dt.date(2038, 1, 31), ""),
        ("accord", dt.date(2038, 1, 31), dt.date(2038, 1, 30), "Ce jour est passé"),
        ("accord", dt.date(2038, 1, 31), dt.date(2099, 12, 31), "prend déjà fin"),
    ],
)
def test_the_month_of_notice_is_a_calendar_month(origin, told_on, ends_on, why):
    """Art. 12: at least for the structure, at most for France Travail."""
    convention = ConventionFactory()
    motive = "Réorganisation." if origin in ("service", "decision") else ""
    with at(told_on):
        if why:
            with pytest.raises(MoveRefused, match=why):
                propose(convention, origin=origin, ends_on=ends_on, motive=motive)
        else:
            end(convention, origin=origin, ends_on=ends_on, motive=motive)
            assert (convention.state, convention.ends_on) == ("preavis", ends_on)


def test_postgresql_counts_months_as_we_do():
    """The constraints of an early end say ``+ interval '1 month'``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT day::date, (day::date + interval '1 month')::date"
            " FROM generate_series(date '2026-01-01', date '2029-12-31', '1 day') day"
        )
        rows = cursor.fetchall()

    assert len(rows) == 4 * 365 + 1
    assert [later for _, later in rows] == [add_months(day) for day, _ in rows]


def test_who_proposes_an_end_does_not_confirm_it_not_even_in_the_database():
    """S28."""
    someone = FtAdminFactory()
    convention = ConventionFactory()
    ending = propose(convention, by=someone, ends_on=timezone.localdate())

    with pytest.raises(MoveRefused, match="Une autre personne"):
        actions.confirm_ending(ending, by=someone)
    with database_refuses("two_hands_on_an_ending"):
        Ending.objects.filter(pk=ending.pk).update(
            state="confirme", confirmed_by=someone, confirmed_at=timezone.now()
        )
    convention.refresh_from_db()
    assert convention.state == ConventionState.SIGNED


def test_one_early_end_waits_at_a_time():
    convention = ConventionFactory()
    first = propose(convention, ends_on=timezone.localdate())

    with pytest.raises(MoveRefused, match="attend déjà"):
        propose(convention, ends_on=timezone.localdate())
    actions.abandon(first, by=FtAdminFactory())

    assert propose(convention, ends_on=timezone.localdate()).is_waiting


def test_an_end_whose_day_passed_before_its_confirmation_is_proposed_again():
    with at(dt.date(2038, 1, 10)):
        ending = propose(ConventionFactory(), ends_on=dt.date(2038, 1, 12))
    with at(dt.date(2038, 1, 13)):
        with pytest.raises(MoveRefused, match="est passé"):
            actions.confirm_ending(ending, by=FtAdminFactory())
        assert not to_confirm(Ending.objects.all()).exists()
        check_conventions()
        check_conventions()

        ending.refresh_from_db()
        assert ending.state == ProposalState.ABANDONED
        assert ending.steps.count() == 2
        propose(ending.convention, ends_on=dt.date(2038, 1, 20))


def test_the_letter_of_an_earlier_end_does_not_leave_after_another():
    """Nobody posts two last days, nor prepares the first letter again."""
    convention = ConventionFactory()
    today = timezone.localdate()
    for days, at_once in ((20, False), (0, True)):
        ending = propose(
            convention,
            ends_on=today + dt.timedelta(days=days),
            told_on=today,
            at_once=at_once,
        )
        actions.confirm_ending(ending, by=FtAdminFactory())

    former, last = convention.letters.order_by("rank")
    assert [one.is_void for one in (former, last)] == [True, False]
    assert not letters.may_be_prepared_again(former)


def test_an_end_at_once_cuts_the_next_request_and_closes_the_open_file(client):
    """S14, art. 12."""
    structure = StructureFactory()
    convention = structure.conventions.get()
    breach = BreachFactory(convention=convention, notified=True)
    sign_in(client, AdviserFactory(structure=structure))
    assert client.get(reverse("offers"), {"lieu": ""}).status_code == 200

    end(convention, ends_on=timezone.localdate(), at_once=True)

    assert client.get(reverse("offers"), {"lieu": ""}).status_code == 403
    assert convention.state == ConventionState.TERMINATED
    breach.refresh_from_db()
    assert breach.state == "leve"
    assert convention.letters.get().kind == LetterKind.TERMINATION


def test_a_structures_own_notice_does_not_close_at_once():
    with pytest.raises(MoveRefused, match="d’un mois"):
        propose(
            ConventionFactory(),
            origin=EndingOrigin.STRUCTURE,
            ends_on=add_months(timezone.localdate()),
            at_once=True,
        )


def test_the_last_confirmed_end_is_the_one_that_counts():
    """A notice, then a sooner end: banner, e-mail and letter say the second cause."""
    convention = ConventionFactory(state="preavis")
    notice, sooner = (
        EndingFactory(
            convention=convention,
            confirmed=True,
            proposed_at=timezone.now() - dt.timedelta(days=days),
            confirmed_at=timezone.now() - dt.timedelta(days=days),
            origin=origin,
            motive=motive,
            ends_on=timezone.localdate() + dt.timedelta(days=20),
        )
        for days, origin, motive in ((9, "accord", ""), (2, "decision", "Un arrêté."))
    )

    assert convention.early_end == sooner
    assert convention.end_set_by == f"fin{sooner.pk}" != f"fin{notice.pk}"


def test_each_early_end_has_its_letter_with_its_own_reason():
    told = {}
    for origin in ["structure", "service", "accord", "partenariat"]:
        convention = ConventionFactory()
        last = add_months(timezone.localdate())
        motive = "Réorganisation." if origin == "service" else ""
        end(convention, origin=origin, ends_on=last, motive=motive)
        told[origin] = convention.letters.get()

    assert {origin: letter.kind for origin, letter in told.items()} == {
        "structure": "preavis",
        "service": "preavis",
        "accord": "fin_accord",
        "partenariat": "preavis",
    }
    assert "Par votre lettre du" in told["structure"].html
    assert "Par décision du" in told["service"].html
    assert "ont décidé ensemble de mettre fin" in told["accord"].html
    assert "Mme Essai, maire, le" in told["accord"].html
    assert "M. Essai, directeur régional, le" in told["accord"].html
    assert "se poursuit" not in told["partenariat"].html


# --- The last day (R12) -----------------------------------------------------------


LAST_DAYS = [
    dt.date(2037, 12, 31),
    dt.date(2038, 3, 28),  # The clocks go forward.
    dt.date(2038, 10, 31),  # They go back.
    dt.date(2040, 2, 29),
]


@pytest.mark.parametrize("last", LAST_DAYS)
def test_a_notice_opens_until_the_last_second_of_its_day_with_no_worker(client, last):
    """Art. 12, R12: no job has run."""
    adviser = AdviserFactory()
    convention = adviser.structure.conventions.get()
    with at(last - dt.timedelta(days=20)):
        end(convention, ends_on=last)
    midnight = dt.datetime.combine(last + dt.timedelta(days=1), dt.time.min, PARIS)

    statuses = []
    for instant in [midnight - dt.timedelta(seconds=1), midnight]:
        with time_machine.travel(instant, tick=False):
            sign_in(client, adviser)
            statuses.append(client.get(reverse("offers"), {"lieu": ""}).status_code)

    assert statuses == [200, 403]
    convention.refresh_from_db()
    assert convention.state == ConventionState.NOTICE_PERIOD


def test_the_day_after_states_say_what_dates_did_once():
    """R25: the job may run twice, or late."""
    # PostgreSQL asks its own clock whether the last day is over: no test moves that.
    today = timezone.localdate()
    last_day = today - dt.timedelta(days=1)
    term = ConventionFactory(ends_on=last_day)
    noticed = ConventionFactory()
    running = ConventionFactory(ends_on=today)
    with at(last_day - dt.timedelta(days=20)):
        end(noticed, ends_on=last_day)
    with at(last_day, hour=23):
        assert jobs.tidy() == 0
    assert [jobs.tidy(), jobs.tidy()] == [2, 0]

    states = []
    for convention in [term, noticed, running]:
        convention.refresh_from_db()
        states.append(convention.state)
    assert states == ["expiree", "resiliee", "signee"]
    told = AuditEntry.objects.filter(details__verb="tidy")
    assert {entry.actor for entry in told} == {""}


@pytest.mark.django_db(transaction=True)
def test_a_second_clock_leaves_the_work_to_the_first():
    """R25: two beats at once."""
    convention = ConventionFactory(over=True)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            ["opus.lib.jobs:check-conventions"],
        )
        check_conventions()
        while_held = convention.steps.count()
        cursor.execute("ROLLBACK")
    other.close()
    check_conventions()
    check_conventions()

    assert (while_held, convention.steps.count()) == (0, 1)


# --- Told beforehand --------------------------------------------------------------


def test_accounts_are_told_thirty_and_seven_days_before_once_each():
    """Art. 12."""
    last = dt.date(2038, 3, 31)
    structure = StructureFactory(convention=None)
    ConventionFactory(structure=structure, ends_on=last)
    rgc = RgcFactory(structure=structure)
    adviser = AdviserFactory(structure=structure)
    AdviserFactory(structure=structure, suspended=True)

    told = {}
    for before in [31, 30, 29, 8, 7, 3, 0, -1]:
        with at(last - dt.timedelta(days=before)):
            jobs.notify_ends()
            outbox.relay()
        told[before] = len(mail.outbox)

    assert told == {31: 0, 30: 2, 29: 2, 8: 2, 7: 4, 3: 4, 0: 4, -1: 4}
    assert {message.to[0] for message in mail.outbox} == {rgc.email, adviser.email}
    by_address = {message.to[0]: message.body for message in mail.outbox}
    assert "31 mars 2038 au soir" in by_address[adviser.email]
    assert "se renouvelle auprès de Mme Essai" in by_address[rgc.email]
    assert "se renouvelle" not in by_address[adviser.email]


def test_an_early_end_tells_every_account_at_once_and_not_again_at_thirty_days():
    last = dt.date(2038, 3, 31)
    adviser = AdviserFactory()
    convention = adviser.structure.conventions.get()
    with at(dt.date(2038, 3, 10)):
        end(convention, ends_on=last)
        jobs.notify_ends()
        outbox.relay()
    with at(dt.date(2038, 3, 24)):
        jobs.notify_ends()
        outbox.relay()

    assert [message.to for message in mail.outbox] == [[adviser.email]] * 2


def test_an_end_put_off_meanwhile_is_not_told():
    """What waited in the outbox looks again at the moment of sending."""
    today = timezone.localdate()
    soon = today + dt.timedelta(days=20)
    adviser = AdviserFactory(structure__convention__ends_on=soon)
    convention = adviser.structure.conventions.get()
    jobs.notify_ends()
    amend(convention, ends_on=today + dt.timedelta(days=300))

    outbox.relay()

    assert mail.outbox == []


@pytest.mark.parametrize(("days", "is_told"), [(31, False), (30, True), (0, True)])
def test_pages_say_in_the_last_thirty_days_that_the_convention_ends(
    client, days, is_told
):
    structure = StructureFactory(convention=None)
    last = timezone.localdate() + dt.timedelta(days=days)
    ConventionFactory(structure=structure, ends_on=last, ft_contact="Mme Durand")

    pages = {}
    for person in [
        AdviserFactory(structure=structure),
        RgcFactory(structure=structure),
    ]:
        sign_in(client, person)
        pages[person.role] = client.get(reverse("home")).content.decode()

    sentence = "vos propositions resteront consultables par France Travail"
    assert [sentence in page for page in pages.values()] == [is_told] * 2
    assert (
        "renouvellement à votre correspondant, Mme Durand" in pages["rgc"]
    ) == is_told
    assert "renouvellement" not in pages["conseiller"]


@pytest.mark.parametrize(
    ("origin", "cause"),
    [
        ("structure", "à la demande de votre structure"),
        ("service", "par décision de France Travail, pour les besoins du service"),
        ("decision", "par l’effet d’une décision administrative"),
        ("accord", "d’un commun accord"),
    ],
)
def test_after_an_early_end_no_page_asks_for_a_renewal(client, origin, cause):
    """Art. 12: the banner and the e-mail say what is true."""
    rgc = RgcFactory()
    last = add_months(timezone.localdate())
    end(
        rgc.structure.conventions.get(),
        origin=origin,
        ends_on=last,
        motive="Arrêté du 3 mai 2026.",
    )
    outbox.relay()
    sign_in(client, rgc)
    with time_machine.travel(timezone.now() + dt.timedelta(days=8)):
        sign_in(client, rgc)
        page = client.get(reverse("home")).content.decode()

    assert f"au soir, {cause}" in page
    assert "renouvellement" not in page
    assert "Pour toute question, adressez-vous à votre correspondant" in page
    assert f"au soir, {cause}" in mail.outbox[0].body
    assert "renouvelle" not in mail.outbox[0].body


def test_an_end_at_once_is_told_with_its_hour(client):
    """Art. 12: neither « au soir » nor the day of the term."""
    adviser = AdviserFactory()
    convention = adviser.structure.conventions.get()
    end(convention, ends_on=timezone.localdate(), at_once=True)
    outbox.relay()
    sign_in(client, adviser)
    closed_at = timezone.localtime(convention.steps.last().at)
    hour = f"{closed_at.hour}\xa0h\xa0{closed_at:%M}"

    today = client.get(reverse("offers"), {"lieu": ""}).content.decode()

    assert f"a pris fin aujourd’hui à {hour}" in today
    assert "au soir" not in today
    assert f"à {hour}" in mail.outbox[0].body


def test_a_last_day_that_moves_twice_is_told_each_time():
    """Nobody keeps a false date."""
    today = timezone.localdate()
    days = [today + dt.timedelta(days=n) for n in (20, 25, 60)]
    adviser = AdviserFactory(structure__convention__ends_on=days[0])
    convention = adviser.structure.conventions.get()
    jobs.notify_ends()
    outbox.relay()
    for day in days[1:]:
        amendment = AmendmentFactory(
            convention=convention, noticed_on=today, effective_on=today, ends_on=day
        )
        amendment.refresh_from_db()
        actions.confirm_amendment(amendment, by=FtAdminFactory())
        outbox.relay()

    told = [message.body for message in mail.outbox]
    assert [date_format(day) in body for day, body in zip(days, told, strict=True)] == [
        True
    ] * 3


# --- Any sequence -----------------------------------------------------------------


DAYS_AHEAD = st.integers(-5, 80)
# Around month ends, a leap day and both changes of the clock.
STARTS = st.sampled_from(
    [
        dt.date(2038, 1, 30),
        dt.date(2038, 3, 27),
        dt.date(2038, 10, 30),
        dt.date(2040, 1, 31),
        dt.date(2040, 2, 28),
    ]
)


class Life(RuleBasedStateMachine):
    """A convention to which three people of France Travail do anything, any day."""

    @initialize(start=STARTS, length=st.integers(30, 200))
    def begin(self, start, length):
        self.today = start
        self.staff = [FtAdminFactory() for _ in range(2)]
        parent = PartnershipFactory(ends_on=start + dt.timedelta(days=length))
        self.convention = ConventionFactory(
            draft=True,
            structure=StructureFactory(convention=None),
            parent=parent,
            starts_on=start,
            ends_on=start + dt.timedelta(days=length - 20),
        )

    def do(self, act):
        """Try it today; a refusal is an answer, a breakdown is not."""
        with at(self.today):
            try:
                with transaction.atomic():
                    act()
            except MoveRefused:
                pass
        self.convention.refresh_from_db()

    def day(self, ahead):
        return self.today + dt.timedelta(days=ahead)

    @rule(days=st.integers(1, 20))
    def time_passes(self, days):
        self.today += dt.timedelta(days=days)

    @rule()
    def the_clock_tidies(self):
        self.do(jobs.tidy)

    @rule(ft=st.integers(-3, 0), structure=st.integers(-3, 0))
    def sign(self, ft, structure):
        assume(self.convention.ends_on >= self.today)
        self.do(
            lambda: self.convention.sign(
                by=self.staff[0],
                signed_by_ft_on=self.day(ft),
                signed_by_structure_on=self.day(structure),
            )
        )

    @rule(
        effect=DAYS_AHEAD,
        end=st.none() | DAYS_AHEAD,
        quota=st.none() | st.integers(0, 30),
        referrals=st.none() | st.booleans(),
    )
    def amend(self, effect, end, quota, referrals):
        amendment = Amendment(
            convention=self.convention,
            reference="DR",
            noticed_on=self.today,
            effective_on=self.day(effect),
            ends_on=None if end is None else self.day(end),
            quota=quota,
            referrals=referrals,
        )
        self.do(lambda: actions.propose(amendment, by=self.staff[0]))

    @rule(
        origin=st.sampled_from(EndingOrigin.values[:5]),
        end=DAYS_AHEAD,
        now=st.booleans(),
    )
    def end_early(self, origin, end, now):
        ending = Ending(
            convention=self.convention,
            origin=origin,
            told_on=self.today,
            ends_on=self.day(end),
            at_once=now,
            **(signed_by_both(self.today) if origin == "accord" else {}),
        )
        self.do(lambda: actions.propose(ending, by=self.staff[0]))

    @rule()
    def a_colleague_confirms_all(self):
        for model, confirm in [
            (Amendment, actions.confirm_amendment),
            (Ending, actions.confirm_ending),
        ]:
            for row in model.objects.filter(convention=self.convention).waiting():
                self.do(lambda row=row, confirm=confirm: confirm(row, by=self.staff[1]))

    @rule()
    def reproach(self):
        self.do(
            lambda: actions.open_breach(
                self.convention, by=self.staff[0], reasons=["partage"], facts="Faits."
            )
        )

    @rule(end=DAYS_AHEAD)
    def follow_the_breach(self, end):
        breach = Breach.objects.filter(convention=self.convention).live().first()
        assume(breach is not None)
        match breach.state:
            case "propose":
                act = lambda: actions.sign_breach(breach, by=self.staff[1])  # noqa: E731
            case "ouvert":
                act = lambda: breach.notify(by=self.staff[0], on=self.today)  # noqa: E731
            case "notifie" if not breach.observed_on:
                act = lambda: actions.receive_observations(  # noqa: E731
                    breach, by=self.staff[0], on=self.today
                )
            case "observe":
                act = lambda: actions.uphold_breach(  # noqa: E731
                    breach, by=self.staff[0], on=self.today, ends_on=self.day(end)
                )
            case _:
                act = lambda: actions.lift_breach(breach, by=self.staff[0])  # noqa: E731
        self.do(act)

    @rule(days=st.integers(-30, 30))
    def the_parents_end_moves(self, days):
        parent = self.convention.parent
        try:
            with transaction.atomic():
                Partnership.objects.filter(pk=parent.pk).update(
                    ends_on=max(parent.signed_on, parent.ends_on + dt.timedelta(days))
                )
        except IntegrityError:
            assert days < 0
        self.convention.refresh_from_db()

    @invariant()
    def never_beyond_its_parent(self):
        convention = Convention.objects.select_related("parent").get(
            pk=self.convention.pk
        )
        if convention.state != ConventionState.TERMINATED:
            assert convention.ends_on <= convention.parent.ends_on

    @invariant()
    def its_days_are_in_order(self):
        convention = self.convention
        assert convention.starts_on <= convention.ends_on
        if convention.state != ConventionState.DRAFT:
            signatures = [convention.signed_by_ft_on, convention.signed_by_structure_on]
            assert convention.starts_on >= max(signatures)

    @invariant()
    def it_opens_if_and_only_if_the_dates_and_the_state_say_so(self):
        convention = self.convention
        expected = (
            convention.state in {"signee", "preavis"}
            and convention.starts_on <= self.today <= convention.ends_on
        )
        with at(self.today, hour=23):
            found = Convention.objects.in_force().filter(pk=convention.pk).exists()
            assert convention.is_in_force() == found == expected

    @invariant()
    def one_is_in_force_at_most(self):
        rows = Convention.objects.in_force(self.today)
        assert rows.filter(structure=self.convention.structure).count() <= 1

    @invariant()
    def what_is_confirmed_had_four_eyes_where_they_are_due(self):
        for model in (Amendment, Ending):
            for row in model.objects.filter(
                convention=self.convention, confirmed_at__isnull=False
            ):
                assert not row.needs_two or row.confirmed_by_id != row.proposed_by_id


@pytest.mark.thorough
def test_in_whatever_order_one_signs_amends_and_ends_the_invariants_hold():
    """R11, R12."""
    with postgresqls_clock_aside():
        walk_at_random(Life, walks=12, steps=20)
