"""Actions on convocations and slots. They raise MoveRefused.

Locks: the offer, then the convocation, then the slot.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.structures.models import Agency
from accounts.users.models import User
from offers.catalogue.models import Offer
from opus.lib.audit import journal
from opus.lib.background_files import FileState
from opus.lib.database.states import MoveRefused
from opus.lib.dates import date_format
from opus.lib.forms.base import as_number
from referrals.acts.models import record_move
from referrals.acts.states import CancelReason
from referrals.appointments import emails
from referrals.appointments.models import (
    Appointment,
    DateProposal,
    MoveReason,
    Slot,
    TimeAndPlace,
)
from referrals.documents.actions import make_document
from referrals.follow_up import actions
from referrals.preselection.actions import shortlist_after
from referrals.preselection.models import ScreenedReferral

# The database's constraints that refuse a full or closed slot.
NO_PLACE = {"slot_has_room", "slot_is_open"}


class SlotTaken(MoveRefused):
    """Another person got the place meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            "Ce créneau vient d’être pris\xa0: choisissez-en un autre. Rien d’autre "
            "n’est perdu."
        )


@contextmanager
def taking_a_place() -> Iterator[None]:
    """Convert the refusal of the slots' trigger to ``SlotTaken``.

    The trigger locks the slot's row before it counts its places.
    """
    try:
        yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        if getattr(diagnosis, "constraint_name", None) not in NO_PLACE:
            raise
        raise SlotTaken from error


@transaction.atomic
def change(
    appointment: Appointment,
    *,
    by: User,
    to: TimeAndPlace,
    because: MoveReason | str = "",
    is_agreed: bool = False,
) -> None:
    """Set another time or place; make a new document.

    ``to``: a ``Slot``, or a date and place; an adviser's then wait for the agency,
    unless it proposed them (``is_agreed``). ``because``: its coded reason. Raises
    MoveRefused: wrong state, past, or the offer is withdrawn; SlotTaken: no place is
    left there.
    """
    offer = Offer.objects.select_for_update(no_key=True).get(pk=appointment.offer_id)
    if not offer.is_active:
        raise MoveRefused(
            "France Travail a retiré l’offre\xa0: ce rendez-vous ne se déplace plus. "
            "Annulez la convocation."
        )
    if not offer.preselection:
        raise MoveRefused(
            "Cette offre n’a plus de présélection\xa0: ce rendez-vous ne se déplace "
            "plus. Annulez la convocation."
        )
    refuse_after_agreement(by, to.at)
    was = Appointment.objects.get(pk=appointment.pk)
    was_known = was.is_known_to_person
    with taking_a_place():
        appointment.change(to, by=by, because=because, is_agreed=is_agreed)
    # A proposal of the date before has no object any more.
    appointment.proposals.filter(answered_at__isnull=True).update(
        answered_at=timezone.now(), answered_by=by
    )
    replace_document(appointment)
    if was_known:
        emails.email_new_appointment(appointment, was=was, by=by)
    record_move(appointment, by=by)


def replace_document(appointment: Appointment) -> None:
    """Make the next version; the versions before are void."""
    versions = appointment.documents.order_by("-version")
    last = versions.values_list("version", flat=True).first() or 0
    now = timezone.now()
    for document in versions.exclude(state=FileState.CANCELLED):
        document.void(at=now)
    make_document(appointment, version=last + 1)


def refuse_after_agreement(by: User, at: dt.datetime) -> None:
    """Raise MoveRefused if the structure's convention ends before."""
    convention = by.convention_in_force() if by.is_partner else None
    if convention and timezone.localdate(at) > convention.ends_on:
        raise MoveRefused(after_agreement(convention.ends_on))


def after_agreement(ends_on: dt.date) -> str:
    return (
        f"La convention de votre structure finit le {date_format(ends_on)}\u00a0: "
        "choisissez un jour d’ici là."
    )


@transaction.atomic
def move(
    appointment: Appointment, *, by: User, to: TimeAndPlace, because: MoveReason | str
) -> None:
    """Move it for the agency; e-mail the adviser."""
    change(appointment, by=by, to=to, because=because)
    emails.appointment_moved.post(
        key=f"{appointment.pk}:{timezone.now().isoformat()}",
        appointment=str(appointment.pk),
    )


@transaction.atomic
def confirm(appointment: Appointment, *, by: User) -> None:
    appointment.confirm(by=by)
    # The document said « à confirmer ».
    if appointment.document:
        replace_document(appointment)
    record_answer(appointment, by=by, confirmed=True)
    notify_adviser(appointment, "confirmed")


