"""E-mails about appointments, without names (V17, V18).

To advisers; and to the persons who agreed, with day, hour and place.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from accounts.users.models import User
from opus.lib.dates import date_format
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry, OutboxQuerySet
from opus.lib.outbound.outbox import Effect, Item
from referrals.acts.emails import email_adviser
from referrals.acts.next_step import NextStep, task_of
from referrals.acts.states import APPOINTMENT_TO_COME, AppointmentState
from referrals.appointments.models import Appointment
from referrals.candidate_emails.emails import email_to, may_be_written_to, post
from referrals.candidate_emails.models import email_of, with_emails

# Nobody is sent to an appointment by a paper that the offer made void.
VOIDED = {NextStep.WITHDRAWN, NextStep.REPLACE, NextStep.RENEW}


@outbox.mail("appointments-soon")
def appointments_soon(*, adviser: int, told_at: str) -> EmailMessage | None:
    reader = User.objects.get(pk=adviser)
    acts = Appointment.objects.visible_to(reader).filter(
        reminded_at=dt.datetime.fromisoformat(told_at),
        state__in=APPOINTMENT_TO_COME,
        details__at__gt=timezone.now(),
    )
    acts = with_emails(acts.with_next_step().select_related("offer"))
    soon = list(acts.order_by("details__at", "pk"))
    return email_adviser(
        reader,
        len(soon),
        "un rendez-vous approche",
        f"{len(soon)} rendez-vous approchent",
        template="referrals/appointments/emails/appointments_soon.txt",
        appointments=len(soon),
        to_hand_over=sum(act.next_step == NextStep.HAND_OVER for act in soon),
        void=sum(act.next_step in VOIDED for act in soon),
        reminded=entries_of(appointment_soon, soon).count(),
        items=[item_of(act) for act in soon],
        button=outbox.button("Voir mes convocations", "appointments"),
    )


@outbox.mail("appointments-untold")
def appointments_untold(*, adviser: int, told_at: str) -> EmailMessage | None:
    """Compose the appointments without result after a week."""
    reader = User.objects.get(pk=adviser)
    acts = Appointment.objects.visible_to(reader).filter(
        reminded_at=dt.datetime.fromisoformat(told_at)
    )
    past = acts.past_without_status().select_related("offer")
    untold = list(past.order_by("details__at", "pk"))
    page = f"{reverse('appointments')}?etat=a-renseigner"
    return email_adviser(
        reader,
        len(untold),
        "un rendez-vous à renseigner",
        f"{len(untold)} rendez-vous à renseigner",
        template="referrals/appointments/emails/appointments_untold.txt",
        appointments=len(untold),
        items=[item_of(act) for act in untold],
        button=outbox.button("Dire ce qu’il en a été", page),
    )


# What only informs: the adviser may do without an e-mail.
DECISIONS = {AppointmentState.KEPT, AppointmentState.NOT_KEPT}
# The agency's decision in words, by the new state; its agreement changes no state.
AGENCY_WORDS = {
    "proposed": "la date n’est pas possible, elle en propose une autre\u00a0: "
    "acceptez-la ou choisissez-en une troisième",
    "confirmed": "la date et le lieu sont confirmés",
    AppointmentState.CANCELLED: "le rendez-vous est annulé",
    AppointmentState.KEPT: "la candidature est retenue, une mise en contact est créée",
    AppointmentState.NOT_KEPT: "la candidature n’est pas retenue, dites-le au candidat",
}


def read_with_step(appointment: str) -> Any:
    """Return the appointment, with what its adviser must do next."""
    acts = Appointment.objects.with_next_step()
    return acts.select_related("candidate__adviser").get(pk=appointment)


@outbox.mail("agency-spoke")
def agency_spoke(*, appointment: str, word: str) -> EmailMessage | None:
    act = read_with_step(appointment)
    reader = act.candidate.follower
    is_cancelled = word == AppointmentState.CANCELLED
    message = email_adviser(
        reader,
        word not in DECISIONS or reader.decision_emails,
        "l’agence a répondu sur une convocation",
        template="referrals/appointments/emails/agency_spoke.txt",
        number=act.number,
        at=act.at,
        word=AGENCY_WORDS[word],
        to_hand_over=word == "confirmed" and act.next_step == NextStep.HAND_OVER,
        written=written_of_end(act) if is_cancelled else "",
        button=outbox.button("Voir la convocation", act),
    )
    return enclose_event(message, act) if is_cancelled else message


@outbox.mail("appointment-moved")
def appointment_moved(*, appointment: str) -> EmailMessage | None:
    act = read_with_step(appointment)
    message = email_adviser(
        act.candidate.follower,
        act.is_live,
        "l’agence a déplacé un rendez-vous",
        template="referrals/appointments/emails/appointment_moved.txt",
        number=act.number,
        at=act.at,
        written=written_of_date(act),
        to_hand_over=act.next_step == NextStep.HAND_OVER,
        button=outbox.button("Voir la convocation", act),
    )
    return enclose_event(message, act)


NOTHING_WRITTEN = "Opus n’a rien écrit au candidat\xa0: prévenez-le."


def written_of_date(act: Appointment) -> str:
    """Return what Opus wrote to the person of a new date."""
    mail = email_of(act.document) if act.document else None
    if mail is None:
        return NOTHING_WRITTEN
    if mail.sent_at:
        return "Opus a écrit la nouvelle date au candidat, par courriel."
    return (
        "Opus écrit aussi la nouvelle date au candidat\xa0: la page de la "
        "convocation dit si ce courriel est parti."
    )


def written_of_end(act: Appointment) -> str:
    """Return what Opus wrote to the person of a cancellation."""
    entry = entries_of(appointment_off, [act]).first()
    if entry is None:
        return NOTHING_WRITTEN
    if entry.sent_at:
        return "Opus l’a écrit au candidat, par courriel."
    return "Opus l’écrit aussi au candidat, par courriel."


def entries_of(letter: Effect, acts: Sequence[Appointment]) -> OutboxQuerySet:
    """Return what of these letters has left, or is about to."""
    sent = OutboxEntry.objects.filter(
        effect=letter.name, key__in=[key_of(act) for act in acts]
    )
    return sent.filter(dropped_at__isnull=True, given_up_at__isnull=True)


def enclose_event(
    message: EmailMessage | None, act: Appointment
) -> EmailMessage | None:
    """Attach the event; the same UID updates the calendar."""
    if message:
        event = act.calendar_for_adviser()
        message.attach(f"{act.number}.ics", event, "text/calendar")
    return message


def item_of(act: Appointment) -> Item:
    """Return one line: the act's number and hour."""
    at = date_format(timezone.localtime(act.at), "l j F, G \\h i")
    note = ""
    if act.is_to_come and (task := task_of(act)):
        note = task.label[0].lower() + task.label[1:]
    elif act.waits_for_agency:
        note = "l’agence ne l’a pas encore confirmé"
    return Item(f"{act.number} : {at}", note, outbox.link(act.get_absolute_url()))


