"""Make one act for each offer and person (U8).

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
from referrals.acts.act_context import Prospect, prospects
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import Act
from referrals.acts.registry import MODELS, acts_of, every_act
from referrals.appointments.actions.appointments import SlotTaken, taking_a_place
from referrals.candidates.models.candidates import Candidate
from referrals.making.actions import ActRefused, OfferChanged, make
from referrals.print_jobs import actions

MOST_AT_ONCE = 50

# The numbers of an offer and a person.
Pair = tuple[str, uuid.UUID]
# Function that returns a pair's kind of act, and the fields of that kind.
Plan = Callable[[str, uuid.UUID], tuple[ActKind, Mapping[str, Any]]]


class TooMany(Exception):
    def __init__(self, number: int) -> None:
        super().__init__(
            f"{number} cases sont cochées\xa0: {MOST_AT_ONCE} au plus à la fois. "
            "Décochez-en, puis faites le reste dans un second temps."
        )


@dataclasses.dataclass(frozen=True)
class Row:
    """The result of one pair: ``act``, or ``prospect``."""

    offer: Offer
    candidate: Candidate
    act: Act | None
    prospect: Prospect | None

    @property
    def kind(self) -> ActKind:
        if self.act:
            return self.act.KIND
        assert self.prospect  # noqa: S101 - without an act, there is a reason
        return self.prospect.kind

    @property
    def was_already(self) -> bool:
        return self.prospect is not None and self.prospect.live is not None

    @property
    def may_try_again(self) -> bool:
        """Return whether nothing forbids it any more."""
        return self.prospect is not None and self.prospect.is_allowed


def make_acts(pairs: Iterable[Pair], *, by: User, key: uuid.UUID, plan: Plan) -> None:
    """Make the possible acts of these pairs. Raises TooMany.

    The same key again completes an interrupted action (R10).
    """
    wanted = sorted(set(pairs))
    if len(wanted) > MOST_AT_ONCE:
        raise TooMany(len(wanted))
    earlier = made_under(key, wanted, by=by)
    for pair in wanted:
        if pair in earlier:
            # Of any kind: the offer's mode may have changed in between.
            continue
        kind, details = plan(*pair)
        try:
            with taking_a_place():
                make(kind, *pair, by=by, key=key_of(key, pair), **details)
        except (
            ActRefused,
            OfferChanged,
            SlotTaken,
            Offer.DoesNotExist,
            Candidate.DoesNotExist,
        ):
            # ``make`` has logged the reason; the page reads the matrix again.
            continue
    made = made_under(key, wanted, by=by).values()
    in_order = sorted(made, key=lambda act: act.offer_id)
    actions.begin_for_gesture([act.pk for act in in_order], by=by, key=key)


def made_under(key: uuid.UUID, pairs: Sequence[Pair], *, by: User) -> dict[Pair, Act]:
    """Return one action's acts by pair, persons by name."""
    keys = [key_of(key, pair) for pair in pairs]
    of_kind: dict[str, list[uuid.UUID]] = {}
    for kind, pk in every_act(
        lambda acts: acts.filter(adviser=by, idempotency_key__in=keys), "pk"
    ):
        of_kind.setdefault(kind, []).append(pk)
    made: dict[Pair, Act] = {}
    for name, pks in of_kind.items():
        kind = ActKind(name)
        acts = acts_of(kind).filter(pk__in=pks).order_by("candidate", "pk")
        shown = acts.select_related("offer", *MODELS[kind].SHOWN_WITH)
        made |= {(act.offer_id, act.candidate_id): act for act in shown}
    return made


def rows_of(
    pairs: Sequence[tuple[Offer, Candidate]],
    *,
    by: User,
    convention: Convention | None,
    key: uuid.UUID,
    kind: ActKind | None = None,
) -> list[Row]:
    """Return each pair's result; ``kind``: None for the usual act."""
    numbers = [(offer.pk, person.pk) for offer, person in pairs]
    made = made_under(key, numbers, by=by)
    left = [
        pair for pair, number in zip(pairs, numbers, strict=True) if number not in made
    ]
    found = prospects(left, by=by, convention=convention, kind=kind) if left else []
    why = {(one.offer.pk, one.candidate.pk): one for one in found}
    return [
        Row(offer, person, made.get(number), why.get(number))
        for (offer, person), number in zip(pairs, numbers, strict=True)
    ]


def key_of(key: uuid.UUID, pair: Pair) -> uuid.UUID:
    """Return the key of one act of the action."""
    reference, person = pair
    return uuid.uuid5(key, f"{reference} {person}")