def record_answer(appointment: Appointment, *, by: User, **details: object) -> None:
    """Record in the journal what changes no state."""
    journal.record(
        journal.Action.REFERRAL_MOVED,
        by=by,
        target=appointment,
        persons=[appointment.candidate_id],
        details=details,
    )


@transaction.atomic
def attend(appointment: Appointment, *, by: User, not_handed_because: str = "") -> None:
    """Record the presence; a reason if without document (art. 7)."""
    appointment.lock()
    has_reason = appointment.handed_over_on or not_handed_because
    if appointment.can_be_recorded and not has_reason:
        raise MoveRefused(
            "Marquez le document remis, ou dites pourquoi il ne l’a pas "
            "été (convention, art. 7)."
        )
    appointment.attend(by=by, not_handed_because=not_handed_because)
    record_move(appointment, by=by)


miss = partial(actions.move, verb="miss")


@transaction.atomic
def refuse(appointment: Appointment, *, by: User) -> None:
    appointment.refuse(by=by)
    record_move(appointment, by=by)
    notify_adviser(appointment, appointment.state)


@transaction.atomic
def cancel(appointment: Appointment, *, by: User, reason: str = "") -> None:
    """Cancel it, and e-mail the person who expects the appointment."""
    actions.cancel(appointment, by=by, reason=reason)
    emails.email_cancellation(appointment)


@transaction.atomic
def call_off(appointment: Appointment, *, by: User, reason: str) -> None:
    cancel(appointment, by=by, reason=reason)
    notify_adviser(appointment, appointment.state)


@transaction.atomic
def keep(appointment: Appointment, *, by: User) -> ScreenedReferral:
    """Keep the application: a shortlisted mise en contact follows."""
    offer = Offer.objects.select_for_update(no_key=True).get(pk=appointment.offer_id)
    appointment.keep(by=by)
    referral = shortlist_after(offer, by=by, act=appointment)
    record_move(appointment, by=by, screened_referral=str(referral.pk))
    notify_adviser(appointment, appointment.state)
    return referral


def notify_adviser(appointment: Appointment, word: str) -> None:
    """E-mail the agency's action to the adviser, without names (V17)."""
    emails.agency_spoke.post(
        key=f"{appointment.pk}:{word}:{timezone.now().isoformat()}",
        appointment=str(appointment.pk),
        word=str(word),
    )


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
        appointment=appointment, **to.as_fields, because=because, proposed_by=by
    )
    record_answer(appointment, by=by, date="proposed")
    notify_adviser(appointment, "proposed")
    return proposal


@transaction.atomic
def answer_date(
    appointment: Appointment, *, by: User, proposal: str, is_accepted: bool
) -> None:
    """Accept the agency's date, which is agreed then, or decline it.

    The same answer again changes nothing. Declined: the adviser chooses another date,
    or cancels.
    """
    Offer.objects.select_for_update(no_key=True).get(pk=appointment.offer_id)
    appointment.lock()
    rows = appointment.proposals.select_for_update(of=("self",), no_key=True)
    row = rows.filter(pk=as_number(proposal) or 0).first()
    if row and row.answered_at and row.is_accepted == is_accepted:
        return
    is_gone = not (is_accepted or appointment.is_to_come)
    if row is None or row.answered_at or is_gone:
        raise MoveRefused(GONE)
    row.answered_at, row.answered_by = timezone.now(), by
    row.is_accepted = is_accepted
    row.save(update_fields=["answered_at", "answered_by", "is_accepted"])
    if is_accepted:
        change(appointment, by=by, to=row.slot or row, is_agreed=True)
        return
    note, state = {"declined": row.at.isoformat()}, appointment.state
    appointment.steps.create(origin=state, target=state, by=by, note=note)
    record_answer(appointment, by=by, date="declined")


accept_date = partial(answer_date, is_accepted=True)
decline_date = partial(answer_date, is_accepted=False)


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
        lambda appointment: move(appointment, by=by, to=to, because=because),
    )
    if other := Slot.objects.overlapped_by([to]):
        raise MoveRefused(other.already_open)
    return followed


@transaction.atomic
def call_slot_off(slot: Slot, *, by: User, reason: CancelReason | str) -> Followed:
    return _each(
        slot,
        _people_of(slot),
        lambda appointment: call_off(appointment, by=by, reason=reason),
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
