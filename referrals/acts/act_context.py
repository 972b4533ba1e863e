import dataclasses
import datetime as dt
import enum
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import (
    CharField,
    DateTimeField,
    IntegerField,
    Q,
    QuerySet,
    UUIDField,
    Value,
)
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.agreements.models.conventions import Convention
from accounts.users.models import User
from offers.catalogue.models import Offer
from offers.page.models import SeenOffer
from opus.lib.database.queries import CompiledValues, placeholder
from opus.lib.dates import date_format
from referrals.acts.act_rights import ActKind, Permission, Situation, acts_on, usual_on
from referrals.acts.models import KINDS, Act, ActQuerySet
from referrals.acts.outcomes import OutcomeKind, later_hires
from referrals.acts.states import LIVE_STATES
from referrals.candidates.models import Candidate, ProcessingLimit


class Author(enum.Enum):
    """Who proposed: no name, no other structure's identity."""

    SELF = ""
    COLLEAGUE = "par un collègue "
    ELSEWHERE = "par une autre structure "


@dataclasses.dataclass(frozen=True)
class Proposal:
    """One act with a person, of any structure; another's has no page here."""

    act: Act
    title: str
    by: Author

    @property
    def on(self) -> dt.date:
        return timezone.localdate(self.act.created_at)

    @property
    def is_live(self) -> bool:
        return self.by is not Author.ELSEWHERE and self.act.is_live

    def words(self, first_name: str) -> str:
        """Return « Déjà proposée à Karim le 24 novembre »."""
        whom = f"à {first_name} " if self.by is Author.SELF else self.by.value
        what = f" ({self.act.nature})" if self.by is Author.ELSEWHERE else ""
        return f"Déjà proposée {whom}le {date_format(self.on, 'j F')}{what}"


def acts_with(candidate: Candidate, *, by: User) -> list[Proposal]:
    """Return all acts with the person, the latest first, in one query.

    Another structure's acts are found by the France Travail identifier.
    """
    same = Q(candidate=candidate.pk)
    if candidate.ft_id:
        same |= Q(candidate__ft_id=candidate.ft_id)
    acts = Act.objects.filter(same).exclude(state=Act.CANCELLED)
    found = []
    for act in acts.whole():
        # Nothing of a withdrawn offer is shown (3.1).
        title = (
            act.offer.title if act.offer.is_active else f"Offre n°\xa0{act.offer_id}"
        )
        author = Author.SELF if act.adviser_id == by.pk else Author.COLLEAGUE
        if act.structure_id != candidate.structure_id:
            author = Author.ELSEWHERE
        found.append(Proposal(act, title, author))
    return found


def hires_of(people: Collection[Candidate]) -> ActQuerySet[Act]:
    """Return the acts by which the structure saw these persons hired."""
    hired = Act.objects.filter(outcome__code__kind=OutcomeKind.HIRED)
    return hired.filter(candidate__in=people).whole()


def last_hires(acts: Iterable[Act]) -> dict[UUID, Act]:
    """Return by person the act by which she was hired last."""
    hires = [
        (act.outcome.on, act) for act in acts if act.outcome and act.outcome.is_hire
    ]
    return {act.candidate_id: act for _, act in sorted(hires, key=itemgetter(0))}


def situation_of(
    offer: Offer,
    *,
    by: User,
    convention: Convention | None,
    posts_left: int | None,
    **of_person: Any,
) -> Situation:
    """Return the input of ``act_rights.acts_on``.

    ``convention``: of the adviser's structure today; ``posts_left``: from
    ``posts_left``, or the offer's own figure in a long list; ``of_person``: her live
    acts on the offer, and what freezes her data.
    """
    return Situation(
        role=by.role,
        account_state=by.state,
        convention_in_force=convention is not None and convention.is_in_force(),
        services=frozenset(convention.services if convention else ()),
        mode=offer.mode,
        offer_state=offer.state,
        posts_left=posts_left,
        reading=settings.ACTS_READING,
        **of_person,
    )


def frozen_among(people: Collection[Candidate]) -> QuerySet[ProcessingLimit]:
    return ProcessingLimit.objects.in_force().filter(candidate__in=people)


def known_posts(offer: Offer) -> int | None:
    """Return the posts left, else opened, in the offer's content."""
    return offer.posts if offer.posts_left is None else offer.posts_left


def posts_left(offer: Offer) -> int | None:
    """Return the posts left, or None if unlimited."""
    return posts_after(offer, later_hires([offer]).count())


def posts_after(offer: Offer, hires: int) -> int | None:
    posts = known_posts(offer)
    return None if posts is None else max(0, posts - hires)


@dataclasses.dataclass
class RowSigns:
    """What one row of a list says of an offer, without a name."""

    is_seen: bool = False
    hires: int = 0
    # The persons to whom the structure proposed it.
    persons: set[UUID] = dataclasses.field(default_factory=set)
    # What was proposed to the person searched for, the latest first.
    proposals: list[Proposal] = dataclasses.field(default_factory=list)

    @property
    def live(self) -> set[ActKind]:
        return {one.act.KIND for one in self.proposals if one.is_live}


