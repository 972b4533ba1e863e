"""E-mails to persons who agreed (ADR 12; V17, V18).

They name neither person, structure, offer nor employer. A document stays behind its
link; appointments have day, hour and place.
"""

from typing import Any

from django.core.mail import EmailMessage
from django.urls import reverse

from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button, compose_email
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import Act
from referrals.candidate_emails.models import DOCUMENT_EFFECT, DocumentMail, MailConsent


@outbox.mail(DOCUMENT_EFFECT)
def document_for_person(*, mail: str) -> EmailMessage | None:
    """Compose the link of a document, with its appointment."""
    row = DocumentMail.objects.select_related("consent__candidate", "document").get(
        pk=mail
    )
    document, act = row.document, row.document.act
    is_valid = row.is_open and act.is_live and not document.is_void
    if not is_valid or act.is_past:
        return None
    appointment = act if act.KIND == ActKind.APPOINTMENT else None
    message = email_to(
        row.consent,
        act,
        subject=subject_of(appointment, document.version),
        template="emails/person_document.txt",
        context={
            "appointment": appointment,
            "is_new_version": document.version > 1,
            "expires_at": row.expires_at,
        },
        button=Button(
            "Voir le document",
            outbox.link(reverse("mailed_document", args=[row.token])),
        ),
    )
    calendar = act.calendar(version=document.version, at=document.created_at)
    if message and calendar:
        message.attach("rendez-vous.ics", calendar, "text/calendar")
    return message


def subject_of(appointment: Act | None, version: int) -> str:
    """Return a subject without personal data (V17)."""
    if appointment is None:
        return "un document vous attend"
    return "votre rendez-vous a changé" if version > 1 else "votre rendez-vous"


def email_to(
    consent: MailConsent | None, act: Act, *, context: dict[str, Any], **parts: Any
) -> EmailMessage | None:
    """Return an e-mail to an act's person, from her follower.

    None without consent or address, or if no account could answer her.
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
    return compose_email(
        to=candidate.email, context=known | context, stop=consent.stop_link, **parts
    )
