"""E-mails about CVs, without names."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.users.models import User
from opus.lib.outbound import outbox
from referrals.acts.emails import email_adviser
from referrals.cv_requests.models import CvRequest


@outbox.mail("cv-answered")
def cv_answered(*, cv_request: str) -> EmailMessage | None:
    act = CvRequest.objects.select_related("candidate__adviser").get(pk=cv_request)
    reader = act.candidate.follower
    return email_adviser(
        reader,
        reader.decision_emails,
        "France Travail a répondu à une demande de CV",
        template="referrals/cv_requests/emails/cv_answered.txt",
        number=act.number,
        button=outbox.button("Lire la réponse", act),
    )


@outbox.mail("cvs-overdue")
def cvs_overdue(*, adviser: int) -> EmailMessage | None:
    """Overdue CVs."""
    reader = User.objects.get(pk=adviser)
    overdue = CvRequest.objects.visible_to(reader).overdue().count()
    page = f"{reverse('cv_requests')}?etat=en-retard"
    return email_adviser(
        reader,
        overdue,
        "un CV attendu est en retard",
        f"{overdue} CV attendus sont en retard",
        template="referrals/cv_requests/emails/cvs_overdue.txt",
        overdue=overdue,
        closed_after=settings.CV_CLOSED_AFTER.days,
        button=outbox.button("Voir les CV en retard", page),
    )
