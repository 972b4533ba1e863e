"""What the act matrix is told about an offer, an adviser and a person."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from accounts.models import Convention, User
from offers.models import Offer
from referrals.kinds import MODELS, acts_of, every_act
from referrals.models import Act, Candidate, Favourite, Outcome
from referrals.models.outcomes import OutcomeKind
from referrals.rights import ActKind, Answer, Situation, acts_on, usual_on


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
    live = every_act(lambda acts: acts.live().filter(offer=offer, candidate=candidate))
    return frozenset(ActKind(kind) for (kind,) in live)


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
    hires = hires_on([offer]).filter(
        at__gt=instant, on__gte=timezone.localdate(instant)
    )
    return hires.count()


def hires_on(offers: Sequence[Offer]) -> QuerySet[Outcome]:
    """The hires on these offers that count: of both kinds of mise en contact."""
    return Outcome.objects.filter(
        Q(referral__outcome=F("pk"), referral__offer__in=offers)
        | Q(screened_referral__outcome=F("pk"), screened_referral__offer__in=offers),
        code__kind=OutcomeKind.HIRED,
    )


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
    rows = every_act(
        lambda acts: acts.filter(offer=offer).exclude(state=Act.CANCELLED),
        *("state", "structure", "candidate", "created_at"),
    )
    live, persons, dates = 0, set(), []
    for kind, state, structure, person, made_at in rows:
        live += state in MODELS[kind].LIVE
        if structure == by.structure_id:
            persons.add(person)
            dates.append(made_at)
    kept = Favourite.objects.visible_to(by).filter(offer=offer, adviser__isnull=True)
    return VitalSigns(live, len(persons), max(dates, default=None), kept.count())


def proposed_elsewhere(
    offers: Sequence[Offer], candidate: Candidate
) -> dict[str, dt.date]:
    """By offer, the last day when another structure proposed it to the same person.

    The same person is the same France Travail identifier. Neither the structure nor
    the adviser is told: their work with her is theirs (art. 9.2).
    """
    if not candidate.ft_id:
        return {}
    rows = every_act(
        lambda acts: (
            acts.filter(offer__in=offers, candidate__ft_id=candidate.ft_id)
            .exclude(structure=candidate.structure_id)
            .exclude(state=Act.CANCELLED)
        ),
        *("offer", "created_at"),
    )
    last: dict[str, dt.date] = {}
    for _, offer, made_at in rows:
        day = timezone.localdate(made_at)
        last[offer] = max(day, last.get(offer, day))
    return last


# --- Several offers at once --------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Prospect:
    """One of several offers for one person: what the matrix says of it now.

    ``kind`` is the act that this offer gets (``rights.usual_on``), ``live`` the one
    under way for that person on that offer, if there is one; ``elsewhere_on`` the last
    day when another structure proposed it to her.
    """

    offer: Offer
    kind: ActKind
    answer: Answer
    live: Act | None = None
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
    """What ``acts_on`` says of the act that each offer gets for this person.

    As many queries, however many the offers: two, and one for each kind of act.
    """
    kinds = {offer.pk: usual_on(offer.mode, settings.ACTS_READING) for offer in offers}
    live: dict[str, Act] = {}
    for kind in set(kinds.values()):
        asked = [reference for reference, one in kinds.items() if one == kind]
        acts = acts_of(kind).live().filter(offer__in=asked, candidate=candidate)
        shown = acts.select_related("offer", *MODELS[kind].SHOWN_WITH)
        live |= {act.offer_id: act for act in shown}
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
        kind, act = kinds[offer.pk], live.get(offer.pk)
        if act:
            taken = frozenset({kind})
            situation = dataclasses.replace(situation, live_acts=taken)
        answer = acts_on(situation)[kind]
        found.append(Prospect(offer, kind, answer, act, elsewhere.get(offer.pk)))
    return found


@dataclasses.dataclass(frozen=True)
class PersonProspect:
    """One of several persons for one offer: what the matrix says of her now.

    ``live`` is the act under way for her on that offer, if there is one;
    ``elsewhere_on`` the last day when another structure proposed it to her.
    """

    candidate: Candidate
    answer: Answer
    live: Act | None = None
    elsewhere_on: dt.date | None = None

    @property
    def is_allowed(self) -> bool:
        return self.answer.is_allowed


def person_prospects(
    offer: Offer,
    people: Sequence[Candidate],
    *,
    by: User,
    convention: Convention | None,
    kind: ActKind = ActKind.REFERRAL,
) -> list[PersonProspect]:
    """What ``acts_on`` says of an act of this kind of each person on this offer.

    As many queries, however many the persons.
    """
    acts = acts_of(kind).live().filter(offer=offer, candidate__in=people)
    shown = acts.select_related("offer", *MODELS[kind].SHOWN_WITH)
    live = {act.candidate_id: act for act in shown}
    situation = situation_of(
        offer, by=by, convention=convention, posts_left=posts_left(offer)
    )
    taken = dataclasses.replace(situation, live_acts=frozenset({kind}))
    free_answer = acts_on(situation)[kind]
    taken_answer = acts_on(taken)[kind]
    elsewhere = elsewhere_by_person(offer, people)
    return [
        PersonProspect(
            person,
            taken_answer if person.pk in live else free_answer,
            live.get(person.pk),
            elsewhere.get(person.ft_id),
        )
        for person in people
    ]


def elsewhere_by_person(
    offer: Offer, people: Sequence[Candidate]
) -> dict[str, dt.date]:
    """By France Travail identifier, the last day when another structure proposed this
    offer to one of these persons (art. 9.2).
    """
    identifiers = {person.ft_id for person in people if person.ft_id}
    structures = {person.structure_id for person in people}
    if not identifiers:
        return {}
    rows = every_act(
        lambda acts: (
            acts.filter(offer=offer, candidate__ft_id__in=identifiers)
            .exclude(structure__in=structures)
            .exclude(state=Act.CANCELLED)
        ),
        *("candidate__ft_id", "created_at"),
    )
    last: dict[str, dt.date] = {}
    for _, identifier, made_at in rows:
        day = timezone.localdate(made_at)
        last[identifier] = max(day, last.get(identifier, day))
    return last


def hires_by_offer(offers: Sequence[Offer]) -> dict[str, int]:
    """``hires_since`` its own content, of each offer that has any; one query."""
    offer = Coalesce("referral__offer", "screened_referral__offer")
    updated_at = Coalesce(
        "referral__offer__updated_at", "screened_referral__offer__updated_at"
    )
    hires = (
        hires_on(offers)
        .annotate(hired_on=offer, known_at=updated_at)
        .filter(at__gt=F("known_at"), on__gte=TruncDate("known_at"))
        .order_by()
        .values_list("hired_on")
        .annotate(number=Count("pk"))
    )
    return dict(hires)
