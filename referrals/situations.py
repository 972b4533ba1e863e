"""What the act matrix is told about an offer, an adviser and a person."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.db.models import Count, F, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.models import Convention, User
from offers.models import Offer
from referrals.models import Candidate, Referral
from referrals.models.outcomes import OutcomeKind
from referrals.rights import ActKind, Answer, Situation, acts_on


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


# --- Several offers at once --------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Prospect:
    """One of several offers for one person: what the matrix says of it now.

    ``live`` is the act under way for that person on that offer, if there is one.
    """

    offer: Offer
    answer: Answer
    live: Referral | None = None

    @property
    def is_allowed(self) -> bool:
        return self.answer.is_allowed


def prospects(
    offers: Sequence[Offer],
    candidate: Candidate,
    *,
    by: User,
    convention: Convention | None,
) -> list[Prospect]:
    """What ``acts_on`` says of a mise en contact of this person with each offer.

    Two queries, however many the offers.
    """
    acts = Referral.objects.live().filter(offer__in=offers, candidate=candidate)
    live = {act.offer_id: act for act in acts.select_related("outcome__code")}
    hires = hires_by_offer(offers)
    found = []
    for offer in offers:
        told = told_posts(offer)
        situation = situation_of(
            offer,
            by=by,
            convention=convention,
            posts_left=None if told is None else max(0, told - hires.get(offer.pk, 0)),
        )
        if offer.pk in live:
            kinds = frozenset({ActKind.REFERRAL})
            situation = dataclasses.replace(situation, live_acts=kinds)
        answer = acts_on(situation)[ActKind.REFERRAL]
        found.append(Prospect(offer, answer, live.get(offer.pk)))
    return found


def hires_by_offer(offers: Sequence[Offer]) -> dict[str, int]:
    """``hires_since`` its own content, of each offer that has any; one query."""
    hires = (
        Referral.objects.filter(
            offer__in=offers,
            outcome__code__kind=OutcomeKind.HIRED,
            outcome__at__gt=F("offer__updated_at"),
            outcome__on__gte=TruncDate("offer__updated_at"),
        )
        .order_by()
        .values_list("offer")
        .annotate(number=Count("pk"))
    )
    return dict(hires)
