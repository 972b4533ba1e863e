"""The demonstration: the same data every time, once, and nowhere else."""

import datetime as dt
from collections import Counter
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import (
    Alert,
    AlertState,
    Convention,
    ReviewMeeting,
    Rule,
    Suggestion,
    TotpDevice,
    User,
    UserState,
)
from offers.mirror import writing_offers
from offers.models import ImportRun, Offer, Quarantine
from opus.lib.models import AuditEntry
from referrals.demo import people
from referrals.models import (
    Candidate,
    CvRequest,
    Document,
    Referral,
    ReferralState,
    ScreenedReferral,
    Slot,
    StandIn,
    Summons,
)
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db

OFFERS = 400


def seed(offers: int = OFFERS) -> str:
    said = StringIO()
    call_command("seed_demo", offers=offers, stdout=said)
    return said.getvalue()


def snapshot() -> dict[str, Any]:
    """What stands in the database, but for random keys and numbers that go on."""
    return {
        "accounts": list(
            User.objects.order_by("identifier").values_list(
                "identifier", "role", "state", "structure__name", "email", "phone"
            )
        ),
        "keys": [
            device.key for device in TotpDevice.objects.order_by("user__identifier")
        ],
        "conventions": list(
            Convention.objects.order_by("number").values_list(
                "number", "state", "signed_quota", "ends_on", "signed_referrals"
            )
        ),
        "candidates": list(
            Candidate.objects.order_by("last_name").values_list(
                "first_name", "last_name", "ft_id", "phone", "created_at"
            )
        ),
        "offers": list(
            Offer.objects.order_by("reference").values_list(
                "reference", "title", "state", "commune_code", "content_hash"
            )
        ),
        "acts": list(
            Referral.objects.order_by("candidate__last_name", "offer").values_list(
                "candidate__last_name", "offer", "state", "outcome__code"
            )
        ),
        "cv requests": list(
            CvRequest.objects.order_by("candidate__last_name").values_list(
                "candidate__last_name", "offer", "state", "due_on"
            )
        ),
        "stand-ins": list(
            StandIn.objects.order_by("starts_on").values_list(
                "owner__identifier", "colleague__identifier", "starts_on", "ends_on"
            )
        ),
        "alerts": list(
            Alert.objects.order_by("rule").values_list("rule", "state", "last_at")
        ),
        "meetings": list(
            ReviewMeeting.objects.order_by("planned_on").values_list(
                "state", "planned_on", "held_on", "revision"
            )
        ),
        "suggestions": list(
            Suggestion.objects.order_by("title").values_list("title", "state")
        ),
        "counts": [
            model.objects.count()
            for model in [AuditEntry, Document, ImportRun, Quarantine]
        ],
    }


def test_an_alert_waits_and_another_was_looked_into(client: Client) -> None:
    """The RGC's page and the desk have something to show, with its journal."""
    seed()

    assert dict(Alert.objects.values_list("rule", "state")) == {
        Rule.SESSION_MOVED: AlertState.NEW,
        Rule.TWO_PLACES: AlertState.CLOSED,
    }
    sign_in(client, User.objects.get(identifier=people.RGC.identifier))
    page = client.get(reverse("alerts")).text
    assert "session passée sur un autre appareil" in page


def test_two_databases_get_the_same_data() -> None:
    """V21."""
    snapshots = []
    for _ in range(2):
        with transaction.atomic():
            seed()
            snapshots.append(snapshot())
            transaction.set_rollback(True)

    assert snapshots[0] == snapshots[1]


def test_a_second_run_changes_nothing_and_says_so() -> None:
    first = seed()
    before = snapshot()

    second = seed()

    assert "Démonstration en place" in first
    assert "rien n’a changé" in second
    assert snapshot() == before


def test_what_became_of_the_data_since_is_left_alone() -> None:
    seed()
    offer = Offer.objects.active().first()
    assert offer
    with writing_offers():
        Offer.objects.filter(pk=offer.pk).update(state="pourvue")
    claire = User.objects.get(identifier="conseiller.demo")
    claire.suspend(by=None, reason="absence")

    seed()

    offer.refresh_from_db()
    claire.refresh_from_db()
    assert (offer.state, claire.state) == ("pourvue", UserState.SUSPENDED)


def test_more_offers_are_added_to_those_there() -> None:
    seed(offers=100)
    before = set(Offer.objects.values_list("pk", flat=True))

    seed(offers=150)

    after = set(Offer.objects.values_list("pk", flat=True))
    assert (len(before), len(after)) == (100, 150)
    assert before < after


def test_no_offers_and_no_acts_if_none_are_wanted() -> None:
    seed(offers=0)

    assert (Offer.objects.count(), Referral.objects.count()) == (0, 0)


def test_the_four_accounts_come_in(client: Client) -> None:
    """Password, second factor and charter: each opens its first page."""
    said = seed()
    first_pages = {
        "conseiller.demo": "home",
        "rgc.demo": "accounts",
        "agent.demo": "admin:index",
        "admin.demo": "admin:index",
    }

    for identifier, page in first_pages.items():
        user = User.objects.get(identifier=identifier)
        assert f"{identifier} " in said
        assert user.check_password(people.PASSWORD)
        sign_in(client, user)
        assert client.get(reverse(page)).status_code == 200, identifier


