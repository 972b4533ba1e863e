"""The demonstration: the same data every time, once, and nowhere else."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.agreements.models.conventions import Convention
from accounts.meetings.models import ReviewMeeting
from accounts.security.models import Alert
from accounts.signin.models import TotpDevice
from accounts.users.enums import UserState
from accounts.users.models import User
from offers.catalogue.models import Offer
from offers.catalogue.writes import writing_offers
from offers.files.models import ImportRun, Quarantine
from opus.lib.audit.models import AuditEntry
from referrals.candidates.models import Candidate, StandIn
from referrals.cv_requests.models import CvRequest
from referrals.direct.models import Referral
from referrals.documents.models import Document

pytestmark = pytest.mark.django_db

OFFERS = 400


def seed(offers: int = OFFERS) -> str:
    said = StringIO()
    call_command("seed_demo", offers=offers, stdout=said)
    return said.getvalue()


def snapshot() -> dict[str, Any]:
    """What stands in the database, but for random keys and numbers that go on."""
    kinds = {
        User: "identifier role state structure__name email phone",
        Convention: "number state signed_quota ends_on signed_referrals",
        Candidate: "last_name first_name ft_id phone created_at",
        Offer: "reference title state commune_code content_hash",
        Referral: "candidate__last_name offer state outcome__code",
        CvRequest: "candidate__last_name offer state due_on",
        StandIn: "starts_on owner__identifier colleague__identifier ends_on",
        Alert: "rule state last_at",
        ReviewMeeting: "held_on reply",
    }
    rows = {
        model.__name__: list(model.objects.order_by(*names).values_list(*names))
        for model, names in ((model, names.split()) for model, names in kinds.items())
    }
    devices = TotpDevice.objects.order_by("user__identifier")
    rows["keys"] = [device.key for device in devices]
    counted = [AuditEntry, Document, ImportRun, Quarantine]
    return rows | {model.__name__: model.objects.count() for model in counted}


@pytest.mark.thorough
def test_two_databases_get_the_same_data() -> None:
    """V21."""
    snapshots = []
    for _ in range(2):
        with transaction.atomic():
            seed()
            snapshots.append(snapshot())
            transaction.set_rollback(True)

    assert snapshots[0] == snapshots[1]


@pytest.mark.thorough
def test_a_second_run_changes_nothing_and_says_so() -> None:
    first = seed()
    before = snapshot()

    second = seed()

    assert "Démonstration en place" in first
    assert "rien n’a changé" in second
    assert snapshot() == before


@pytest.mark.thorough
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


@pytest.mark.thorough
def test_more_offers_are_added_to_those_there() -> None:
    seed(offers=100)
    before = set(Offer.objects.values_list("pk", flat=True))

    seed(offers=150)

    after = set(Offer.objects.values_list("pk", flat=True))
    assert (len(before), len(after)) == (100, 150)
    assert before < after


@pytest.mark.thorough
def test_no_offers_and_no_acts_if_none_are_wanted() -> None:
    seed(offers=0)

    assert (Offer.objects.count(), Referral.objects.count()) == (0, 0)


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
