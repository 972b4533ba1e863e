"""What partners are told of meetings and of their proposals: a link (art. 11)."""

from django.core.mail import EmailMessage

from accounts.models import MeetingState, ReviewMeeting, Suggestion, User
from opus.lib import outbox
from opus.lib.outbox import Button


@outbox.mail("minutes-to-read")
def minutes_to_read(*, meeting: str, account: int) -> EmailMessage | None:
    """Minutes wait for the RGC's word; nothing once they are agreed on."""
    row = ReviewMeeting.objects.get(pk=meeting)
    person = User.objects.get(pk=account)
    if not person.is_active or row.state != MeetingState.HELD:
        return None
    return outbox.letter(
        to=person.email,
        subject="un compte rendu de réunion à valider",
        template="emails/minutes_to_read.txt",
        context={"meeting": row},
        button=Button("Lire le compte rendu", outbox.link(row.get_absolute_url())),
    )


@outbox.mail("suggestion-moved")
def suggestion_moved(*, suggestion: str, account: int) -> EmailMessage | None:
    """France Travail moved a proposal: where it stands now is on its page."""
    row = Suggestion.objects.get(pk=suggestion)
    person = User.objects.get(pk=account)
    if not person.is_active:
        return None
    return outbox.letter(
        to=person.email,
        subject="des nouvelles d’une proposition d’évolution",
        template="emails/suggestion_moved.txt",
        context={"is_author": person.pk == row.author_id},
        button=Button("Lire la réponse", outbox.link(row.get_absolute_url())),
    )
