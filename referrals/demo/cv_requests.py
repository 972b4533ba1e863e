"""Demandes de CV of the demonstration, in the states that its screens show.

Each is made by the actions that the pages call; only the days are set back.
"""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import NamedTuple, cast

from accounts.models import User
from offers.models import Mode, Offer
from referrals import documents
from referrals.actions import cv_requests, follow_up
from referrals.actions.make import make
from referrals.cv_uploads import read
from referrals.demo import people
from referrals.demo.acts import days_ago, moment
from referrals.demo.offers import AGENCY
from referrals.models import Channel, CvRefusal, CvRequest
from referrals.rights import ActKind

Gesture = Callable[[CvRequest, User, dt.date], object]

# The smallest PDF that readers open: one empty page.
EMPTY_CV = b"""%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >> endobj
trailer << /Root 1 0 R >>
%%EOF
"""


def handed_over() -> Gesture:
    return lambda act, by, day: follow_up.hand_over(
        act, by=by, channel=Channel.HAND, on=day
    )


def received() -> Gesture:
    return lambda act, by, day: cv_requests.receive(act, by=by, cv=read(EMPTY_CV))


def not_kept(reason: CvRefusal) -> Gesture:
    """The agency reads it, and says why not."""

    def refuse(act: CvRequest, by: User, day: dt.date) -> None:
        agent = User.objects.get(identifier=people.AGENT.identifier)
        cv_requests.refuse(act, by=agent, reason=reason)

    return refuse


class CvStory(NamedTuple):
    """One request: of whom, how many days ago, and what followed how many days ago."""

    last_name: str
    made: int
    then: tuple[tuple[int, Gesture], ...] = ()


STORIES = (
    CvStory("Moreira", 0),
    # Due three days ago: overdue.
    CvStory("Garnier", 10, ((10, handed_over()),)),
    # It waits at the agency.
    CvStory("Perrin", 4, ((4, handed_over()), (1, received()))),
    CvStory(
        "Haddad",
        16,
        ((16, handed_over()), (11, received()), (9, not_kept(CvRefusal.EXPERIENCE))),
    ),
)


def seed_cv_requests() -> int:
    """Tell the stories, on offers whose preselection France Travail keeps.

    Returns:
        How many requests were made; none where some stand already.
    """
    claire = User.objects.get(identifier=people.ADVISER.identifier)
    if claire.cvrequests.exists():
        return 0
    offers = Offer.objects.active().filter(
        agency_safir=AGENCY, preselection=True, delegated=False
    )
    near = [
        offer
        for offer in offers.order_by("created_at", "reference")
        if offer.mode == Mode.PRESELECTED
    ]
    # The oldest first, of both: an act does not come before its offer.
    stories = sorted(STORIES, key=lambda story: -story.made)
    told = list(zip(stories, near, strict=False))
    for number, (story, offer) in enumerate(told):
        tell(story, offer, by=claire, number=number)
    return len(told)


def tell(story: CvStory, offer: Offer, *, by: User, number: int) -> None:
    """One request and what followed, each on its day."""
    candidate = by.candidates.get(last_name=story.last_name)
    key = uuid.uuid5(uuid.NAMESPACE_URL, f"demo cv {number}")
    made_on = days_ago(story.made)
    due_on = made_on + dt.timedelta(days=7)
    act = make(
        ActKind.CV_REQUEST, offer.pk, candidate.pk, by=by, key=key, due_on=due_on
    )
    cv_request = cast(CvRequest, act)
    set_back(cv_request, moment(made_on))
    for ago, gesture in story.then:
        day = days_ago(ago)
        last = cv_request.steps.latest("pk").pk
        gesture(cv_request, by, day)
        cv_request.steps.filter(pk__gt=last).update(at=moment(day))
        cv_request.files.filter(at__gt=moment(day)).update(at=moment(day))


def set_back(cv_request: CvRequest, made_at: dt.datetime) -> None:
    """Give a request and its letter the day that the story tells."""
    cv_request.created_at = made_at
    cv_request.save(update_fields=["created_at"])
    cv_request.steps.update(at=made_at)
    letter = cv_request.documents.get()
    letter.created_at = made_at
    letter.freeze(documents.body_of(cv_request, made_at=made_at))
    letter.save(update_fields=["created_at", "html", "html_sha256"])
