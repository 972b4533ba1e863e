"""Mises en contact in every state, told as the weeks of an adviser.

Each is made by the actions that the pages call, so its document and its timeline are
true ones; only the days are set back.
"""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import NamedTuple

from django.utils import timezone

from accounts.models import User
from offers.mirror import writing_offers
from offers.models import Offer, OfferState
from referrals import documents
from referrals.actions import follow_up
from referrals.actions.refer import refer
from referrals.demo import people
from referrals.demo.offers import AGENCY
from referrals.models import (
    CancelReason,
    Channel,
    DeclaredBy,
    Document,
    Outcome,
    OutcomeCode,
    Referral,
    ReferralStep,
)

Gesture = Callable[[Referral, User, dt.date], object]


def handed_over(channel: Channel = Channel.HAND) -> Gesture:
    return lambda act, by, day: follow_up.hand_over(act, by=by, channel=channel, on=day)


def contacted() -> Gesture:
    return lambda act, by, day: follow_up.contact(act, by=by, on=day)


def interviewed(in_days: int = 0) -> Gesture:
    return lambda act, by, day: follow_up.interview(
        act, by=by, on=day + dt.timedelta(days=in_days)
    )


def ended(code: str, said_by: DeclaredBy = DeclaredBy.CANDIDATE) -> Gesture:
    return lambda act, by, day: follow_up.record_outcome(
        act,
        by=by,
        code=OutcomeCode.objects.get(pk=code),
        declared_by=said_by,
        on=day,
    )


def cancelled(reason: CancelReason) -> Gesture:
    return lambda act, by, day: follow_up.cancel(act, by=by, reason=reason)


def corrected_by_the_agency(code: str) -> Gesture:
    """France Travail's word replaces the adviser's (design 2.10)."""

    def correct(act: Referral, by: User, day: dt.date) -> None:
        agent = User.objects.get(identifier=people.AGENT.identifier)
        ended(code, DeclaredBy.FRANCE_TRAVAIL)(act, agent, day)

    return correct


def withdrawn() -> Gesture:
    """The agency suspends the offer: the act keeps its place (design 2.7)."""

    def withdraw(act: Referral, by: User, day: dt.date) -> None:
        with writing_offers():
            Offer.objects.filter(pk=act.offer_id).update(
                state=OfferState.SUSPENDED, state_at=moment(day)
            )

    return withdraw


class Story(NamedTuple):
    """One act: for whom, how many days ago, and what followed how many days ago."""

    last_name: str
    made: int
    then: tuple[tuple[int, Gesture], ...] = ()


STORIES = (
    Story("Benali", 0),
    Story("Moreira", 0),
    Story("Perrin", 1, ((0, handed_over()),)),
    Story("Petitjean", 17, ((16, handed_over(Channel.POST)),)),
    Story("Garnier", 6, ((6, handed_over()), (4, contacted()))),
    Story("Diallo", 9, ((9, handed_over()), (7, contacted()), (3, interviewed(5)))),
    Story("Vernay", 12, ((11, handed_over(Channel.EMAIL)), (5, interviewed()))),
    Story(
        "Charvet",
        25,
        (
            (25, handed_over()),
            (21, contacted()),
            (18, interviewed()),
            (14, ended("embauche", DeclaredBy.EMPLOYER)),
        ),
    ),
    Story(
        "Haddad",
        20,
        ((20, handed_over()), (13, ended("non-retenu-experience"))),
    ),
    Story(
        "Saïdi",
        30,
        (
            (29, handed_over(Channel.SMS)),
            (22, ended("sans-nouvelles", DeclaredBy.ADVISER)),
            (19, corrected_by_the_agency("absent")),
        ),
    ),
    Story(
        "Rivoire", 15, ((15, handed_over()), (10, cancelled(CancelReason.CANDIDATE)))
    ),
    Story("Ilić", 3, ((3, handed_over()), (1, withdrawn()))),
    Story(
        "Benali",
        28,
        ((27, handed_over()), (24, contacted()), (20, ended("non-retenu-autre"))),
    ),
)


def seed_acts() -> int:
    """Tell the stories, on offers around the structure; none where some stand already.

    Returns:
        How many acts were made.
    """
    claire = User.objects.get(identifier=people.ADVISER.identifier)
    if claire.referrals.exists():
        return 0
    offers = Offer.objects.active().filter(agency_safir=AGENCY, preselection=False)
    # The oldest first, of both: an act does not come before its offer.
    stories = sorted(STORIES, key=lambda story: -story.made)
    told = list(zip(stories, offers.order_by("created_at", "reference"), strict=False))
    for number, (story, offer) in enumerate(told):
        tell(story, offer, by=claire, number=number)
    return len(told)


def tell(story: Story, offer: Offer, *, by: User, number: int) -> None:
    """One act and what followed, each on its day."""
    candidate = by.candidates.get(last_name=story.last_name)
    key = uuid.uuid5(uuid.NAMESPACE_URL, f"demo {number}")
    act = refer(offer.pk, candidate.pk, by=by, key=key)
    set_back(act, moment(days_ago(story.made)))
    steps = ReferralStep.objects.filter(referral=act)
    for ago, gesture in story.then:
        day = days_ago(ago)
        last = steps.latest("pk").pk
        gesture(act, by, day)
        steps.filter(pk__gt=last).update(at=moment(day))
        Outcome.objects.filter(referral=act, on=day).update(at=moment(day))
        void = Document.objects.filter(referral=act, void_at__isnull=False)
        void.update(void_at=moment(day))


def set_back(act: Referral, made_at: dt.datetime) -> None:
    """Give an act and its sheet the day that the story tells."""
    act.created_at = made_at
    act.save(update_fields=["created_at"])
    ReferralStep.objects.filter(referral=act).update(at=made_at)
    document = Document.objects.get(referral=act)
    document.created_at = made_at
    document.freeze(documents.body_of(act, made_at=made_at))
    document.save(update_fields=["created_at", "html", "html_sha256"])


def days_ago(days: int) -> dt.date:
    return timezone.localdate() - dt.timedelta(days=days)


def moment(day: dt.date) -> dt.datetime:
    """Noon of a past day, and now for today."""
    return min(people.noon(day), timezone.now())
