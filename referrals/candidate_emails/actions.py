"""A person's consent to e-mails; a document sent to her."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.users.models import User
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.database.states import MoveRefused
from referrals.candidate_emails import emails
from referrals.candidate_emails.models import DocumentMail, MailConsent
from referrals.candidates.models import Candidate, Processing, why_silent
from referrals.documents.models import Document


@transaction.atomic
def give_consent(
    candidate: Candidate, *, by: User, given_on: dt.date, way: str
) -> MailConsent:
    """Record the consent to e-mails. Raises MoveRefused: known, or objected to."""
    if limit := candidate.limits.in_force(Processing.EMAILS).first():
        raise MoveRefused(why_silent(limit.reference))
    try:
        with transaction.atomic():
            consent = candidate.mail_consents.create(
                given_on=given_on, way=way, recorded_by=by
            )
    except IntegrityError as error:
        raise MoveRefused(
            "L’accord de ce candidat est déjà enregistré\u00a0: rechargez la page."
        ) from error
    details = {"way": str(way), "given_on": given_on.isoformat()}
    record(Action.MAIL_CONSENT_GIVEN, candidate, by=by, details=details)
    return consent


@transaction.atomic
def withdraw_consent(
    candidate: Candidate, *, by: User | None, only: MailConsent | None = None
) -> bool:
    """Withdraw the consent and its links; return False without one.

    ``by`` is None if the person did it by a link, of that consent ``only``.
    """
    live = candidate.mail_consents.live()
    if only:
        live = live.filter(pk=only.pk)
    if not live.update(withdrawn_at=timezone.now(), withdrawn_by=by):
        return False
    details = {} if by else {"by": "person"}
    record(Action.MAIL_CONSENT_WITHDRAWN, candidate, by=by, details=details)
    return True


@transaction.atomic
def mail_document(document: Document, *, by: User) -> DocumentMail:
    """Send the person the link (``sending.be_sent``: handed over).

    Raises MoveRefused: no consent, no address, void, or sent within a day.
    """
    act = document.act
    act.lock()
    if why_not := emails.why_no_email(act, document):
        raise MoveRefused(why_not)
    mail = emails.post(document, act.candidate.mail_consent, by=by)
    record(Action.DOCUMENT_MAILED, document, by=by, details={"mail": str(mail.pk)})
    return mail


def record(
    action: Action,
    target: Candidate | Document,
    *,
    by: User | None,
    details: dict[str, str],
) -> None:
    """Write the audit entry about one person."""
    person = target.pk if isinstance(target, Candidate) else target.candidate_id
    journal.record(action, by=by, target=target, persons=[person], details=details)
