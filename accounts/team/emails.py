"""E-mails of the quarterly confirmation (S26)."""

from django.conf import settings
from django.core.mail import EmailMessage

from accounts.team.models import TeamReview
from accounts.users.models import User
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from opus.lib.outbound.outbox import button, compose_email


@outbox.mail("team-review-asked")
def team_review_asked(*, review: int, mark: int) -> EmailMessage | None:
    """Send the quarterly question, then its reminders (S26)."""
    question = TeamReview.objects.select_related("convention").get(pk=review)
    reader = User.objects.rgc_of(question.convention.structure_id).first()
    if not question.is_waiting or reader is None:
        return None
    return compose_email(
        to=reader.email,
        subject="ces personnes travaillent-elles toujours chez vous ?"
        if mark == 0
        else "rappel : confirmez les comptes de votre structure",
        template="accounts/team/emails/team_review_asked.txt",
        context={"review": question, "is_reminder": mark > 0},
        button=button("Répondre", "team_review"),
    )


@outbox.mail("team-review-escalated")
def team_review_escalated(*, review: int, to: int) -> EmailMessage | None:
    """Notify France Travail: three weeks without the RGC's answer."""
    question = TeamReview.objects.select_related("convention__structure").get(pk=review)
    reader = User.objects.get(pk=to)
    if not question.is_waiting or not reader.is_active:
        return None
    return compose_email(
        to=reader.email,
        subject="une structure n’a pas confirmé ses comptes",
        template="accounts/team/emails/team_review_escalated.txt",
        context={
            "review": question,
            "rgc": User.objects.rgc_of(question.convention.structure_id).first(),
            "days": settings.REVIEW_ESCALATES,
            "letters": letters_sent(question),
        },
        button=button(
            "Voir la confirmation", "admin:accounts_teamreview_change", question.pk
        ),
    )


def letters_sent(review: TeamReview) -> int:
    """Count the e-mails that left, the question and its reminders."""
    sent = OutboxEntry.objects.filter(sent_at__isnull=False)
    return sent.filter(
        effect=team_review_asked.name, arguments__review=review.pk
    ).count()
