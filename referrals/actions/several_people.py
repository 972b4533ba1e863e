"""One offer for several persons in one gesture (U8): so many acts, each by itself.

Of any kind. As with several offers for one person (``actions.several``), each act is a
transaction of its own, made by ``make`` like any other, and a refusal stops nobody
else; nor does the last place of a slot, for those who come after.
"""

import dataclasses
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from accounts.models import Convention, User
from offers.models import Offer
from referrals.actions import print_jobs
from referrals.actions.make import ActRefused, OfferChanged, make
from referrals.actions.summonses import SlotTaken, taking_a_place
from referrals.kinds import MODELS, acts_of
from referrals.models import Act, Candidate
from referrals.rights import ActKind
from referrals.situations import PersonProspect, person_prospects

MOST_AT_ONCE = 50

# What an act of one person has of its own: the same for all, or nearly.
Details = Callable[[uuid.UUID], Mapping[str, Any]]


class TooManyPeople(Exception):
    """``str(error)`` says in French how many there may be."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"{number} personnes sont cochées\u00a0: {MOST_AT_ONCE} au plus à la fois."
        )


@dataclasses.dataclass(frozen=True)
class PersonRow:
    """What became of one person: the act that this gesture made, or why none."""

    prospect: PersonProspect
    act: Act | None

    @property
    def candidate(self) -> Candidate:
        return self.prospect.candidate

    @property
    def was_already(self) -> bool:
        return self.act is None and self.prospect.live is not None


def no_details(person: uuid.UUID) -> Mapping[str, Any]:
    """Where a kind asks nothing."""
    return {}


def refer_people(
    reference: str,
    people: Iterable[uuid.UUID],
    *,
    by: User,
    key: uuid.UUID,
    kind: ActKind = ActKind.REFERRAL,
    version: str = "",
    details: Details = no_details,
) -> None:
    """Make an act of this kind for each of these persons; who is refused is left out.

    They come in the order of their numbers. Sent again with the same key, it makes what
    an interruption left undone and nothing twice (R10); ``rows_of`` tells what became
    of each. What it made is one print job, under that key.

    Raises:
        Offer.DoesNotExist: there is no such offer.
        TooManyPeople: more than ``MOST_AT_ONCE``.
    """
    wanted = sorted(set(people))
    if len(wanted) > MOST_AT_ONCE:
        raise TooManyPeople(len(wanted))
    for person in wanted:
        own_key = key_of(key, person)
        try:
            with taking_a_place():
                make(
                    kind,
                    reference,
                    person,
                    by=by,
                    key=own_key,
                    version=version,
                    **details(person),
                )
        except (ActRefused, OfferChanged, Candidate.DoesNotExist, SlotTaken):
            # ``make`` told the journal why; the page asks the matrix again.
            continue
    keys = [key_of(key, person) for person in wanted]
    made = acts_of(kind).filter(adviser=by, offer=reference, idempotency_key__in=keys)
    named = made.order_by("candidate", "pk")
    numbers = list(named.values_list("pk", flat=True))
    print_jobs.begin_for_gesture(numbers, by=by, key=key)


def rows_of(
    offer: Offer,
    people: Sequence[Candidate],
    *,
    by: User,
    convention: Convention | None,
    key: uuid.UUID,
    kind: ActKind = ActKind.REFERRAL,
) -> list[PersonRow]:
    """What became of each person; asked of the database alone."""
    keys = [key_of(key, person.pk) for person in people]
    acts = acts_of(kind).filter(adviser=by, offer=offer, idempotency_key__in=keys)
    shown = acts.select_related("offer", *MODELS[kind].SHOWN_WITH)
    made = {act.candidate_id: act for act in shown}
    told = person_prospects(offer, people, by=by, convention=convention, kind=kind)
    return [PersonRow(one, made.get(one.candidate.pk)) for one in told]


def key_of(key: uuid.UUID, person: uuid.UUID) -> uuid.UUID:
    """The key of one act, out of that of the whole gesture and its person."""
    return uuid.uuid5(key, str(person))
