"""What the demonstration shows: each account, each state, with a past that holds."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.agreements.models.conventions import Convention
from accounts.security.models import Alert, AlertState, Rule
from accounts.users.models import User
from demo import people
from offers.catalogue.models import Offer
from offers.files.models import Quarantine
from opus.lib.dates import date_format
from referrals.acts.states import ReferralState
from referrals.appointments.models import Appointment, Slot
from referrals.candidates.models import Candidate, StandIn
from referrals.cv_requests.models import CvRequest
from referrals.direct.models import Referral
from referrals.preselection.models import ScreenedReferral
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db

# Enough for each kind around the structure.
OFFERS = 2000


@pytest.fixture(scope="module")
def made_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """What the command said. Made once for the tests that look at it: each of them has
    a savepoint of its own in this transaction, which is undone after the last."""
    said = StringIO()
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("seed_demo", offers=OFFERS, stdout=said)
        yield said.getvalue()
        transaction.set_rollback(True)


@pytest.fixture
def demonstration(made_once: str, db: None) -> str:
    """The first fixture first: the test's own transaction opens inside."""
    return made_once


@pytest.mark.usefixtures("demonstration")
def test_an_alert_waits_and_another_was_looked_into(client: Client) -> None:
    """The RGC's page and the desk have something to show, with its journal."""
    assert dict(Alert.objects.values_list("rule", "state")) == {
        Rule.SESSION_MOVED: AlertState.NEW,
        Rule.TWO_PLACES: AlertState.CLOSED,
    }
    sign_in(client, User.objects.get(identifier=people.RGC.identifier))
    page = client.get(reverse("alerts")).text
    assert "session passée sur un autre appareil" in page


def test_the_four_accounts_come_in(client: Client, demonstration: str) -> None:
    """Password, second factor and charter: each opens its first page."""
    first_pages = {
        "conseiller.demo": "home",
        "rgc.demo": "accounts",
        "agent.demo": "admin:index",
        "admin.demo": "admin:index",
    }

    for identifier, page in first_pages.items():
        user = User.objects.get(identifier=identifier)
        assert f"{identifier} " in demonstration
        assert user.check_password(people.PASSWORD)
        sign_in(client, user)
        assert client.get(reverse(page)).status_code == 200, identifier


@pytest.mark.usefixtures("demonstration")
def test_one_seat_of_two_is_taken() -> None:
    convention = Convention.objects.get(structure__name="CCAS de L’Isle-d’Abeau")

    taken = User.objects.counted().filter(structure=convention.structure).count()

    assert (taken, convention.quota) == (1, 2)
    assert convention.ends_on == dt.date(2027, 12, 31)
    assert len(convention.services) == 2
    assert convention.agency.safir == "38086"
    assert convention.agency.parent.parent.kind == "dr"
    assert User.objects.get(identifier="rgc.demo").is_rgc_in_office


@pytest.mark.usefixtures("demonstration")
def test_another_structure_only_reads_offers(client: Client) -> None:
    stranger = User.objects.get(identifier="collines.demo")
    karim = Candidate.objects.filter(adviser__identifier="conseiller.demo").first()
    assert karim

    convention = stranger.convention_in_force()

    assert convention
    assert not convention.terms.referrals
    sign_in(client, stranger)
    assert client.get(karim.get_absolute_url()).status_code in {403, 404}


def expect_a_past(act: Any) -> None:
    """After its offer came, its steps one after the other, the last before now."""
    moments = [step.at for step in act.steps.all()]
    assert moments == sorted(moments)
    assert act.offer.created_at < act.created_at <= moments[0]
    assert moments[0] - act.created_at < dt.timedelta(seconds=1)
    assert moments[-1] <= timezone.now()


