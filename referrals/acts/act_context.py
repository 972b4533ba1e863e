import dataclasses
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from functools import cache
from uuid import UUID

from django.conf import settings
from django.db.models import CharField, Count, DateTimeField, QuerySet, UUIDField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.agreements.models.conventions import Convention
from accounts.users.models.users import User
from offers.catalogue.models import Offer
from offers.page.models import SeenOffer
from opus.lib.database.compiled_query import CompiledValues, placeholder
from referrals.acts.act_rights import ActKind, Permission, Situation, acts_on, usual_on
from referrals.acts.models.acts import Act
from referrals.acts.models.outcomes import hires_on, later_hires
from referrals.acts.proposals import PersonAct, Proposal, proposals_in
from referrals.candidates.models.candidates import Candidate
from referrals.candidates.models.limits import ProcessingLimit


def situation_of(
    offer: Offer,
    *,
    by: User,
    convention: Convention | None,
    posts_left: int | None,
    candidate: Candidate | None = None,
) -> Situation:
    """Return the input of ``act_rights.acts_on``.

    ``convention``: of the adviser's structure today; ``posts_left``: from
    ``posts_left``, or the offer's own figure in a long list.
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
        frozen_by=frozen_by([candidate]).get(candidate.pk, "") if candidate else "",
        reading=settings.ACTS_READING,
    )


def frozen_by(people: Collection[Candidate]) -> dict[UUID, str]:
    """Return the request by which each frozen person's data are (GDPR 18)."""
    return dict(frozen_among(people).values_list("candidate", "reference"))


def frozen_among(people: Collection[Candidate]) -> QuerySet[ProcessingLimit]:
    return ProcessingLimit.objects.in_force().filter(candidate__in=people)


def live_acts(offer: Offer, candidate: Candidate) -> frozenset[ActKind]:
    live = Act.objects.live().filter(offer=offer, candidate=candidate)
    return frozenset(map(ActKind, live.values_list("kind", flat=True)))


def known_posts(offer: Offer) -> int | None:
    """Return the posts left, else opened, in the offer's content."""
    return offer.posts if offer.posts_left is None else offer.posts_left


def posts_left(offer: Offer) -> int | None:
    """Return the posts left, or None if unlimited (design 2.1).

    From what France Travail last said of them, minus the hires recorded after that
    and not dated before it.
    """
    known_at = offer.posts_left_at or offer.updated_at
    return posts_after(offer, hires_since(offer, known_at))


def posts_after(offer: Offer, hires: int) -> int | None:
    posts = known_posts(offer)
    return None if posts is None else max(0, posts - hires)


def hires_since(offer: Offer, instant: dt.datetime) -> int:
    """Return the number of hires missing from the content."""
    hires = hires_on([offer]).filter(
        at__gt=instant, on__gte=timezone.localdate(instant)
    )
    return hires.count()


@dataclasses.dataclass
class RowSigns:
    """What one row of a list says of an offer, without a name."""

    is_seen: bool = False
    hires: int = 0
    # The persons to whom the structure proposed it.
    persons: set[UUID] = dataclasses.field(default_factory=set)
    # What was proposed to the person searched for, the latest first.
    proposals: Sequence[Proposal] = ()

    @property
    def live(self) -> set[ActKind]:
        return {proposal.kind for proposal in self.proposals if proposal.is_live}


def row_signs(
    offers: Sequence[Offer], *, by: User, person_acts: Sequence[PersonAct] = ()
) -> dict[str, RowSigns]:
    """Return what a page of offers says of each, in one query.

    ``person_acts``: of the person searched for.
    """
    numbers = [offer.pk for offer in offers]
    signs = {number: RowSigns() for number in numbers}
    for what, number, person in signs_query().rows(numbers, by.structure_id, by.pk):
        row = signs[number]
        if person:
            row.persons.add(person)
        row.is_seen |= what == "seen"
        row.hires += what == "hired"
    for number, proposals in proposals_in(person_acts).items():
        if number in signs:
            signs[number].proposals = proposals
    return signs


@cache
def signs_query() -> CompiledValues:
    """Return the query of ``row_signs``: compiled each time, a quarter of a page."""
    numbers = placeholder("SELECT unnest(%s::text[])")
    structure, account = placeholder(), placeholder()
    nobody = Value(None, UUIDField())
    acts = Act.objects.filter(offer__in=numbers, structure=structure).order_by()
    proposed = acts.exclude(state=Act.CANCELLED).values_list(
        "kind", "offer", "candidate"
    )
    seen = SeenOffer.objects.filter(account=account, offer__in=numbers).order_by()
    rows = proposed.union(
        seen.values_list(Value("seen"), "offer", nobody),
        later_hires(numbers).values_list(Value("hired"), "hired_on", nobody),
        all=True,
    )
    return CompiledValues(rows.order_by(), [numbers, structure, account])


@dataclasses.dataclass
class PairSigns:
    """What the matrix needs for lists of persons and offers."""

    hires: Counter[str]
    # By offer and person: the day of each live act.
    live: dict[tuple[str, UUID], dict[ActKind, dt.datetime]]


