"""Make one act for each pair of an offer and a person (U8).

Each act is its own transaction, made by ``make``: a refusal stops no other, and no
transaction locks two offers.
"""

import dataclasses
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from accounts.agreements.models.conventions import Convention
from accounts.users.models.users import User
from offers.catalogue.models import Offer
from referrals.acts.act_context import Prospect
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import Act
from referrals.acts.next_step import NextStep
from referrals.appointments.actions.appointments import SlotTaken, taking_a_place
from referrals.bulk.selection import Pair, Selection
from referrals.candidates.models.candidates import Candidate
from referrals.documents import actions
from referrals.documents.models import Document, PrintJob
from referrals.making.actions import ActRefused, OfferChanged, make
from referrals.making.steps import FLOWS, Flow

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

    @property
    def waits_for_hand_over(self) -> bool:
        return self.act is not None and self.act.next_step == NextStep.HAND_OVER

    @property
    def may_try_again(self) -> bool:
        """Return whether nothing forbids it any more."""
        return self.prospect is not None and self.prospect.is_allowed


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
    actions.begin_for_gesture(in_order, by=by, key=key)
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
