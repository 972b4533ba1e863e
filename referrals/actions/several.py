"""Several offers for one person in one gesture (U8): so many acts, each by itself.

The act is the one that each offer's mode calls for (``rights.usual_on``). Each is a
transaction of its own, made by ``make`` like any other: it locks its offer, asks
article 3.2 again, has its number, its document and its line in the journal.
So a refusal stops nobody else, and two advisers on the same offers never wait for each
other in a ring: nobody ever holds two offers.
"""

import dataclasses
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from accounts.models import Convention, User
from offers.models import Offer
from referrals.actions import print_jobs
from referrals.actions.make import ActRefused, OfferChanged, make
from referrals.kinds import MODELS, acts_of, every_act, kind_of
from referrals.models import Act, Candidate
from referrals.rights import ActKind
from referrals.situations import Prospect, prospects

MOST_AT_ONCE = 50

# Which act one offer gets, and what that kind of act has of its own.
Plan = Callable[[str], tuple[ActKind, Mapping[str, Any]]]


@dataclasses.dataclass(frozen=True)
class Row:
    """What became of one of the offers.

    ``act`` is the one that this gesture made. Without one, ``prospect`` says why: an
    act under way already, or the reason with its article.
    """

    offer: Offer
    act: Act | None
    prospect: Prospect | None

    @property
    def kind(self) -> ActKind:
        """The act that it got, or would get."""
        if self.act:
            return kind_of(self.act)
        assert self.prospect  # noqa: S101 - where there is no act, there is why
        return self.prospect.kind

    @property
    def was_already(self) -> bool:
        return self.prospect is not None and self.prospect.live is not None

    @property
    def may_try_again(self) -> bool:
        """Nothing forbids it any more: the offer came back, a colleague let go."""
        return self.prospect is not None and self.prospect.is_allowed


def all_direct(reference: str) -> tuple[ActKind, Mapping[str, Any]]:
    """The plan where every offer is without preselection."""
    return ActKind.REFERRAL, {}


def refer_several(
    references: Iterable[str],
    candidate_pk: uuid.UUID,
    *,
    by: User,
    key: uuid.UUID,
    plan: Plan = all_direct,
) -> None:
    """Propose each of these offers to one person; what is refused is left out.

    So is an offer that is not the one that was shown any more.

    The offers come in the order of their numbers. Sent again with the same key, it
    makes what an interruption left undone and nothing twice (R10); ``rows_of`` tells
    what became of each. What it made is one print job, under that key.

    Raises:
        Candidate.DoesNotExist: nobody whom the adviser accompanies.
        TooMany: more than ``MOST_AT_ONCE``.
    """
    wanted = sorted(set(references))
    if len(wanted) > MOST_AT_ONCE:
        raise TooMany(len(wanted))
    candidate = Candidate.objects.visible_to(by).get(pk=candidate_pk)
    earlier = made_under(key, wanted, candidate, by=by)
    for reference in wanted:
        if reference in earlier:
            # Whatever its kind: the offer's mode may have changed in between.
            continue
        kind, details = plan(reference)
        own_key = key_of(key, reference)
        try:
            make(kind, reference, candidate.pk, by=by, key=own_key, **details)
        except (ActRefused, OfferChanged, Offer.DoesNotExist):
            # ``make`` told the journal why; the page asks the matrix again.
            continue
    made = made_under(key, wanted, candidate, by=by)
    in_order = [made[reference].pk for reference in wanted if reference in made]
    print_jobs.begin_for_gesture(in_order, by=by, key=key)


def made_under(
    key: uuid.UUID, references: Sequence[str], candidate: Candidate, *, by: User
) -> dict[str, Act]:
    """By offer, the acts that a gesture made for that person, whatever their kind."""
    keys = [key_of(key, reference) for reference in references]
    rows = every_act(
        lambda acts: acts.filter(
            adviser=by, candidate=candidate, idempotency_key__in=keys
        ),
        "pk",
    )
    of_kind: dict[str, list[uuid.UUID]] = {}
    for kind, pk in rows:
        of_kind.setdefault(kind, []).append(pk)
    made: dict[str, Act] = {}
    for name, pks in of_kind.items():
        acts = acts_of(ActKind(name)).filter(pk__in=pks)
        shown = acts.select_related("offer", *MODELS[ActKind(name)].SHOWN_WITH)
        made |= {act.offer_id: act for act in shown}
    return made


class TooMany(Exception):
    """``str(error)`` says in French how many there may be."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"{number} offres sont cochées : {MOST_AT_ONCE} au plus à la fois. "
            "Décochez-en, puis faites le reste dans un second temps."
        )


def rows_of(
    offers: Sequence[Offer],
    candidate: Candidate,
    *,
    by: User,
    convention: Convention | None,
    key: uuid.UUID,
) -> list[Row]:
    """What became of each offer, those done first; asked of the database alone.

    So the page may be opened again, and tells an interrupted gesture as it is.
    """
    made = made_under(key, [offer.pk for offer in offers], candidate, by=by)
    left = [offer for offer in offers if offer.pk not in made]
    told = prospects(left, candidate, by=by, convention=convention) if left else []
    why = {prospect.offer.pk: prospect for prospect in told}
    return [Row(offer, made.get(offer.pk), why.get(offer.pk)) for offer in offers]


def key_of(key: uuid.UUID, reference: str) -> uuid.UUID:
    """The key of one act, out of that of the whole gesture and its offer."""
    return uuid.uuid5(key, reference)
