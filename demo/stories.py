"""Demo acts, made by the real actions, then dated back."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.users.models import User
from demo import people
from offers.catalogue.models import Offer
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act, Channel
from referrals.documents import documents
from referrals.follow_up import actions
from referrals.making.actions import make

Gesture = Callable[[Any, User, dt.date], object]


class Story(NamedTuple):
    last_name: str
    made: int
    then: tuple[tuple[int, Gesture], ...] = ()


def play(
    kind: ActKind,
    stories: Iterable[Story],
    offers: Iterable[Offer],
    *,
    by: User,
    details: Callable[[Offer, dt.date], dict[str, Any]] = lambda offer, day: {},
) -> int:
    """Make the acts, the oldest first, never before their offer."""
    pairs = list(
        zip(sorted(stories, key=lambda story: -story.made), offers, strict=False)
    )
    for number, (story, offer) in enumerate(pairs):
        made_on = days_ago(story.made)
        act: Any = make(
            kind,
            offer.pk,
            by.candidates.get(last_name=story.last_name).pk,
            by=by,
            key=uuid.uuid5(uuid.NAMESPACE_URL, f"demo {by.identifier} {kind} {number}"),
            **details(offer, made_on),
        )
        set_back(act, moment(made_on))
        for ago, gesture in story.then:
            day = days_ago(ago)
            last = act.steps.latest("pk").pk
            gesture(act, by, day)
            act.steps.filter(pk__gt=last).update(at=moment(day))
    return len(pairs)


def set_back(act: Act, made_at: dt.datetime) -> None:
    act.created_at = made_at
    act.save(update_fields=["created_at"])
    act.steps.update(at=made_at)
    document = act.documents.get()
    document.created_at = made_at
    document.freeze(documents.body_of(act, made_at=made_at))
    document.save(update_fields=["created_at", "html", "html_sha256"])


def days_ago(days: int) -> dt.date:
    return timezone.localdate() - dt.timedelta(days=days)


def moment(day: dt.date) -> dt.datetime:
    """Return noon of a past day, or now for today."""
    return min(people.noon(day), timezone.now())


def handed_over(channel: Channel = Channel.HAND) -> Gesture:
    return lambda act, by, day: actions.hand_over(act, by=by, channel=channel, on=day)


def agent() -> User:
    return people.AGENT.account
