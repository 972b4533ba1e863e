"""Move or close a slot with its convocations (domain 5.5).

A convocation that cannot follow stops no other; its number is reported.
"""

import dataclasses
from collections.abc import Callable

from django.db import transaction

from accounts.structures.models import Agency
from accounts.users.models.users import User
from offers.catalogue.models import Offer
from opus.lib.database.states import MoveRefused
from referrals.acts.states import CancelReason
from referrals.appointments.actions import appointments
from referrals.appointments.codes import MoveReason
from referrals.appointments.models.appointments import Appointment
from referrals.appointments.models.slots import Slot


@dataclasses.dataclass(frozen=True)
class Followed:
    """Number of convocations moved; ``left``: the others and why."""

    done: int
    left: list[tuple[str, str]]


@transaction.atomic
def move_slot(slot: Slot, *, by: User, to: Slot, because: MoveReason | str) -> Followed:
    """Replace a slot by an unsaved one, with its convocations.

    Raises MoveRefused: no convocation could follow, or the hour is occupied; nothing
    changes.
    """
    Agency.objects.select_for_update(no_key=True).get(pk=slot.agency_id)
    people = _people_of(slot)
    to.agency, to.offer, to.opened_by = slot.agency, slot.offer, by
    to.capacity = max(slot.capacity, len(people))
    to.save()
    followed = _each(
        slot,
        people,
        lambda appointment: appointments.move(
            appointment, by=by, to=to, because=because
        ),
    )
    if other := Slot.objects.overlapped_by([to]):
        raise MoveRefused(other.already_open)
    return followed


@transaction.atomic
def call_slot_off(slot: Slot, *, by: User, reason: CancelReason | str) -> Followed:
    return _each(
        slot,
        _people_of(slot),
        lambda appointment: appointments.call_off(appointment, by=by, reason=reason),
    )


def _people_of(slot: Slot) -> list[Appointment]:
    """Return its live convocations, their offers locked in one order."""
    people = Appointment.objects.live().filter(details__slot=slot).order_by("number")
    offers = Offer.objects.filter(pk__in=people.values("offer_id")).order_by("pk")
    held = list(offers.select_for_update(no_key=True))
    return list(people.filter(offer__in=held))


def _each(
    slot: Slot, people: list[Appointment], gesture: Callable[[Appointment], object]
) -> Followed:
    left = []
    for appointment in people:
        try:
            with transaction.atomic():
                gesture(appointment)
        except MoveRefused as refusal:
            left.append((appointment.number, str(refusal)))
    if len(left) == len(people):
        reasons = " ".join(f"{number}\xa0: {why}" for number, why in left)
        raise MoveRefused(
            f"Aucune convocation n’a pu suivre, rien n’est changé. {reasons}".strip()
        )
    slot.close_to_others()
    return Followed(done=len(people) - len(left), left=left)
