"""Applications with preselection, on offers that delegate it around the structure.

Made by the actions that the pages call, as in ``referrals.demo.acts``.
"""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import NamedTuple, cast

from accounts.models import User
from offers.models import Offer
from referrals import documents
from referrals.actions import follow_up, screened
from referrals.actions.make import make
from referrals.asked import asked_by
from referrals.demo import people
from referrals.demo.acts import days_ago, moment
from referrals.demo.offers import AGENCY
from referrals.models import Channel, ScreenedReferral
from referrals.rights import ActKind

Gesture = Callable[[ScreenedReferral, User, dt.date], object]


class Story(NamedTuple):
    """One application: for whom, how many days ago, and what followed when."""

    last_name: str
    made: int
    then: tuple[tuple[int, Gesture], ...] = ()


def handed_over(act: ScreenedReferral, by: User, day: dt.date) -> None:
    follow_up.hand_over(act, by=by, channel=Channel.HAND, on=day)


def shortlisted(act: ScreenedReferral, by: User, day: dt.date) -> None:
    screened.shortlist(act, by=by)


def presented(act: ScreenedReferral, by: User, day: dt.date) -> None:
    screened.present(act, by=by, on=day)


def asked_for_more(act: ScreenedReferral, by: User, day: dt.date) -> None:
    """The agency looks at it too, and misses something."""
    agent = User.objects.get(identifier=people.AGENT.identifier)
    screened.ask_for_more(act, by=agent)


STORIES = (
    Story("Garnier", 8, ((8, handed_over), (6, shortlisted), (5, presented))),
    Story("Moreira", 4, ((4, handed_over), (2, asked_for_more))),
    Story("Benali", 1, ((1, handed_over),)),
)


def seed_screened() -> int:
    """Tell the stories; none where some stand already, or where no offer is there.

    Returns:
        How many applications were made.
    """
    claire = User.objects.get(identifier=people.ADVISER.identifier)
    if claire.screenedreferrals.exists():
        return 0
    offers = Offer.objects.active().filter(
        agency_safir=AGENCY, preselection=True, delegated=True
    )
    # The oldest first: an act does not come before its offer.
    told = list(zip(STORIES, offers.order_by("created_at", "pk"), strict=False))
    for number, (story, offer) in enumerate(told):
        tell(story, offer, by=claire, number=number)
    return len(told)


def tell(story: Story, offer: Offer, *, by: User, number: int) -> None:
    """One application and what followed, each on its day."""
    candidate = by.candidates.get(last_name=story.last_name)
    made = make(
        ActKind.SCREENED_REFERRAL,
        offer.pk,
        candidate.pk,
        by=by,
        key=uuid.uuid5(uuid.NAMESPACE_URL, f"demo preselection {number}"),
        criteria_met=asked_by(offer)[1:],
    )
    act = cast(ScreenedReferral, made)
    set_back(act, moment(days_ago(story.made)))
    for ago, gesture in story.then:
        day = days_ago(ago)
        last = act.steps.latest("pk").pk
        gesture(act, by, day)
        act.steps.filter(pk__gt=last).update(at=moment(day))


def set_back(act: ScreenedReferral, made_at: dt.datetime) -> None:
    """Give an act and its sheet the day that the story tells."""
    act.created_at = made_at
    act.save(update_fields=["created_at"])
    act.steps.update(at=made_at)
    document = act.documents.get()
    document.created_at = made_at
    document.freeze(documents.body_of(act, made_at=made_at))
    document.save(update_fields=["created_at", "html", "html_sha256"])
