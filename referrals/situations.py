"""What the act matrix is told about an offer, an adviser and a person."""

import datetime as dt

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts.models import Convention, User
from offers.models import Offer
from referrals.models import Candidate, Referral
from referrals.models.outcomes import OutcomeKind
from referrals.rights import ActKind, Situation


def situation_of(
    offer: Offer,
    *,
    by: User,
    convention: Convention | None,
    posts_left: int | None,
    candidate: Candidate | None = None,
) -> Situation:
    """The plain values that ``rights.acts_on`` judges.

    Args:
        convention: that of the adviser's structure today, or None.
        posts_left: from ``posts_left``, or the offer's own figure in a long list.
    """
    return Situation(
        role=by.role,
        account_state=by.state,
        convention_in_force=convention is not None and convention.is_in_force(),
        services=frozenset(convention.services if convention else ()),
        mode=offer.mode,
        offer_state=offer.state,
        posts_left=posts_left,
        live_acts=live_acts(offer, candidate) if candidate else frozenset(),
        reading=settings.ACTS_READING,
    )


def live_acts(offer: Offer, candidate: Candidate) -> frozenset[ActKind]:
    """The kinds of act under way for this person on this offer."""
    acts = Referral.objects.live().filter(offer=offer, candidate=candidate)
    return frozenset({ActKind.REFERRAL} if acts.exists() else ())


def told_posts(offer: Offer) -> int | None:
    """The posts that France Travail's content tells: those left, else those opened."""
    return offer.posts if offer.posts_left is None else offer.posts_left


def posts_left(offer: Offer) -> int | None:
    """The posts still to fill, or None where nothing limits them (design 2.1).

    What France Travail's content tells, minus the hires known to Opus since: those
    recorded after the content and not dated before it.
    """
    told = told_posts(offer)
    return None if told is None else max(0, told - hires_since(offer, offer.updated_at))


def hires_since(offer: Offer, instant: dt.datetime) -> int:
    """How many acts on this offer ended in a hire that the content cannot know yet."""
    return Referral.objects.filter(
        Q(outcome__at__gt=instant, outcome__on__gte=timezone.localdate(instant)),
        offer=offer,
        outcome__code__kind=OutcomeKind.HIRED,
    ).count()
