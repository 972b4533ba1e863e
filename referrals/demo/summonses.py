"""Slots of the agency, and convocations in several states (domain 5.5).

Made by the actions that the pages call; only the days of those past are set back.
"""

import datetime as dt
import uuid

from django.utils import timezone

from accounts.models import Agency, User
from offers.models import Mode, Offer
from referrals import documents
from referrals.actions import follow_up
from referrals.actions import summonses as actions
from referrals.actions.make import make
from referrals.demo import people
from referrals.demo.offers import AGENCY
from referrals.models import Channel, Document, Slot, Summons
from referrals.rights import ActKind

PLACE = "France Travail Villefontaine, 1 place de l’Emploi, 38090 Villefontaine"
HOURS = (dt.time(9), dt.time(9, 45), dt.time(14))
DAYS = 4
SATURDAY = 5
PEOPLE = ("Moreira", "Perrin", "Vernay", "Haddad")


def seed_summonses() -> int:
    """Open slots and convene four persons; nothing where some were convened already.

    Returns:
        How many convocations were made.
    """
    claire = User.objects.get(identifier=people.ADVISER.identifier)
    offers = list(preselected_offers())
    if Summons.objects.filter(adviser=claire).exists() or len(offers) < len(PEOPLE):
        return 0
    slots = open_slots()
    to_hand_over = convene("Moreira", offers[0], claire, slot=slots[0])
    handed_over = convene("Perrin", offers[1], claire, slot=slots[-1])
    follow_up.hand_over(
        handed_over, by=claire, channel=Channel.HAND, on=timezone.localdate()
    )
    # Of her own choice: it stands among the agency's work.
    convene("Vernay", offers[2], claire, at=instant(DAYS + 2, dt.time(10)))
    missed = convene("Haddad", offers[3], claire, at=instant(1, dt.time(11)))
    past = {"at": past_day(1, dt.time(11)), "created_at": past_day(2, dt.time(15))}
    Summons.objects.filter(pk=missed.pk).update(**past)
    missed.refresh_from_db()
    sheet = Document.objects.get(summons=missed)
    sheet.created_at = missed.created_at
    sheet.freeze(documents.body_of(missed, made_at=missed.created_at))
    sheet.save(update_fields=["created_at", "html", "html_sha256"])
    actions.miss(missed, by=claire, absence="excusee")
    made, *later = missed.steps.order_by("pk")
    for step, at in ((made, missed.created_at), *((step, missed.at) for step in later)):
        step.at = at
        step.save(update_fields=["at"])
    return len([to_hand_over, handed_over, missed]) + 1


def preselected_offers() -> list[Offer]:
    """Those around the structure whose preselection France Travail keeps."""
    near = Offer.objects.active().filter(agency_safir=AGENCY, preselection=True)
    kept = near.filter(delegated=False).order_by("created_at", "reference")
    return [offer for offer in kept if offer.mode == Mode.PRESELECTED]


def open_slots() -> list[Slot]:
    """Three a day on the next weekdays, and one for several persons."""
    agent = User.objects.get(identifier=people.AGENT.identifier)
    agency = Agency.objects.get(safir=AGENCY)
    slots = [
        Slot(
            agency=agency,
            at=instant(day, hour),
            where=PLACE,
            opened_by=agent,
        )
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
) -> Summons:
    candidate = claire.candidates.get(last_name=last_name)
    summons = make(
        ActKind.SUMMONS,
        offer.pk,
        candidate.pk,
        by=claire,
        key=uuid.uuid5(uuid.NAMESPACE_URL, f"demo {last_name}"),
        slot=slot,
        at=slot.at if slot else at,
        where=PLACE,
    )
    assert isinstance(summons, Summons)  # noqa: S101 - for the types alone
    return summons


def instant(weekdays: int, hour: dt.time) -> dt.datetime:
    """That hour, so many weekdays from now."""
    day = timezone.localdate()
    while weekdays:
        day += dt.timedelta(days=1)
        weekdays -= day.weekday() < SATURDAY
    return timezone.make_aware(dt.datetime.combine(day, hour))


def past_day(days: int, hour: dt.time) -> dt.datetime:
    day = timezone.localdate() - dt.timedelta(days=days)
    return timezone.make_aware(dt.datetime.combine(day, hour))