@pytest.mark.usefixtures("demonstration")
def test_acts_stand_in_every_state() -> None:
    acts = Referral.objects.filter(adviser__identifier="conseiller.demo")
    states = Counter(acts.values_list("state", flat=True))

    assert set(states) == set(ReferralState.values)
    [withdrawn] = [act for act in acts if act.offer_is_withdrawn]
    assert withdrawn.is_live
    assert acts.filter(outcome__declared_by="france_travail").count() == 1
    for act in acts:
        expect_a_past(act)
        [document] = act.documents.all()
        assert document.html_sha256
        assert act.number in document.html


@pytest.mark.usefixtures("demonstration")
def test_cvs_are_asked_for_late_read_and_refused() -> None:
    requests = CvRequest.objects.filter(adviser__identifier="conseiller.demo")

    assert {one.state for one in requests} == {
        "demandee",
        "remise",
        "transmis",
        "non_retenu",
    }
    assert [one.is_overdue for one in requests].count(True) == 1
    for one in requests:
        assert one.offer.mode == "preselection"
        expect_a_past(one)
        [letter] = one.documents.all()
        assert one.number in letter.html


@pytest.mark.usefixtures("demonstration")
def test_applications_with_preselection_wait_for_somebody() -> None:
    acts = ScreenedReferral.objects.filter(adviser__identifier="conseiller.demo")

    assert sorted(acts.values_list("state", flat=True)) == [
        "a_examiner",
        "complement",
        "presentee",
    ]
    for act in acts:
        assert act.is_delegated
        assert act.criteria_met
        expect_a_past(act)


@pytest.mark.usefixtures("demonstration")
def test_convocations_stand_in_several_states_beside_open_slots() -> None:
    appointments = Appointment.objects.filter(adviser__identifier="conseiller.demo")

    assert Counter(appointments.values_list("state", flat=True)) == {
        "planifiee": 2,
        "remise": 1,
        "absent": 1,
    }
    assert appointments.waiting_for_agency().count() == 1
    for appointment in appointments:
        assert appointment.offer.mode == "preselection"
        assert list(Slot.objects.open_for(appointment.offer))
        at = date_format(timezone.localtime(appointment.at), "l j F Y")
        assert at in appointment.documents.get().html
        expect_a_past(appointment)


@pytest.mark.usefixtures("demonstration")
def test_caseloads_are_confided_once_over_today_and_to_come(client: Client) -> None:
    """The adviser follows the RGC's persons, who stay the RGC's."""
    claire = User.objects.get(identifier=people.ADVISER.identifier)
    today = StandIn.objects.in_force().get()

    assert (today.owner.identifier, today.colleague) == ("rgc.demo", claire)
    assert StandIn.objects.ahead().count() == 2
    assert StandIn.objects.filter(ended_at__isnull=False).count() == 1
    hers = Candidate.objects.visible_to(claire).exclude(adviser=claire)
    assert hers.count() == 2
    [act] = Referral.objects.filter(adviser__identifier="rgc.demo")
    assert act.offer.created_at < act.created_at
    sign_in(client, claire)
    page = client.get(reverse("home")).text
    assert "suivi de Nadia Ferrand" in page
    assert act.number in page


@pytest.mark.usefixtures("demonstration")
def test_candidates_are_with_and_without_an_identifier() -> None:
    claire = Candidate.objects.filter(adviser__identifier="conseiller.demo")

    lengths = Counter(len(candidate.ft_id) for candidate in claire)

    assert claire.count() == 12
    assert set(lengths) == {0, 8, 11}
    for candidate in Candidate.objects.all():
        candidate.full_clean()


@pytest.mark.usefixtures("demonstration")
def test_offers_around_the_structure_are_of_every_kind() -> None:
    near = Offer.objects.active().filter(agency_safir="38086", department="38")

    assert {offer.mode for offer in near} == {"sans", "deleguee", "preselection"}
    assert {"CDI", "CDD", "MIS"} <= set(near.values_list("contract", flat=True))
    assert set(near.values_list("published", flat=True)) == {True, False}
    assert near.filter(commune_code="38193").count() > 20
    assert Quarantine.objects.count() == 1
    last = Offer.objects.latest("created_at").created_at
    assert timezone.now() - last < dt.timedelta(days=2)