def pair_signs(offers: Sequence[Offer], people: Sequence[Candidate]) -> PairSigns:
    """Return hires and live acts of a whole page, in one query."""
    nobody, no_day = Value(None, UUIDField()), Value(None, DateTimeField())
    acts = Act.objects.live().filter(offer__in=offers, candidate__in=people).order_by()
    live = acts.values_list("kind", "offer", "candidate", "created_at")
    hires = later_hires(offers).values_list(Value("hired"), "hired_on", nobody, no_day)
    signs = PairSigns(Counter(), defaultdict(dict))
    for what, offer, person, made_at in live.union(hires, all=True).order_by():
        if person is not None:
            signs.live[offer, person][ActKind(what)] = made_at
        else:
            signs.hires[offer] += 1
    return signs


@dataclasses.dataclass
class Facts:
    """What is known of a page's offers and persons, before any act."""

    # By offer: the hires that its content does not count yet.
    hires: Counter[str]
    # By person: the request by which her data are frozen.
    frozen_by: dict[UUID, str]
    # By offer and France Travail identifier: the last day when another structure
    # proposed it; no structure or adviser (art. 9.2).
    elsewhere_on: dict[tuple[str, str], dt.date]


def facts_of(offers: Sequence[Offer], people: Sequence[Candidate]) -> Facts:
    """Return what is known of these offers and persons, in one query."""
    no_text, nobody = Cast(Value(""), CharField()), Cast(Value(None), UUIDField())
    no_day = Cast(Value(None), DateTimeField())
    hired = later_hires(offers).values_list(
        Value("hired"), "hired_on", no_text, nobody, no_day
    )
    frozen = frozen_among(people).values_list(
        Value("frozen"), no_text, "reference", "candidate", no_day
    )
    identifiers = {person.ft_id for person in people if person.ft_id}
    structures = {person.structure_id for person in people}
    elsewhere = (
        Act.objects.filter(offer__in=offers, candidate__ft_id__in=identifiers)
        .exclude(structure__in=structures)
        .exclude(state=Act.CANCELLED)
        .order_by()
        .values_list("kind", "offer", "candidate__ft_id", nobody, "created_at")
    )
    rows = hired.union(frozen, *([elsewhere] if identifiers else []), all=True)
    facts = Facts(Counter(), {}, {})
    for what, offer, text, person, at in rows.order_by():
        if what == "hired":
            facts.hires[offer] += 1
        elif what == "frozen":
            facts.frozen_by[person] = text
        else:
            day, pair = timezone.localdate(at), (offer, text)
            facts.elsewhere_on[pair] = max(day, facts.elsewhere_on.get(pair, day))
    return facts


# --- Several acts at once ----------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Prospect:
    """A possible act and the matrix's answer.

    ``live`` is the one under way; ``elsewhere_on`` the last day in another structure.
    """

    offer: Offer
    candidate: Candidate
    kind: ActKind
    answer: Permission
    live: Act | None = None
    elsewhere_on: dt.date | None = None

    @property
    def pair(self) -> tuple[str, UUID]:
        return self.offer.pk, self.candidate.pk

    @property
    def is_allowed(self) -> bool:
        return self.answer.is_allowed


def prospects(
    pairs: Sequence[tuple[Offer, Candidate]],
    *,
    by: User,
    convention: Convention | None,
    kind: ActKind | None = None,
) -> list[Prospect]:
    """Return the answer for each pair, in few queries.

    ``kind``: the act of all, or None for the usual one of each offer.
    """
    offers = {offer.pk: offer for offer, _ in pairs}
    people = {person.pk: person for _, person in pairs}
    kinds = {
        pk: kind or usual_on(offer.mode, settings.ACTS_READING)
        for pk, offer in offers.items()
    }
    acts = Act.objects.live().filter(offer__in=offers, candidate__in=people).whole()
    live = {(act.offer_id, act.candidate_id, act.KIND): act for act in acts}
    facts = facts_of(list(offers.values()), list(people.values()))
    free = {
        pk: situation_of(
            offer,
            by=by,
            convention=convention,
            posts_left=posts_after(offer, facts.hires[pk]),
        )
        for pk, offer in offers.items()
    }
    found = []
    for offer, person in pairs:
        its = kinds[offer.pk]
        act = live.get((offer.pk, person.pk, its))
        taken = frozenset({its} if act else ())
        situation = dataclasses.replace(
            free[offer.pk],
            live_acts=taken,
            frozen_by=facts.frozen_by.get(person.pk, ""),
        )
        found.append(
            Prospect(
                offer,
                person,
                its,
                acts_on(situation)[its],
                act,
                facts.elsewhere_on.get((offer.pk, person.ft_id)),
            )
        )
    return found


def hires_by_offer(offers: Sequence[Offer]) -> dict[str, int]:
    hires = later_hires(offers).values_list("hired_on").annotate(number=Count("pk"))
    return dict(hires)
