"""Every letter about an act says what Opus has sent to whom, and no more (V17)."""

import dataclasses
import datetime as dt
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from offers.enums import OfferState
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from referrals.acts import jobs
from referrals.acts.act_rights import ActKind
from referrals.acts.jobs import remind_advisers as remind_of_silence
from referrals.acts.models import KINDS
from referrals.appointments import actions
from referrals.appointments import jobs as appointment_jobs
from referrals.appointments.models import Appointment, AppointmentDetails
from referrals.candidate_emails import actions as mails
from referrals.cv_requests import actions as cvs
from referrals.cv_requests.jobs import remind_overdue
from referrals.documents.actions import make_document
from referrals.documents.jobs import notify_changes
from referrals.follow_up import actions as follow_up
from referrals.preselection import actions as screened
from referrals.todo.open_acts import open_acts_of
from tests.accounts.factories import AgencyFactory, AgentFactory
from tests.cases import each_case
from tests.referrals.cv_factories import upload
from tests.referrals.documents.offer_events import write
from tests.referrals.factories import CandidateFactory, SlotFactory
from tests.referrals.kinds import FACTORIES

pytestmark = pytest.mark.django_db

K = ActKind
# Each way of saying that Opus wrote to the person.
WROTE = ("Opus a écrit", "Opus écrit", "Opus l’a écrit", "Opus l’écrit", "lui envoie")
NOTHING = "Opus n’a rien écrit"
WITHDRAWALS = [state for state in OfferState if state != OfferState.ACTIVE]
DAY = dt.timedelta(days=1)


@dataclasses.dataclass
class Case:
    """One act, and an agent of its offer's agency."""

    act: Any
    agent: Any

    def again(self):
        """Read it again, once its letters have left."""
        outbox.relay()
        mail.outbox.clear()
        self.act = type(self.act).objects.get(pk=self.act.pk)

    def move(self, days=9):
        at = timezone.now() + days * DAY
        slot = SlotFactory(at=at, agency=self.agent.agency)
        actions.move(self.act, by=self.agent, to=slot, because="agence")

    def move_twice(self):
        self.move()
        self.again()
        self.move(12)

    def call_off(self):
        actions.call_off(self.act, by=self.agent, reason="offre")

    def move_and_call_off(self):
        self.move()
        self.again()
        self.call_off()

    def remind(self):
        morning = timezone.localtime(self.act.at) - 2 * DAY
        with time_machine.travel(morning.replace(hour=9), tick=False):
            appointment_jobs.remind_advisers()
            outbox.relay()

    def move_and_remind(self):
        self.move()
        self.again()
        self.remind()

    def withdraw(self, state=OfferState.SUSPENDED):
        write(self.act.offer, state=state, state_at=timezone.now())
        jobs.notify_withdrawals()

    def come_back(self):
        self.withdraw()
        self.again()
        self.withdraw(OfferState.ACTIVE)

    def change_place(self):
        write(self.act.offer, place_label="73 - Chambéry")
        notify_changes()

    def change_its_date(self, days, job):
        """Let a clock's letter about it leave so many days later, by day."""
        at = (timezone.localtime() + days * DAY).replace(hour=10)
        with time_machine.travel(at, tick=False):
            job()
            outbox.relay()

    def keep_cv(self):
        cvs.receive(self.act, by=self.act.adviser, cv=cvs.Cv(upload().read(), "pdf"))
        cvs.keep(self.act, by=self.agent)

    def refuse_cv(self):
        cvs.receive(self.act, by=self.act.adviser, cv=cvs.Cv(upload().read(), "pdf"))
        cvs.refuse(self.act, by=self.agent, reason="experience")


def case_of(kind, *, has_agreed=True, is_known=True):
    agent = AgentFactory(agency=AgencyFactory(safir="38086"))
    own = {}
    if kind == K.APPOINTMENT:
        slot = SlotFactory(at=timezone.now() + 5 * DAY, agency=agent.agency)
        own = {"slot": slot, "at": slot.at, "where": slot.where}
    candidate = CandidateFactory()
    today, before = timezone.localdate(), timezone.now() - 2 * DAY
    act = FACTORIES[kind](candidate=candidate, created_at=before, **own)
    make_document(act)
    if has_agreed:
        mails.give_consent(candidate, by=act.adviser, given_on=today, way="personne")
    if is_known:
        follow_up.hand_over(act, by=act.adviser, channel="main", on=today)
    case = Case(act, agent)
    case.again()
    return case


def letters_of(act):
    """What left to the adviser, as text, and to the person."""
    outbox.relay()
    mine = [one for one in mail.outbox if one.to == [act.adviser.email]]
    theirs = [one for one in mail.outbox if one.to == [act.candidate.email]]
    return [f"{one.subject}\n{one.body}".replace("\xa0", " ") for one in mine], theirs


