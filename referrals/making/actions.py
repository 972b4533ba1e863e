"""Make an act of any kind in one transaction.

The offer's row is locked first, then all rules are checked again (R2).
"""

import uuid
from typing import Any

from django.db import transaction

from accounts.users.models import User
from offers.catalogue.models import Offer
from offers.feed.health import Health
from opus.lib.audit import journal
from referrals.acts.act_context import facts_of, posts_left, situation_of
from referrals.acts.act_rights import ActKind, Permission, acts_on
from referrals.acts.models import KINDS, Act, draw_act_number
from referrals.candidates.models import Candidate
from referrals.documents.actions import make_document

MADE = {
    ActKind.REFERRAL: journal.Action.REFERRAL_MADE,
    ActKind.SCREENED_REFERRAL: journal.Action.SCREENED_REFERRAL_MADE,
    ActKind.CV_REQUEST: journal.Action.CV_REQUESTED,
    ActKind.APPOINTMENT: journal.Action.SUMMONED,
}


class ActRefused(Exception):
    """Refused, with its article; ``offer``: as it is now."""

    def __init__(self, answer: Permission, offer: Offer) -> None:
        super().__init__(answer.sentence)
        self.offer = offer
        self.article = answer.article


class OfferChanged(Exception):
    """The page showed another version of ``offer``."""

    def __init__(self, offer: Offer) -> None:
        super().__init__(
            "L’offre a changé depuis que vous avez ouvert cette page\u00a0: voici sa "
            "nouvelle version. Relisez-la, puis confirmez de nouveau."
        )
        self.offer = offer


def make(
    kind: ActKind,
    offer_reference: str,
    candidate_pk: uuid.UUID,
    *,
    by: User,
    key: uuid.UUID,
    version: str = "",
    **details: Any,
) -> Act:
    """Make the act, its first step and its frozen document.

    ``key``: the form's own; the same one twice returns the first act (R10).
    ``version``: of the offer as the page showed it; without it, the current one.

    Raises ActRefused: article 3.2 refuses, and the refusal is logged; OfferChanged: the
    offer has another version now; Offer.DoesNotExist, Candidate.DoesNotExist: unknown,
    or not the adviser's.
    """
    try:
        return _make(
            kind,
            offer_reference,
            candidate_pk,
            by=by,
            key=key,
            version=version,
            **details,
        )
    except ActRefused as refusal:
        # After the rollback, so that the refusal is recorded.
        journal.record(
            journal.Action.REFERRAL_REFUSED,
            by=by,
            target=refusal.offer,
            # Only the article for staff: their message names the adviser.
            refused=str(refusal) if by.is_partner else refusal.article,
        )
        raise


@transaction.atomic
def _make(
    kind: ActKind,
    offer_reference: str,
    candidate_pk: uuid.UUID,
    *,
    by: User,
    key: uuid.UUID,
    version: str,
    **details: Any,
) -> Act:
    # FOR NO KEY UPDATE: a withdrawal waits, readers and foreign keys do not.
    offer = Offer.objects.select_for_update(no_key=True).get(pk=offer_reference)
    made = Act.objects.filter(adviser=by, idempotency_key=key).first()
    if made:
        return made
    by = User.objects.select_related("structure").get(pk=by.pk)
    candidate = Candidate.objects.visible_to(by).get(pk=candidate_pk)
    facts = facts_of([offer], [candidate])
    situation = situation_of(
        offer,
        by=by,
        convention=by.convention_in_force(),
        posts_left=posts_left(offer),
        live_acts=frozenset(facts.live[offer.pk, candidate.pk]),
        frozen_by=facts.frozen_by.get(candidate.pk, ""),
    )
    answer = acts_on(situation)[kind]
    if not answer.is_allowed:
        raise ActRefused(answer, offer)
    if version and version != offer.version:
        raise OfferChanged(offer)
    act = KINDS[kind].draft(
        number=draw_act_number(KINDS[kind].PREFIX),
        offer=offer,
        candidate=candidate,
        structure=candidate.structure,
        adviser=by,
        idempotency_key=key,
        to_confirm=Health().is_stale,
        **details,
    )
    act.save_new()
    act.steps.create(origin="", target=act.state, by=by)
    document = make_document(act)
    journal.record(
        MADE[kind],
        by=by,
        target=act,
        persons=[candidate.pk],
        details={"offer": offer.pk, "document": str(document.pk)},
    )
    return act