def row_signs(
    offers: Sequence[Offer], *, by: User, person_acts: Sequence[Proposal] = ()
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
    for one in person_acts:
        if one.act.offer_id in signs:
            signs[one.act.offer_id].proposals.append(one)
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
class Facts:
    """What is known of a page's offers and persons, before any act."""

    # By offer: the hires that its content does not count yet.
    hires: Counter[str]
    # By person: the request by which her data are frozen.
    frozen_by: dict[UUID, str]
    # By offer and France Travail identifier: the last day when another structure
    # proposed it; no structure or adviser (art. 9.2).
    elsewhere_on: dict[tuple[str, str], dt.date]
    # By offer and person: the instant of each live act.
    live: dict[tuple[str, UUID], dict[ActKind, dt.datetime]]


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
    acts = Act.objects.live().filter(offer__in=offers, candidate__in=people).order_by()
    live = acts.values_list("kind", "offer", no_text, "candidate", "created_at")
    identifiers = {person.ft_id for person in people if person.ft_id}
    structures = {person.structure_id for person in people}
    elsewhere = (
        Act.objects.filter(offer__in=offers, candidate__ft_id__in=identifiers)
        .exclude(structure__in=structures)
        .exclude(state=Act.CANCELLED)
        .order_by()
        .values_list("kind", "offer", "candidate__ft_id", nobody, "created_at")
    )
    rows = hired.union(frozen, live, *([elsewhere] if identifiers else []), all=True)
    facts = Facts(Counter(), {}, {}, defaultdict(dict))
    for what, offer, text, person, at in rows.order_by():
        if what == "hired":
            facts.hires[offer] += 1
        elif what == "frozen":
            facts.frozen_by[person] = text
        elif person:
            facts.live[offer, person][ActKind(what)] = at
        else:
            day, pair = timezone.localdate(at), (offer, text)
            facts.elsewhere_on[pair] = max(day, facts.elsewhere_on.get(pair, day))
    return facts


# --- Several acts at once -------------------------------------------------------------


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
    acts = Act.objects.live().filter(offer__in=offers, candidate__in=people).whole()
    live = {(act.offer_id, act.candidate_id, act.KIND): act for act in acts}
    facts = facts_of(list(offers.values()), list(people.values()))
    found = []
    for offer, person in pairs:
        its = kind or usual_on(offer.mode, settings.ACTS_READING)
        act = live.get((offer.pk, person.pk, its))
        situation = situation_of(
            offer,
            by=by,
            convention=convention,
            posts_left=posts_after(offer, facts.hires[offer.pk]),
            live_acts=frozenset({its} if act else ()),
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


@dataclasses.dataclass(frozen=True)
class VitalSigns:
    """Activity on an offer: counts and a day (9.2)."""

    live_acts: int
    in_structure: int
    last_in_structure: dt.datetime | None
    kept_for: int
    posts: int | None
    # Of the person searched for: her live acts, and what freezes her data.
    live_kinds: frozenset[ActKind]
    frozen_by: str


def vital_signs(
    offer: Offer, *, by: User, person: Candidate | None = None
) -> VitalSigns:
    """Return acts, persons of the structure, favourites, posts, in one query."""
    made = Act.objects.filter(offer=offer).exclude(state=Act.CANCELLED).order_by()
    acts = made.values_list("kind", "state", "structure", "candidate", "created_at")
    favourites: Any = offer.favourites
    kept = favourites.visible_to(by).filter(adviser__isnull=True)
    no_structure, nobody = Value(None, IntegerField()), Value(None, UUIDField())
    nothing = no_structure, nobody, Value(None, DateTimeField())
    others = [
        rows.order_by().values_list(Value(what), text, *nothing)
        for what, text, rows in (
            ("kept", Value(""), kept),
            ("hired", Value(""), later_hires([offer])),
            ("frozen", "reference", frozen_among([person] if person else [])),
        )
    ]
    counts: Counter[str] = Counter()
    persons, dates, live_kinds, frozen_by = set(), [], set(), ""
    for what, text, structure, whom, made_at in acts.union(
        *others, all=True
    ).order_by():
        counts[what] += 1
        if what == "frozen":
            frozen_by = text
        elif what in KINDS and text in LIVE_STATES:
            counts["live"] += 1
            if person and whom == person.pk:
                live_kinds.add(ActKind(what))
        if structure == by.structure_id:
            persons.add(whom)
            dates.append(made_at)
    return VitalSigns(
        live_acts=counts["live"],
        in_structure=len(persons),
        last_in_structure=max(dates, default=None),
        kept_for=counts["kept"],
        posts=posts_after(offer, counts["hired"]),
        live_kinds=frozenset(live_kinds),
        frozen_by=frozen_by,
    )
