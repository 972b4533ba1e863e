"""E-mails to persons who agreed (ADR 12; V17, V18).

They name neither person, structure, offer nor employer. A document stays behind its
link; appointments have day, hour and place.
"""

import datetime as dt
from typing import Any

from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from opus.lib import outbox
from opus.lib.outbox import Button, letter
from referrals import stopping
from referrals.ics import calendar_of
from referrals.models import (
    Act,
    DocumentMail,
    MailConsent,
    Summons,
    SummonsState,
)
from referrals.models.mails import DOCUMENT_EFFECT
from referrals.models.states import SUMMONS_TO_COME
from referrals.rights import ActKind


@outbox.mail(DOCUMENT_EFFECT)
def document_for_person(*, mail: str) -> EmailMessage | None:
    """The link of a document; for a convocation, when and where."""
    row = DocumentMail.objects.select_related("consent__candidate", "document").get(
        pk=mail
    )
    document, act = row.document, row.document.act
    if not row.is_open or document.is_void or not act.is_live:
        return None
    if act.is_past:
        return None
    summons = act if act.KIND == ActKind.SUMMONS else None
    message = letter_to(
        row.consent,
        act,
        subject=subject_of(summons, document.version),
        template="emails/person_document.txt",
        context={
            "summons": summons,
            "is_new_version": document.version > 1,
            "expires_at": row.expires_at,
        },
        button=Button(
            "Ouvrir le document",
            outbox.link(reverse("mailed_document", args=[row.token])),
        ),
    )
    calendar = act.calendar(version=document.version, at=document.created_at)
    if message and calendar:
        message.attach("rendez-vous.ics", calendar, "text/calendar")
    return message


def subject_of(summons: Act | None, version: int) -> str:
    """Return a subject without personal data (V17)."""
    if summons is None:
        return "un document vous attend"
    return "votre rendez-vous a changé" if version > 1 else "votre rendez-vous"


@outbox.mail("person-appointment-soon")
def appointment_soon(*, summons: str, at: str) -> EmailMessage | None:
    """Two days before, if handed over: when and where (5.8)."""
    act = summons_at(summons, at)
    if act is None or act.state not in SUMMONS_TO_COME or not act.was_handed_over:
        return None
    if not act.offer.is_active or act.is_past:
        return None
    message = letter_to(
        act.candidate.mail_consent,
        act,
        subject="rappel de votre rendez-vous",
        template="emails/person_appointment_soon.txt",
        context={"summons": act},
    )
    document = act.document
    if message and document:
        attach_appointment(message, act, document.version, document.created_at)
    return message


@outbox.mail("person-appointment-off")
def appointment_off(*, summons: str, at: str) -> EmailMessage | None:
    """Cancelled, or moved to a day that the agency must confirm."""
    act = Summons.objects.select_related("candidate__adviser", "structure").get(
        pk=summons
    )
    was_at = dt.datetime.fromisoformat(at)
    is_cancelled = act.state == SummonsState.CANCELLED
    if was_at <= timezone.now() or (act.at == was_at and not is_cancelled):
        return None
    return letter_to(
        act.candidate.mail_consent,
        act,
        subject="votre rendez-vous est annulé",
        template="emails/person_appointment_off.txt",
        context={"was_at": was_at, "is_cancelled": is_cancelled},
    )


def letter_to(
    consent: MailConsent | None, act: Act, *, context: dict[str, Any], **parts: Any
) -> EmailMessage | None:
    """Return an e-mail to the person of an act, from her follower.

    None without consent or address, or if nobody could answer her.
    """
    candidate = act.candidate
    adviser = candidate.follower
    if consent is None or not consent.is_live or not candidate.email:
        return None
    if not adviser.is_active:
        return None
    known = {
        "number": act.number,
        "adviser": adviser,
        "phone": adviser.phone or act.structure.phone,
    }
    return letter(
        to=candidate.email,
        context=known | context,
        stop=stopping.link_for_person(consent),
        **parts,
    )


def summons_at(pk: str, at: str) -> Summons | None:
    """Return the convocation, if its appointment did not change."""
    acts = Summons.objects.select_related("candidate__adviser", "structure", "offer")
    return acts.filter(pk=pk, at=dt.datetime.fromisoformat(at)).first()


def attach_appointment(
    message: EmailMessage, summons: Summons, version: int, at: dt.datetime
) -> None:
    """Attach the calendar file, without names and links."""
    content = calendar_of(summons, version=version, at=at)
    message.attach("rendez-vous.ics", content, "text/calendar")
