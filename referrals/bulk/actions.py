"""Make one act for each pair of an offer and a person (U8).

Each act is its own transaction, made by ``make``: a refusal stops no other, and no
transaction locks two offers.
"""

import dataclasses
import functools
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from accounts.agreements.models.conventions import Convention
from accounts.signin.access import MemberRequest
from accounts.users.models import User
from offers.catalogue.models import Offer
from offers.payload.text import REFERENCE
from offers.search.page import numbers_in
from opus.lib.forms.base import as_uuid
from referrals.acts.act_context import Prospect, prospects
from referrals.acts.act_rights import OFFERED, ActKind, usual_on
from referrals.acts.models import Act
from referrals.appointments.actions import SlotTaken, taking_a_place
from referrals.candidates.models import Candidate
from referrals.documents import actions
from referrals.documents.models import Document, PrintJob
from referrals.making.actions import ActRefused, OfferChanged, make
from referrals.making.steps import FLOWS, Flow

MOST_AT_ONCE = 50

# The numbers of an offer and a person.
Pair = tuple[str, uuid.UUID]


@dataclasses.dataclass(frozen=True)
class Selection:
    """Offers and persons; ``kind``: the act wanted, of one offer."""

    offers: Sequence[Offer]
    people: Sequence[Candidate]
    kind: ActKind | None = None

    @functools.cached_property
    def pairs(self) -> list[tuple[Offer, Candidate]]:
        """Return the documents of one person after the other."""
        return [(offer, person) for person in self.people for offer in self.offers]

    @property
    def is_too_many(self) -> bool:
        return len(self.offers) * max(1, len(self.people)) > MOST_AT_ONCE

    @property
    def what(self) -> str:
        return "une offre" if len(self.offers) == 1 else f"{len(self.offers)} offres"

    @property
    def whom(self) -> str:
        if len(self.people) == 1:
            return str(self.people[0])
        return f"{len(self.people)} candidats"

    @property
    def query(self) -> str:
        """Return the parameters of the address of this selection."""
        parameters: dict[str, Any] = {"offre": [offer.pk for offer in self.offers]}
        parameters["personne"] = [person.pk for person in self.people]
        if self.kind:
            parameters["acte"] = self.kind.value
        return urlencode(parameters, doseq=True)

    def kind_of(self, offer: Offer) -> ActKind:
        """Return the act wanted, else the usual one."""
        if self.kind and self.kind in OFFERED[settings.ACTS_READING][offer.mode]:
            return self.kind
        return usual_on(offer.mode, settings.ACTS_READING)

    def prospects(
        self,
        pairs: Sequence[tuple[Offer, Candidate]],
        *,
        by: User,
        convention: Convention | None,
    ) -> list[Prospect]:
        """Return what the matrix says of these pairs today."""
        kind = self.kind_of(self.offers[0]) if self.kind else None
        return prospects(pairs, by=by, convention=convention, kind=kind)


def selection_in(request: MemberRequest) -> Selection:
    """Return what an address names; what is not one's own is left out."""
    numbers = numbers_in(request.GET)[: MOST_AT_ONCE + 1]
    persons = persons_in(request.GET)[: MOST_AT_ONCE + 1]
    return loaded(request, numbers, persons)


def loaded(
    request: MemberRequest, numbers: Sequence[str], persons: Sequence[uuid.UUID]
) -> Selection:
    found = Offer.objects.defer("description", "skills_text").in_bulk(numbers)
    mine = Candidate.objects.visible_to(request.user).select_related("adviser")
    offers = [found[number] for number in numbers if number in found]
    people = list(mine.filter(pk__in=persons)) if persons else []
    kind = request.GET.get("acte", "")
    is_known = kind in ActKind.values and len(offers) == 1
    return Selection(offers, people, ActKind(kind) if is_known else None)


def persons_in(data: QueryDict) -> list[uuid.UUID]:
    return list(dict.fromkeys(filter(None, map(as_uuid, data.getlist("personne")))))


def pairs_in(data: Any) -> list[Pair]:
    """Return the distinct pairs ticked in a form, or of an address."""
    pairs = []
    values = data.getlist("paire") if isinstance(data, MultiValueDict) else ()
    for value in values:
        reference, _, person = value.partition(".")
        number = as_uuid(person)
        if number and REFERENCE.fullmatch(reference):
            pairs.append((reference, number))
    return list(dict.fromkeys(pairs))


