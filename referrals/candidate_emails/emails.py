"""E-mails to persons who agreed (ADR 12; V17, V18).

They name neither person, structure, offer nor employer. A document stays behind its
link; appointments have day, hour and place.
"""

from typing import Any

from django.core.mail import EmailMessage
from django.db.models import Value
from django.urls import reverse
from django.utils import timezone

from accounts.users.models import User
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button, compose_email
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act, Channel, record_move
from referrals.candidate_emails.models import (
    DOCUMENT_EFFECT,
    ONCE_IN,
    DocumentMail,
    MailConsent,
)
from referrals.candidates.models import Candidate, Processing, why_silent
from referrals.documents.models import Document


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
    # Without personal data (V17).
    subject = "un document vous attend"
    if appointment:
        is_new = document.version > 1
        subject = "votre rendez-vous a changé" if is_new else "votre rendez-vous"
    message = email_to(
        row.consent,
        act,
        subject=subject,
        template="referrals/candidate_emails/emails/person_document.txt",
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


NO_CONSENT = (
    "Ce candidat n’a pas donné son accord pour recevoir des courriels, ou l’a retiré."
)


def may_be_written_to(candidate: Candidate) -> bool:
    limits = candidate.limits.in_force(Processing.EMAILS)
    has_agreed = bool(candidate.email) and candidate.mail_consent is not None
    return has_agreed and not limits.exists()


def why_no_email(act: Act, document: Document | None) -> str:
    """Return why this document cannot be sent, or ""."""
    candidate = act.candidate
    if not candidate.email:
        return "La fiche de ce candidat n’a pas d’adresse de courriel."
    limits = candidate.limits.in_force(Processing.EMAILS).order_by()
    agreed = (
        candidate.mail_consents.live()
        .order_by()
        .values_list(Value("accord"), Value(""))
    )
    found = limits.values_list(Value("limite"), "reference").union(agreed, all=True)
    said = dict(found.order_by())
    if "limite" in said:
        return why_silent(said["limite"])
    if "accord" not in said:
        return NO_CONSENT
    if document is None or document.is_void or not act.is_live:
        return "Ce document n’est plus valable\u00a0: il ne s’envoie pas."
    if act.why_no_email:
        return act.why_no_email
    if email_of_last_day(document):
        return (
            "Ce document est déjà parti par courriel, ou en route, depuis moins de 24 "
            "heures."
        )
    return ""


def email_of_last_day(document: Document) -> DocumentMail | None:
    """Return its mail of the last day, same address (R8)."""
    since = timezone.now() - ONCE_IN
    mails = document.mails.left().filter(asked_at__gt=since, consent__withdrawn_at=None)
    mail: DocumentMail | None = mails.first()
    return mail


def post(document: Document, consent: MailConsent, *, by: User) -> DocumentMail:
    mail = DocumentMail.begin(document, consent, by=by)
    document_for_person.post(key=str(mail.pk), mail=str(mail.pk))
    return mail


@outbox.once_sent(DOCUMENT_EFFECT)
def be_sent(*, mail: str) -> None:
    """Record the adviser's hand-over by e-mail, unless done otherwise (art. 7).

    An agency that moves an appointment has it written, and hands nothing over.
    """
    row = DocumentMail.objects.select_related("document", "asked_by").get(pk=mail)
    row.sent_at = timezone.now()
    row.save(update_fields=["sent_at"])
    act = row.document.act
    act.lock()
    if row.asked_by.is_staff or not act.can_be_handed_over:
        return
    act.hand_over(by=row.asked_by, channel=Channel.EMAIL, on=timezone.localdate())
    record_move(act, by=row.asked_by, mail=str(row.pk))


def close_links(candidate: Candidate) -> None:
    DocumentMail.objects.filter(
        consent__candidate=candidate, closed_at__isnull=True
    ).update(closed_at=timezone.now())
