"""What the act matrix is told about an offer, an adviser and a person."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.db.models import Count, F, Max, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.models import Convention, User
from offers.models import Offer
from referrals.models import (
    LIVE_STATES,
    Candidate,
    Favourite,
    Referral,
    ReferralState,
)
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


@dataclasses.dataclass(frozen=True)
class VitalSigns:
    """How much an offer is worked on already: counts and a day, nobody's name (9.2)."""

    live_acts: int
    in_structure: int
    last_in_structure: dt.datetime | None
    kept_for: int


def vital_signs(offer: Offer, *, by: User) -> VitalSigns:
    """Acts under way anywhere; persons of the structure it was proposed to, and when
    last; for how many persons the adviser keeps it.
    """
    in_structure = Q(structure=by.structure_id) & ~Q(state=ReferralState.CANCELLED)
    counts = Referral.objects.filter(offer=offer).aggregate(
        live_acts=Count("pk", filter=Q(state__in=LIVE_STATES)),
        in_structure=Count("candidate", distinct=True, filter=in_structure),
        last_in_structure=Max("created_at", filter=in_structure),
    )
    kept = Favourite.objects.visible_to(by).filter(offer=offer, adviser__isnull=True)
    return VitalSigns(**counts, kept_for=kept.count())


def proposed_elsewhere(
    offers: Sequence[Offer], candidate: Candidate
) -> dict[str, dt.date]:
    """By offer, the last day when another structure proposed it to the same person.

    The same person is the same France Travail identifier. Neither the structure nor
    the adviser is told: their work with her is theirs (art. 9.2).
    """
    if not candidate.ft_id:
        return {}
    last = (
        Referral.objects.filter(offer__in=offers, candidate__ft_id=candidate.ft_id)
        .exclude(structure=candidate.structure_id)
        .exclude(state=ReferralState.CANCELLED)
        .order_by()
        .values_list("offer")
        .annotate(at=Max("created_at"))
    )
    return {offer: timezone.localdate(at) for offer, at in last}


# --- Several offers at once --------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Prospect:
    """One of several offers for one person: what the matrix says of it now.

    ``live`` is the act under way for that person on that offer, if there is one;
    ``elsewhere_on`` the last day when another structure proposed it to her.
    """

    offer: Offer
    answer: Answer
    live: Referral | None = None
    elsewhere_on: dt.date | None = None

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

    Three queries, however many the offers.
    """
    acts = Referral.objects.live().filter(offer__in=offers, candidate=candidate)
    live = {act.offer_id: act for act in acts.select_related("outcome__code")}
    hires = hires_by_offer(offers)
    elsewhere = proposed_elsewhere(offers, candidate)
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
        found.append(
            Prospect(offer, answer, live.get(offer.pk), elsewhere.get(offer.pk))
        )
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
