"""E-mail of a review meeting: a link (V17)."""

from django.core.mail import EmailMessage

from accounts.meetings.models import ReviewMeeting
from accounts.users.models import User
from accounts.users.territory import is_opened_today
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import button


@outbox.mail("minutes-to-read")
def minutes_to_read(*, meeting: str, account: int) -> EmailMessage | None:
    """Announce minutes to the RGC; None once they are answered."""
    row = ReviewMeeting.objects.get(pk=meeting)
    person = User.objects.get(pk=account)
    if not person.is_active or not row.awaits_reply or not is_opened_today(person):
        return None
    return outbox.compose_email(
        to=person.email,
        subject="un compte rendu de réunion à valider",
        template="accounts/meetings/emails/minutes_to_read.txt",
        context={"meeting": row},
        button=button("Lire le compte rendu", row),
    )