def test_one_seat_of_two_is_taken() -> None:
    seed()
    convention = Convention.objects.get(structure__name="CCAS de L’Isle-d’Abeau")

    taken = User.objects.counted().filter(structure=convention.structure).count()

    assert (taken, convention.quota) == (1, 2)
    assert convention.ends_on == dt.date(2027, 12, 31)
    assert len(convention.services) == 2
    assert convention.agency.safir == "38086"
    assert convention.agency.parent.parent.kind == "dr"
    assert User.objects.get(identifier="rgc.demo").is_rgc_in_office


def test_another_structure_only_reads_offers(client: Client) -> None:
    seed()
    stranger = User.objects.get(identifier="collines.demo")
    karim = Candidate.objects.filter(adviser__identifier="conseiller.demo").first()
    assert karim

    convention = stranger.convention_in_force()

    assert convention
    assert not convention.grants_referrals
    sign_in(client, stranger)
    assert client.get(karim.get_absolute_url()).status_code in {403, 404}


def test_acts_stand_in_every_state() -> None:
    seed()
    acts = Referral.objects.filter(adviser__identifier="conseiller.demo")
    states = Counter(acts.values_list("state", flat=True))

    assert set(states) == set(ReferralState.values)
    [withdrawn] = [act for act in acts if act.offer_is_withdrawn]
    assert withdrawn.is_live
    assert acts.filter(outcome__declared_by="france_travail").count() == 1
    for act in acts:
        moments = [step.at for step in act.steps.all()]
        assert moments == sorted(moments)
        assert moments[0] == act.created_at
        assert moments[-1] <= timezone.now()
        [document] = act.documents.all()
        assert document.html_sha256
        assert act.number in document.html
        assert act.offer.created_at < act.created_at


def test_cvs_are_asked_for_late_read_and_refused() -> None:
    seed()
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
        assert one.offer.created_at < one.created_at
        moments = [step.at for step in one.steps.all()]
        assert moments == sorted(moments)
        assert moments[0] == one.created_at
        [letter] = one.documents.all()
        assert one.number in letter.html


def test_applications_with_preselection_wait_for_somebody() -> None:
    seed()
    acts = ScreenedReferral.objects.filter(adviser__identifier="conseiller.demo")

    assert sorted(acts.values_list("state", flat=True)) == [
        "a_examiner",
        "complement",
        "presentee",
    ]
    for act in acts:
        assert act.is_delegated
        assert act.criteria_met
        moments = [step.at for step in act.steps.all()]
        assert moments == sorted(moments)
        assert moments[0] == act.created_at > act.offer.created_at


def test_convocations_stand_in_several_states_beside_open_slots() -> None:
    seed(offers=2000)
    summonses = Summons.objects.filter(adviser__identifier="conseiller.demo")

    assert Counter(summonses.values_list("state", flat=True)) == {
        "planifiee": 2,
        "remise": 1,
        "absent": 1,
    }
    assert summonses.waiting_for_agency().count() == 1
    for summons in summonses:
        assert summons.offer.mode == "preselection"
        assert list(Slot.objects.open_for(summons.offer))
        at = date_format(timezone.localtime(summons.at), "l j F Y")
        assert at in summons.documents.get().html
        assert summons.offer.created_at < summons.created_at
        moments = [step.at for step in summons.steps.order_by("pk")]
        assert moments == sorted(moments)


def test_caseloads_are_confided_once_over_today_and_to_come(client: Client) -> None:
    """Domain 5.6: the adviser follows the RGC's persons, who stay the RGC's."""
    seed(offers=2000)
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


def test_candidates_are_with_and_without_an_identifier() -> None:
    seed()
    claire = Candidate.objects.filter(adviser__identifier="conseiller.demo")

    lengths = Counter(len(candidate.ft_id) for candidate in claire)

    assert claire.count() == 12
    assert set(lengths) == {0, 8, 11}
    for candidate in Candidate.objects.all():
        candidate.full_clean()


def test_offers_around_the_structure_are_of_every_kind() -> None:
    seed(offers=2000)
    near = Offer.objects.active().filter(agency_safir="38086", department="38")

    assert {offer.mode for offer in near} == {"sans", "deleguee", "preselection"}
    assert {"CDI", "CDD", "MIS"} <= set(near.values_list("contract", flat=True))
    assert set(near.values_list("published", flat=True)) == {True, False}
    assert near.filter(commune_code="38193").count() > 20
    assert Quarantine.objects.count() == 1
    last = Offer.objects.latest("created_at").created_at
    assert timezone.now() - last < dt.timedelta(days=2)


@pytest.mark.parametrize("setting", ["DEMO", "TESTING"])
def test_nothing_happens_outside_a_demonstration(settings: Any, setting: str) -> None:
    """S42: no default accounts."""
    settings.DEMO = settings.TESTING = False

    with pytest.raises(CommandError, match="OPUS_DEMO=1"):
        seed()

    assert not User.objects.exists()
    setattr(settings, setting, True)
    seed(offers=0)
    assert User.objects.exists()
