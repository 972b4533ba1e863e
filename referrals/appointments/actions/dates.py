"""A date that the agency refuses: it proposes another, the adviser answers.

Locks: the offer, then the convocation, then the slot. They raise MoveRefused.
"""

from django.db import transaction
from django.utils import timezone

from accounts.users.models.users import User
from offers.catalogue.models import Offer
from opus.lib.database.states import MoveRefused
from opus.lib.forms.base import as_number
from referrals.appointments.actions import appointments
from referrals.appointments.codes import MoveReason
from referrals.appointments.models.appointments import Appointment
from referrals.appointments.models.proposals import DateProposal
from referrals.appointments.models.slots import TIME_AND_PLACE, Slot, TimeAndPlace

GONE = (
    "Cette date n’est plus proposée\u00a0: rechargez la page, le rendez-vous a changé "
    "entre-temps."
)


@transaction.atomic
def propose_date(
    appointment: Appointment, *, by: User, to: TimeAndPlace, because: MoveReason | str
) -> DateProposal:
    """Refuse the adviser's date and propose another; e-mail him."""
    if to.at <= timezone.now():
        raise MoveRefused("Choisissez une date et une heure à venir.")
    appointment.offer = Offer.objects.select_for_update(no_key=True).get(
        pk=appointment.offer_id
    )
    if not appointment.offer.is_active:
        raise MoveRefused(
            "L’offre n’est plus ouverte\u00a0: annulez plutôt la convocation."
        )
    appointment.refuse_date(by=by, because=because, other=to.at)
    proposal = DateProposal.objects.create(
        appointment=appointment,
        **{name: getattr(to, name) for name in TIME_AND_PLACE},
        slot=to if isinstance(to, Slot) else None,
        because=because,
        proposed_by=by,
    )
    appointments.record_answer(appointment, by=by, date="proposed")
    appointments.notify_adviser(appointment, "proposed")
    return proposal


@transaction.atomic
def accept_date(appointment: Appointment, *, by: User, proposal: str) -> None:
    """Take the agency's date: it is agreed, a new document is made."""
    Offer.objects.select_for_update(no_key=True).get(pk=appointment.offer_id)
    appointment.lock()
    row = read(appointment, proposal)
    if row.is_accepted:
        return
    if row.answered_at:
        raise MoveRefused(GONE)
    answer(row, by=by, is_accepted=True)
    appointments.change(appointment, by=by, to=row.slot or row, is_agreed=True)


@transaction.atomic
def decline_date(appointment: Appointment, *, by: User, proposal: str) -> None:
    """Decline it: the adviser chooses another date, or cancels."""
    appointment.lock()
    row = read(appointment, proposal)
    if row.answered_at and not row.is_accepted:
        return
    if row.answered_at or not appointment.is_to_come:
        raise MoveRefused(GONE)
    answer(row, by=by, is_accepted=False)
    note = {"declined": row.at.isoformat()}
    state = appointment.state
    appointment.steps.create(origin=state, target=state, by=by, note=note)
    appointments.record_answer(appointment, by=by, date="declined")


def read(appointment: Appointment, proposal: str) -> DateProposal:
    rows = DateProposal.objects.select_for_update(of=("self",), no_key=True)
    number = as_number(proposal)
    row = rows.filter(appointment=appointment, pk=number).first() if number else None
    if row is None:
        raise MoveRefused(GONE)
    return row


def answer(row: DateProposal, *, by: User, is_accepted: bool) -> None:
    row.answered_at, row.answered_by = timezone.now(), by
    row.is_accepted = is_accepted
    row.save(update_fields=["answered_at", "answered_by", "is_accepted"])