def check(case):
    """Compare the words with what was sent; return the adviser's letter."""
    (text,), theirs = letters_of(case.act)
    assert case.act.candidate.last_name not in text
    if case.act.KIND in {K.CV_REQUEST, K.APPOINTMENT}:
        assert "mise en contact" not in text
    assert any(words in text for words in WROTE) == bool(theirs)
    assert NOTHING not in text or not theirs
    handed_over = case.act.steps.filter(target="remise").exclude(origin="remise")
    assert not [step for step in handed_over if step.by.is_staff]
    mail.outbox.clear()
    return text


@each_case(
    "event",
    [
        Case.move,
        Case.move_twice,
        Case.call_off,
        Case.move_and_call_off,
        Case.remind,
        Case.move_and_remind,
    ],
    ids=lambda event: event.__name__,
    at_each_run=3,
)
@each_case("has_agreed", [True, False])
@each_case("is_known", [True, False], at_each_run=1)
def test_the_adviser_reads_what_the_person_was_really_written(
    event, has_agreed, is_known
):
    """Opus writes to who agreed and has the date; an agency hands nothing over."""
    case = case_of(K.APPOINTMENT, has_agreed=has_agreed, is_known=is_known)

    event(case)

    _, theirs = letters_of(case.act)
    assert bool(theirs) == (has_agreed and is_known)
    text = check(case)
    assert case.act.number in text
    assert theirs or NOTHING in text
    act = Appointment.objects.get(pk=case.act.pk)
    if event not in {Case.call_off, Case.remind}:
        assert (act.handed_over_on, act.channel) == (None, "")
        assert act.can_be_handed_over == act.is_live


@each_case(
    "event",
    [Case.come_back, Case.change_place, *WITHDRAWALS],
    ids=lambda event: getattr(event, "__name__", str(event)),
    at_each_run=2,
)
@each_case("kind", ActKind, at_each_run=2)
@each_case("is_known", [True, False], at_each_run=1)
def test_letters_about_an_offer_name_each_kind(event, kind, is_known):
    """Its withdrawals, its return and its change; nothing goes to the person."""
    case = case_of(kind, is_known=is_known)

    if event in WITHDRAWALS:
        case.withdraw(event)
    else:
        event(case)

    text = check(case)
    assert f"{KINDS[kind]._meta.verbose_name} n° {case.act.number}" in text
    assert ("ne revient pas" in text) == (event == OfferState.CANCELLED)
    if event in WITHDRAWALS:
        assert ("personne à prévenir" in text) == is_known
        assert (NOTHING in text) == is_known


@pytest.mark.parametrize("has_agreed", [True, False])
def test_home_says_whom_opus_wrote_to_before_the_offer_went(has_agreed):
    """The date moved, with or without a letter to the person; then no more offer."""
    case = case_of(K.APPOINTMENT, has_agreed=has_agreed)
    case.move()
    case.again()
    case.withdraw()

    [task] = open_acts_of(case.act.adviser).tasks

    assert task.act.handed_over_on is None
    assert case.act.is_known_to_person == has_agreed
    assert (task.is_late, task.verb) == (
        has_agreed,
        "Prévenir" if has_agreed else "Voir",
    )


def test_the_other_letters_go_to_the_adviser_alone():
    """Answers of the agency, and reminders of the clock."""

    def confirm(case):
        AppointmentDetails.objects.update(slot=None)
        case.again()
        actions.confirm(case.act, by=case.agent)

    events = [
        (K.APPOINTMENT, confirm),
        (K.APPOINTMENT, lambda case: case.change_its_date(13, untold)),
        (K.CV_REQUEST, Case.keep_cv),
        (K.CV_REQUEST, Case.refuse_cv),
        (K.CV_REQUEST, lambda case: case.change_its_date(9, remind_overdue)),
        (K.REFERRAL, lambda case: case.change_its_date(16, remind_of_silence)),
        (
            K.SCREENED_REFERRAL,
            lambda case: screened.ask_for_more(**by(case), text="Quand ?"),
        ),
        (
            K.SCREENED_REFERRAL,
            lambda case: screened.set_aside(**by(case), reason="assez"),
        ),
    ]

    def untold():
        appointment_jobs.close_past()
        appointment_jobs.chase_advisers()

    def by(case):
        return {"act": case.act, "by": case.agent}

    for kind, event in events:
        case = case_of(kind)
        event(case)
        check(case)


def test_an_agency_hands_nothing_over():
    """Article 7: the document goes from the adviser's hand, whatever the kind."""
    for kind in ActKind:
        case = case_of(kind, is_known=False)
        with pytest.raises(MoveRefused, match="revient au conseiller"):
            follow_up.hand_over(
                case.act, by=case.agent, channel="main", on=timezone.localdate()
            )
