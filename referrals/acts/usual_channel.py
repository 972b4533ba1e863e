"""The channel that one click records."""

from accounts.users.models.users import User
from referrals.acts.models.acts import ActStep, Channel


def usual_channel(user: User) -> Channel:
    """Return the adviser's last way of handing over, else in person.

    An e-mail that Opus sent recorded itself: it is not a habit of the adviser.
    """
    said = ActStep.objects.filter(by=user, note__has_key="channel").exclude(
        note__channel=Channel.EMAIL, act__documents__mails__sent_at__isnull=False
    )
    last = said.order_by("-at").values_list("note__channel", flat=True).first()
    return Channel(last) if last else Channel.HAND
