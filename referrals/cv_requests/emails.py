"""E-mails about CVs, without names."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.users.models.users import User
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button, compose_email
from referrals.cv_requests.models import CvRequest


@outbox.mail("cv-answered")
def cv_answered(*, cv_request: str) -> EmailMessage | None:
    act = CvRequest.objects.select_related("candidate__adviser").get(pk=cv_request)
    reader = act.candidate.follower
    if not (reader.is_active and reader.decision_emails):
        return None
    return compose_email(
        to=reader.email,
        subject="France Travail a répondu à une demande de CV",
        template="emails/cv_answered.txt",
        context={"person": reader, "number": act.number},
        button=Button("Lire la réponse", outbox.link(act.get_absolute_url())),
    )


@outbox.mail("cvs-overdue")
def cvs_overdue(*, adviser: int) -> EmailMessage | None:
    """Overdue CVs (domain 5.8)."""
    reader = User.objects.get(pk=adviser)
    overdue = CvRequest.objects.visible_to(reader).overdue().count()
    if not overdue or not reader.is_active:
        return None
    return compose_email(
        to=reader.email,
        subject="un CV attendu est en retard"
        if overdue == 1
        else f"{overdue} CV attendus sont en retard",
        template="emails/cvs_overdue.txt",
        context={
            "person": reader,
            "overdue": overdue,
            "closed_after": settings.CV_CLOSED_AFTER.days,
        },
        button=Button(
            "Voir les CV en retard",
            outbox.link(f"{reverse('cv_requests')}?etat=en-retard"),
        ),
    )
