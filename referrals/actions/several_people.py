"""One offer for several persons in one gesture (U8): so many acts, each by itself.

As with several offers for one person (``actions.several``), each act is a transaction
of its own, made by ``refer`` like any other, and a refusal stops nobody else.
"""

import dataclasses
import uuid
from collections.abc import Iterable, Sequence

from accounts.models import Convention, User
from offers.models import Offer
from referrals.actions import print_jobs
from referrals.actions.make import ActRefused
from referrals.actions.refer import refer
from referrals.models import Candidate, Referral
from referrals.situations import PersonProspect, person_prospects

MOST_AT_ONCE = 50


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
    referral: Referral | None

    @property
    def candidate(self) -> Candidate:
        return self.prospect.candidate

    @property
    def was_already(self) -> bool:
        return self.referral is None and self.prospect.live is not None


def refer_people(
    reference: str, people: Iterable[uuid.UUID], *, by: User, key: uuid.UUID
) -> None:
    """Put each of these persons in contact with one offer; who is refused is left out.

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
        try:
            refer(reference, person, by=by, key=key_of(key, person))
        except (ActRefused, Candidate.DoesNotExist):
            # ``refer`` told the journal why; the page asks the matrix again.
            continue
    made = Referral.objects.filter(
        adviser=by,
        offer=reference,
        idempotency_key__in=[key_of(key, person) for person in wanted],
    ).order_by("candidate__last_name", "candidate__first_name", "pk")
    print_jobs.begin_for_gesture(
        list(made.values_list("pk", flat=True)), by=by, key=key
    )


def rows_of(
    offer: Offer,
    people: Sequence[Candidate],
    *,
    by: User,
    convention: Convention | None,
    key: uuid.UUID,
) -> list[PersonRow]:
    """What became of each person; asked of the database alone."""
    keys = [key_of(key, person.pk) for person in people]
    acts = Referral.objects.filter(adviser=by, offer=offer, idempotency_key__in=keys)
    made = {
        act.candidate_id: act for act in acts.select_related("offer", "outcome__code")
    }
    told = person_prospects(offer, people, by=by, convention=convention)
    return [PersonRow(one, made.get(one.candidate.pk)) for one in told]


def key_of(key: uuid.UUID, person: uuid.UUID) -> uuid.UUID:
    """The key of one act, out of that of the whole gesture and its person."""
    return uuid.uuid5(key, str(person))
