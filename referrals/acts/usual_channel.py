"""The channel that one click records."""

from typing import Any

from accounts.users.models.users import User
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import Channel
from referrals.acts.registry import MODELS


def usual_channel(user: User) -> Channel:
    """Return the adviser's last way of handing over, else in person.

    An e-mail that Opus sent recorded itself: it is not a habit of the adviser.
    """
    first, *others = (_channels(kind, user) for kind in ActKind)
    last = first.union(*others, all=True).order_by("-at").first()
    return Channel(last[0]) if last else Channel.HAND


def _channels(kind: ActKind, user: User) -> Any:
    model: Any = MODELS[kind]
    steps = model.steps.rel.related_model._default_manager
    sent = {f"{kind.name.lower()}__documents__mails__sent_at__isnull": False}
    return (
        steps.filter(by=user, note__has_key="channel")
        .exclude(note__channel=Channel.EMAIL, **sent)
        .order_by()
        .values_list("note__channel", "at")
    )