def written(pair: Pair) -> str:
    """Return a pair as addresses and forms write it."""
    reference, person = pair
    return f"{reference}.{person.hex}"


# Function that returns a pair's kind of act, and the fields of that kind.
Plan = Callable[[str, uuid.UUID], tuple[ActKind, Mapping[str, Any]]]


@dataclasses.dataclass(frozen=True)
class Row:
    """The result of one pair: ``act``, or ``prospect``."""

    offer: Offer
    candidate: Candidate
    act: Act | None
    prospect: Prospect | None

    @property
    def flow(self) -> Flow:
        if self.act:
            return FLOWS[self.act.KIND]
        assert self.prospect  # noqa: S101 - without an act, there is a reason
        return FLOWS[self.prospect.kind]

    @property
    def live(self) -> Act | None:
        """Return the act that was under way before."""
        return self.prospect.live if self.prospect else None


def make_acts(pairs: Sequence[Pair], *, by: User, key: uuid.UUID, plan: Plan) -> bool:
    """Make the possible acts; return whether a slot was full.

    The same key again completes an interrupted action (R10).
    """
    earlier = made_under(key, pairs, by=by)
    was_full = False
    for pair in pairs:
        if pair in earlier:
            # Of any kind: the offer's mode may have changed in between.
            continue
        kind, details = plan(*pair)
        try:
            with taking_a_place():
                make(kind, *pair, by=by, key=key_of(key, pair), **details)
        except SlotTaken:
            was_full = True
        except (ActRefused, OfferChanged, Offer.DoesNotExist, Candidate.DoesNotExist):
            # ``make`` has logged the reason; the page reads the matrix again.
            continue
    made = made_under(key, pairs, by=by)
    in_order = [made[pair].pk for pair in pairs if pair in made]
    if papers := actions.papers_of(in_order, by=by):
        actions.begin(papers, by=by, key=key)
    return was_full


def made_under(key: uuid.UUID, pairs: Sequence[Pair], *, by: User) -> dict[Pair, Act]:
    """Return one action's acts by pair."""
    keys = [key_of(key, pair) for pair in pairs]
    acts = Act.objects.filter(adviser=by, idempotency_key__in=keys)
    acts = acts.with_next_step().whole()
    return {(act.offer_id, act.candidate_id): act for act in acts}


def rows_of(
    selection: Selection,
    pairs: Sequence[Pair],
    *,
    by: User,
    convention: Convention | None,
    key: uuid.UUID,
) -> list[Row]:
    """Return the result of each of these pairs, in the page's order."""
    made = made_under(key, pairs, by=by)
    wanted = [
        ((offer.pk, person.pk), offer, person)
        for offer, person in selection.pairs
        if (offer.pk, person.pk) in set(pairs)
    ]
    left = [(offer, person) for pair, offer, person in wanted if pair not in made]
    found = selection.prospects(left, by=by, convention=convention) if left else []
    why = {(one.offer.pk, one.candidate.pk): one for one in found}
    return [
        Row(offer, person, made.get(pair), why.get(pair))
        for pair, offer, person in wanted
    ]


@dataclasses.dataclass(frozen=True)
class Earlier:
    """An action of the day that made some of these pairs, and its print job."""

    job: PrintJob
    pairs: list[Pair]


def earlier_of(found: Iterable[Prospect], *, by: User) -> Earlier | None:
    """Return the last action that made these live acts: one came back to its page."""
    live = {one.pair: one.live for one in found if one.live}
    if not live:
        return None
    papers = Document.objects.of_acts([act.pk for act in live.values()])
    jobs = PrintJob.objects.visible_to(by).filter(documents__in=papers)
    for job in jobs.distinct().order_by("-created_at", "pk"):
        made = [
            pair
            for pair, act in live.items()
            if act.idempotency_key == key_of(job.key, pair)
        ]
        if made:
            return Earlier(job, made)
    return None


def key_of(key: uuid.UUID, pair: Pair) -> uuid.UUID:
    """Return the key of one act of the action."""
    reference, person = pair
    return uuid.uuid5(key, f"{reference} {person}")
