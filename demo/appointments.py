"""Demo slots and convocations, made by the real actions."""

import datetime as dt
import uuid

from django.utils import timezone

from accounts.structures.models import Agency
from accounts.users.models import User
from demo import people
from demo.offers import AGENCY
from demo.stories import days_ago, set_back
from offers.catalogue.models import Offer
from offers.enums import Mode
from opus.lib.dates import in_paris
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Channel
from referrals.appointments import actions
from referrals.appointments.models import Appointment, Slot
from referrals.follow_up import actions as follow_up
from referrals.making.actions import make

PLACE = "France Travail Villefontaine, 1 place de l’Emploi, 38090 Villefontaine"
HOURS = (dt.time(9), dt.time(9, 45), dt.time(14))
DAYS = 4
SATURDAY = 5
PEOPLE = ("Moreira", "Perrin", "Vernay", "Haddad")


def seed_appointments() -> int:
    claire = people.ADVISER.account
    offers = list(preselected_offers())
    if Appointment.objects.filter(adviser=claire).exists() or len(offers) < len(PEOPLE):
        return 0
    slots = open_slots()
    convene("Moreira", offers[0], claire, slot=slots[0])
    handed_over = convene("Perrin", offers[1], claire, slot=slots[-1])
    follow_up.hand_over(
        handed_over, by=claire, channel=Channel.HAND, on=timezone.localdate()
    )
    # On a date of her own: it waits for the agency.
    convene("Vernay", offers[2], claire, at=instant(DAYS + 2, dt.time(10)))
    missed = convene("Haddad", offers[3], claire, at=instant(1, dt.time(11)))
    missed.details.at = in_paris(days_ago(1), dt.time(11))
    missed.details.save()
    set_back(missed, in_paris(days_ago(2), dt.time(15)))
    actions.miss(missed, by=claire, absence="excusee")
    missed.steps.filter(at__gt=missed.at).update(at=missed.at)
    return len(PEOPLE)


def preselected_offers() -> list[Offer]:
    near = Offer.objects.active().filter(agency_safir=AGENCY, preselection=True)
    kept = near.filter(delegated=False).order_by("created_at", "reference")
    return [offer for offer in kept if offer.mode == Mode.PRESELECTED]


def open_slots() -> list[Slot]:
    agent = people.AGENT.account
    agency = Agency.objects.get(safir=AGENCY)
    slots = [
        Slot(agency=agency, at=instant(day, hour), where=PLACE, opened_by=agent)
        for day in range(1, DAYS + 1)
        for hour in HOURS
    ]
    slots.append(
        Slot(
            agency=agency,
            at=instant(DAYS, dt.time(15, 30)),
            minutes=60,
            where=PLACE,
            capacity=8,
            opened_by=agent,
        )
    )
    return Slot.objects.bulk_create(slots)


def convene(
    last_name: str,
    offer: Offer,
    claire: User,
    *,
    slot: Slot | None = None,
    at: dt.datetime | None = None,
) -> Appointment:
    candidate = claire.candidates.get(last_name=last_name)
    appointment = make(
        ActKind.APPOINTMENT,
        offer.pk,
        candidate.pk,
        by=claire,
        key=uuid.uuid5(uuid.NAMESPACE_URL, f"demo {last_name}"),
        slot=slot,
        at=slot.at if slot else at,
        where=PLACE,
    )
    assert isinstance(appointment, Appointment)  # noqa: S101 - for the types alone
    return appointment


def instant(weekdays: int, hour: dt.time) -> dt.datetime:
    """Return that hour, that many weekdays from now."""
    day = timezone.localdate()
    while weekdays:
        day += dt.timedelta(days=1)
        weekdays -= day.weekday() < SATURDAY
    return in_paris(day, hour)