@outbox.mail("person-appointment-soon")
def appointment_soon(*, appointment: str, at: str) -> EmailMessage | None:
    """Compose the reminder, two days before, if she has the date (5.8)."""
    # If its appointment did not change.
    acts = Appointment.objects.filter(
        pk=appointment, details__at=dt.datetime.fromisoformat(at)
    )
    act = acts.select_related("candidate__adviser", "structure", "offer").first()
    if act is None or act.state not in APPOINTMENT_TO_COME or act.is_past:
        return None
    document = act.document
    if document is None or document.is_void or not act.is_known_to_person:
        return None
    message = email_to(
        act.candidate.mail_consent,
        act,
        subject="rappel de votre rendez-vous",
        template="referrals/appointments/emails/person_appointment_soon.txt",
        context={"appointment": act},
    )
    if message:
        # Without names and links.
        content = act.calendar(version=document.version, at=document.created_at)
        message.attach("rendez-vous.ics", content, "text/calendar")
    return message


@outbox.mail("person-appointment-off")
def appointment_off(*, appointment: str, at: str) -> EmailMessage | None:
    """Compose the cancellation, or a move to an unconfirmed day."""
    act = Appointment.objects.select_related("candidate__adviser", "structure").get(
        pk=appointment
    )
    was_at = dt.datetime.fromisoformat(at)
    is_cancelled = act.state == AppointmentState.CANCELLED
    if was_at <= timezone.now() or (act.at == was_at and not is_cancelled):
        return None
    return email_to(
        act.candidate.mail_consent,
        act,
        subject="votre rendez-vous est annulé",
        template="referrals/appointments/emails/person_appointment_off.txt",
        context={"was_at": was_at, "is_cancelled": is_cancelled},
    )


def email_new_appointment(
    appointment: Appointment, *, was: Appointment, by: User
) -> None:
    """E-mail the new appointment, or the cancellation, if she agreed."""
    if not may_be_written_to(appointment.candidate):
        return
    document = appointment.document
    if document is None or appointment.waits_for_agency:
        post_cancellation(appointment, was)
    else:
        post(document, appointment.candidate.mail_consent, by=by)


def email_cancellation(appointment: Appointment) -> None:
    """E-mail the cancellation to the person who had the appointment."""
    if not appointment.is_known_to_person or appointment.is_past:
        return
    if may_be_written_to(appointment.candidate):
        post_cancellation(appointment, appointment)


def post_cancellation(appointment: Appointment, was: Appointment) -> None:
    at = was.at.isoformat()
    appointment_off.post(key=key_of(was), appointment=str(appointment.pk), at=at)


def key_of(appointment: Appointment) -> str:
    """Return the key of the person's letters about this date."""
    return f"{appointment.pk}:{appointment.at.isoformat()}"


def email_reminder(appointment: Appointment) -> None:
    """E-mail a reminder, once for each date, with consent; not of a void paper."""
    document = appointment.document
    if document is None or document.is_void or not appointment.is_known_to_person:
        return
    if may_be_written_to(appointment.candidate):
        at = appointment.at.isoformat()
        appointment_soon.post(
            key=key_of(appointment), appointment=str(appointment.pk), at=at
        )
