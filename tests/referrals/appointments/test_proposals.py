"""An agency refuses a date and proposes another: the adviser accepts or declines."""

import datetime as dt

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from opus.lib.outbound import outbox
from referrals.appointments import actions
from referrals.appointments.models import (
    Appointment,
    AppointmentDetails,
    DateProposal,
    MoveReason,
)
from referrals.documents.actions import make_document
from tests.accounts.factories import AgencyFactory, AgentFactory
from tests.conftest import sign_in
from tests.referrals.factories import AppointmentFactory, CandidateFactory, SlotFactory

pytestmark = pytest.mark.django_db
QUEUE = reverse("admin:referrals_appointment_changelist") + "?file=a-confirmer"


@pytest.fixture
def act(adviser):
    candidate = CandidateFactory(adviser=adviser, last_name="Zzcanari")
    act = AppointmentFactory(candidate=candidate)
    make_document(act)
    return act


def in_days(days):
    """A day when agencies are open."""
    day = timezone.localdate() + dt.timedelta(days=days)
    return day + dt.timedelta(days=(7 - day.weekday()) % 7)


def propose(client, act, agent, **fields):
    sign_in(client, agent)
    name = "admin:referrals_appointment_action"
    url = reverse(name, args=[act.pk, "proposer-une-autre-date"])
    data = {
        "choice": "libre",
        "day": in_days(9).isoformat(),
        "hour": "10:00",
        "minutes": "45",
        "mode": "lieu",
        "where": "Salle du conseil",
        "even_closed": "on",
        "because": MoveReason.AGENCY,
    }
    return client.post(url, data | fields, follow=True)


def answer(client, act, word, **fields):
    sign_in(client, act.adviser)
    url = reverse(f"appointment_date_{word}", args=[act.pk])
    return client.post(url, fields, follow=True)


def offered(act):
    return DateProposal.objects.get(appointment=act, answered_at=None)


def letters():
    outbox.relay()
    return mail.outbox


def test_the_adviser_accepts_the_agencys_date_with_one_click(client, act, agent):
    propose(client, act, agent)

    [letter] = letters()
    assert "elle en propose une autre" in " ".join(letter.body.split())
    assert "Zzcanari" not in str(letter.message())
    assert act.number not in client.get(QUEUE).text
    sign_in(client, act.adviser)
    page = client.get(act.get_absolute_url())
    assert "Salle du conseil" in page.text
    assert "Marquer remis" not in page.text
    home = client.get(reverse("home"))
    assert "Accepter cette date" in home.text

    proposal = offered(act)
    page = answer(client, act, "accept", proposal=proposal.pk)
    act.refresh_from_db()

    assert (act.at, act.where) == (proposal.at, "Salle du conseil")
    assert act.confirmed_at
    assert not act.date_refused_at
    assert act.documents.count() == 2
    assert "propose une autre date" in page.text
    assert "n’est pas disponible" in page.text
    # The same form again changes nothing.
    answer(client, act, "accept", proposal=proposal.pk)
    assert act.documents.count() == 2


def test_he_declines_it_and_chooses_a_third_which_the_agency_confirms(
    client, act, agent
):
    propose(client, act, agent)
    proposal = offered(act)

    page = answer(client, act, "decline", proposal=proposal.pk)
    assert "Choisissez une autre date" in page.text
    answer(client, act, "decline", proposal=proposal.pk)
    late = answer(client, act, "accept", proposal=proposal.pk)
    assert late.status_code == 409
    client.post(
        reverse("appointment_change", args=[act.pk]),
        {
            "choice": "libre",
            "day": in_days(12).isoformat(),
            "hour": "14:00",
            "minutes": "30",
            "mode": "lieu",
            "where": "Mairie",
            "even_closed": "on",
        },
    )

    act.refresh_from_db()
    assert act.can_be_confirmed
    sign_in(client, agent)
    assert act.number in client.get(QUEUE).text


def test_a_slot_is_taken_only_when_it_is_accepted(client, act, agent):
    slot = SlotFactory(agency=agent.agency)
    propose(client, act, agent, choice=str(slot.pk))
    proposal = offered(act)
    other = AppointmentFactory(slot=slot, at=slot.at, where=slot.where)

    page = answer(client, act, "accept", proposal=proposal.pk)
    assert "vient d’être pris" in page.text
    assert offered(act) == proposal

    actions.cancel(Appointment.objects.get(pk=other.pk), by=other.adviser)
    answer(client, act, "accept", proposal=proposal.pk)
    act.refresh_from_db()
    assert act.slot == slot


def test_a_date_that_the_agency_moved_meanwhile_is_not_accepted(client, act, agent):
    propose(client, act, agent)
    proposal = offered(act)
    at = timezone.now() + dt.timedelta(days=20)
    to = AppointmentDetails(at=at, minutes=30, mode="lieu", where="Agence")
    actions.move(
        Appointment.objects.get(pk=act.pk), by=agent, to=to, because=MoveReason.AGENCY
    )

    page = answer(client, act, "accept", proposal=proposal.pk)

    act.refresh_from_db()
    assert page.status_code == 409
    assert act.at == at


def test_a_date_of_a_cancelled_convocation_is_not_declined(client, act, agent):
    propose(client, act, agent)
    proposal = offered(act)
    actions.cancel(Appointment.objects.get(pk=act.pk), by=act.adviser)

    page = answer(client, act, "decline", proposal=proposal.pk)

    assert page.status_code == 409
    assert offered(act) == proposal
    assert not act.steps.filter(note__has_key="declined").exists()


def test_an_agency_proposes_once_for_its_own_offers_and_what_may_be(client, act, agent):
    refused = propose(client, act, agent, where="")
    assert refused.context["form"]["day"].value() == in_days(9).isoformat()
    propose(client, act, agent)
    again = propose(client, act, agent, where="Ailleurs")
    assert again.status_code == 409
    assert "Ailleurs" in again.text
    stranger = AgentFactory(agency=AgencyFactory(safir="69001"))

    assert propose(client, act, stranger).status_code == 404
    assert DateProposal.objects.count() == 1


def test_anothers_proposal_or_a_number_that_none_can_have_is_gone(client, act, agent):
    propose(client, act, agent)
    mine = AppointmentFactory(candidate=CandidateFactory(adviser=act.adviser))

    for number in (offered(act).pk, "9" * 5_000, "²", "1e999", "-1"):
        page = answer(client, mine, "accept", proposal=number)

        assert page.status_code == 409
        assert actions.GONE in page.text
    assert offered(act).answered_at is None


def test_an_agency_calls_off_since_it_is_not_available(client, act, agent):
    sign_in(client, agent)
    url = reverse("admin:referrals_appointment_action", args=[act.pk, "annuler"])

    client.post(url, {"reason": "agence"})

    sign_in(client, act.adviser)
    page = client.get(act.get_absolute_url())
    assert "l’agence n’est pas disponible" in page.text


def test_the_database_has_one_open_proposal_and_whole_answers(act, agent):
    facts = {"at": act.at, "where": act.where, "because": MoveReason.AGENCY}
    act.proposals.create(proposed_by=agent, **facts)
    for change in (
        lambda: act.proposals.create(proposed_by=agent, **facts),
        lambda: act.proposals.update(is_accepted=True),
        lambda: act.proposals.update(answered_at=timezone.now()),
        lambda: AppointmentDetails.objects.filter(act=act).update(
            date_refused_at=timezone.now(), confirmed_at=timezone.now()
        ),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
