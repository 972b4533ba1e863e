"""A person's consent to e-mails; a document sent to her."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.users.models.users import User
from opus.lib.audit import journal
from opus.lib.database.states import MoveRefused
from referrals.candidate_emails import sending
from referrals.candidate_emails.models import DocumentMail, MailConsent
from referrals.candidates.models.candidates import Candidate
from referrals.documents.models import Document


@transaction.atomic
def give_consent(
    candidate: Candidate, *, by: User, given_on: dt.date, way: str
) -> MailConsent:
    """Record the consent to e-mails. Raises MoveRefused: known already."""
    try:
        with transaction.atomic():
            consent = candidate.mail_consents.create(
                given_on=given_on, way=way, recorded_by=by
            )
    except IntegrityError as error:
        raise MoveRefused(
            "L’accord de cette personne est déjà enregistré\u00a0: rechargez la page."
        ) from error
    journal.record(
        journal.Action.MAIL_CONSENT_GIVEN,
        by=by,
        target=candidate,
        persons=[candidate.pk],
        details={"way": str(way), "given_on": given_on.isoformat()},
    )
    return consent


@transaction.atomic
def withdraw_consent(candidate: Candidate, *, by: User | None) -> bool:
    """Withdraw the consent and its links; return False without one.

    ``by`` is None if the person did it by a link.
    """
    live = candidate.mail_consents.live()
    if not live.update(withdrawn_at=timezone.now(), withdrawn_by=by):
        return False
    journal.record(
        journal.Action.MAIL_CONSENT_WITHDRAWN,
        by=by,
        target=candidate,
        persons=[candidate.pk],
        details={} if by else {"by": "person"},
    )
    return True


@transaction.atomic
def mail_document(document: Document, *, by: User) -> DocumentMail:
    """Send the person the link (``sending.be_sent``: handed over).

    Raises MoveRefused: no consent, no address, void, or sent within a day.
    """
    act = document.act
    act.lock()
    if why_not := sending.why_no_email(act, document):
        raise MoveRefused(why_not)
    mail = sending.post(document, act.candidate.mail_consent, by=by)
    journal.record(
        journal.Action.DOCUMENT_MAILED,
        by=by,
        target=document,
        persons=[act.candidate_id],
        details={"mail": str(mail.pk)},
    )
    return mail
