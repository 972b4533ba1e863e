"""Actions on convocations (domain 5.5). They raise MoveRefused.

Locks: the offer, then the convocation, then the slot.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.users.models.users import User
from offers.catalogue.models import Offer
from opus.lib.audit import journal
from opus.lib.background_files import FileState
from opus.lib.database.states import MoveRefused
from opus.lib.dates import date_format
from referrals.acts.audit_entries import record_move
from referrals.appointments import emails
from referrals.appointments.codes import MoveReason
from referrals.appointments.models.appointments import Appointment
from referrals.appointments.models.slots import TimeAndPlace
from referrals.documents.actions import make_document
from referrals.follow_up import actions
from referrals.preselection.follow_on import shortlist_after
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
    """Move it for the agency; e-mail the adviser (domain 5.5)."""
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
    if appointment.can_be_recorded and not (
        appointment.was_handed_over or not_handed_because
    ):
        raise MoveRefused(
            "Marquez le document remis, ou dites pourquoi il ne l’a pas "
            "été (convention, art. 7)."
        )
    appointment.attend(by=by, not_handed_because=not_handed_because)
    record_move(appointment, by=by)


@transaction.atomic
def miss(appointment: Appointment, *, by: User, absence: str) -> None:
    appointment.miss(by=by, absence=absence)
    record_move(appointment, by=by)


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
