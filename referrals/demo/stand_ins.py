"""Demo stand-ins: past, current and future (domain 5.6)."""

import datetime as dt
import uuid

from django.utils import timezone

from accounts.structures.models import Structure
from accounts.users.models.users import User
from offers.catalogue.models import Offer
from referrals.acts.models.acts import Channel
from referrals.candidates.models.candidates import Candidate
from referrals.candidates.models.stand_ins import StandIn
from referrals.demo import people, structures
from referrals.demo.candidates import Person, make
from referrals.demo.offers import AGENCY
from referrals.demo.stories import days_ago, moment, set_back
from referrals.direct.actions import refer
from referrals.direct.models import Referral
from referrals.follow_up import actions

OF_NADIA = (
    Person("Fatou", "Camara", "38411290764", "7 rue des Tilleuls"),
    Person("Bruno", "Lacroix", "", "16 rue du Moulin", has_email=False),
)
# Long enough for the reminder of a silent act (domain 5.8).
MADE_AGO = 17


def seed_stand_ins() -> int:
    claire = User.objects.get(identifier=people.ADVISER.identifier)
    nadia = User.objects.get(identifier=people.RGC.identifier)
    if StandIn.objects.filter(structure=nadia.structure_id).exists():
        return 0
    ccas = Structure.objects.get(siret=structures.CCAS["siret"])
    rows = [make(person, nadia, ccas, rank) for rank, person in enumerate(OF_NADIA, 14)]
    fatou, _ = Candidate.objects.bulk_create(rows)
    put_in_contact(fatou, by=nadia)
    over = confide(claire, nadia, -40, -33)
    # She came back a day early.
    over.ended_at, over.ended_by = moment(days_ago(34)), claire
    over.save(update_fields=["ended_at", "ended_by"])
    confide(nadia, claire, -2, 5)
    confide(claire, nadia, 21, 31)
    return 3


def confide(owner: User, colleague: User, first: int, last: int) -> StandIn:
    """Create a stand-in between days counted from today."""
    today = timezone.localdate()
    return StandIn.objects.create(  # type: ignore[misc]
        structure_id=owner.structure_id,
        owner=owner,
        colleague=colleague,
        starts_on=today + dt.timedelta(days=first),
        ends_on=today + dt.timedelta(days=last),
        created_at=moment(today + dt.timedelta(days=min(first, 0) - 3)),
        created_by=owner,
    )


def put_in_contact(candidate: Candidate, *, by: User) -> None:
    made_at = moment(days_ago(MADE_AGO))
    near = Offer.objects.active().filter(
        agency_safir=AGENCY, preselection=False, created_at__lt=made_at
    )
    free = near.exclude(pk__in=Referral.objects.values("offer"))
    offer = free.order_by("created_at", "reference").first()
    if offer is None:
        return
    key = uuid.uuid5(uuid.NAMESPACE_URL, "demo nadia")
    act = refer(offer.pk, candidate.pk, by=by, key=key)
    set_back(act, made_at)
    last = act.steps.latest("pk").pk
    day = days_ago(MADE_AGO - 1)
    actions.hand_over(act, by=by, channel=Channel.HAND, on=day)
    act.steps.filter(pk__gt=last).update(at=moment(day))
