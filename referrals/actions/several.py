"""Several offers for one person in one gesture (U8): so many acts, each by itself.

Each act is a transaction of its own, made by ``refer`` like any other: it locks its
offer, asks article 3.2 again, has its number, its document and its line in the journal.
So a refusal stops nobody else, and two advisers on the same offers never wait for each
other in a ring: nobody ever holds two offers.
"""

import dataclasses
import uuid
from collections.abc import Iterable, Sequence

from accounts.models import Convention, User
from offers.models import Offer
from referrals.actions import print_jobs
from referrals.actions.refer import ActRefused, refer
from referrals.models import Candidate, Referral
from referrals.situations import Prospect, prospects

MOST_AT_ONCE = 50


@dataclasses.dataclass(frozen=True)
class Row:
    """What became of one of the offers.

    ``referral`` is the act that this gesture made. Without one, ``prospect`` says why:
    an act under way already, or the reason with its article.
    """

    prospect: Prospect
    referral: Referral | None

    @property
    def offer(self) -> Offer:
        return self.prospect.offer

    @property
    def was_already(self) -> bool:
        return self.referral is None and self.prospect.live is not None

    @property
    def may_try_again(self) -> bool:
        """Nothing forbids it any more: the offer came back, a colleague let go."""
        return self.referral is None and self.prospect.is_allowed


def refer_several(
    references: Iterable[str], candidate_pk: uuid.UUID, *, by: User, key: uuid.UUID
) -> None:
    """Put one person in contact with each of these offers; what is refused is left out.

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
    for reference in wanted:
        try:
            refer(reference, candidate.pk, by=by, key=key_of(key, reference))
        except (ActRefused, Offer.DoesNotExist):
            # ``refer`` told the journal why; the page asks the matrix again.
            continue
    keys = [key_of(key, reference) for reference in wanted]
    made = Referral.objects.filter(
        adviser=by, candidate=candidate, idempotency_key__in=keys
    ).order_by("number")
    print_jobs.begin_for_gesture(
        list(made.values_list("pk", flat=True)), by=by, key=key
    )


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
    keys = {key_of(key, offer.pk): offer.pk for offer in offers}
    made = {
        act.offer_id: act
        for act in Referral.objects.filter(
            adviser=by, candidate=candidate, idempotency_key__in=keys
        ).select_related("outcome__code")
    }
    told = prospects(offers, candidate, by=by, convention=convention)
    return [Row(prospect, made.get(prospect.offer.pk)) for prospect in told]


def key_of(key: uuid.UUID, reference: str) -> uuid.UUID:
    """The key of one act, out of that of the whole gesture and its offer."""
    return uuid.uuid5(key, reference)
