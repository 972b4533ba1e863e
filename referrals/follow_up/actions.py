"""Hand over, follow, end, cancel an act. Raises MoveRefused."""

import datetime as dt
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.users.models import User
from offers.catalogue.models import Offer
from opus.lib.audit import journal
from opus.lib.background_files import FileState
from opus.lib.database.states import MoveRefused
from referrals.acts.models import Act, record_move
from referrals.acts.outcomes import DeclaredBy, Outcome, OutcomeCode
from referrals.acts.states import ReferralState

FT_HAS_SPOKEN = (
    "France Travail a noté cette suite : elle l’emporte (convention, art. 11). "
    "Si elle est fausse, adressez-vous à votre agence France Travail."
)


@transaction.atomic
def move(act: Act, *, by: User, verb: str, **fields: Any) -> None:
    """Do what the model's verb says, and record it."""
    getattr(act, verb)(by=by, **fields)
    record_move(act, by=by)


# How and when the document was given (art. 7); the person has written to the employer
# (5.2); an interview.
hand_over = partial(move, verb="hand_over")
contact = partial(move, verb="contact")
interview = partial(move, verb="interview")


@transaction.atomic
def record_outcome(
    referral: Act, *, by: User, code: OutcomeCode, declared_by: str, on: dt.date
) -> Outcome:
    """Record the outcome, offer withdrawn or not (2.7).

    Earlier ones stay; the same one again changes nothing; France Travail's stays
    (2.10). The offer's row is locked first, since a hire counts against its posts.
    """
    Offer.objects.select_for_update(no_key=True).get(pk=referral.offer_id)
    referral.lock()
    if not by.is_staff and referral.has_france_travails_word:
        raise MoveRefused(FT_HAS_SPOKEN)
    if by.is_staff:
        declared_by = DeclaredBy.FRANCE_TRAVAIL
    standing: Outcome | None = referral.outcome
    if standing and standing.says(code=code, declared_by=declared_by, on=on):
        return standing
    outcome = referral.outcomes.create(
        code=code, declared_by=declared_by, on=on, by=by, at=timezone.now()
    )
    if referral.state == ReferralState.ENDED:
        replace_outcome(referral, outcome, by=by)
    else:
        referral.end(outcome, by=by)
    journal.record(
        journal.Action.OUTCOME_RECORDED,
        by=by,
        target=referral,
        persons=[referral.candidate_id],
        details={"outcome": code.pk, "declared_by": str(declared_by)},
    )
    return outcome


def replace_outcome(referral: Act, outcome: Outcome, *, by: User) -> None:
    """Have another outcome stand, under the lock of the act that ended."""
    referral.outcome = outcome
    referral.save(update_fields=["outcome"])
    ended = ReferralState.ENDED
    referral.steps.create(origin=ended, target=ended, by=by, note=outcome.note)


@transaction.atomic
def undo_outcome(referral: Act, *, by: User) -> None:
    """Undo one's own outcome within 24 hours. Raises MoveRefused."""
    Offer.objects.select_for_update(no_key=True).get(pk=referral.offer_id)
    referral.lock()
    undone = referral.outcome
    if undone is None:
        raise MoveRefused("Aucune suite n’est enregistrée : rien à annuler.")
    if not referral.can_undo_outcome(by):
        raise MoveRefused(
            "Une suite s’annule dans les 24 heures, par la personne qui l’a saisie. "
            "Vous pouvez noter une autre suite à sa place."
        )
    undone.undone_at = timezone.now()
    undone.save(update_fields=["undone_at"])
    earlier = (
        referral.outcomes.filter(undone_at__isnull=True)
        .exclude(pk=undone.pk)
        .order_by("at", "pk")
        .last()
    )
    if earlier:
        replace_outcome(referral, earlier, by=by)
    else:
        ended = ReferralState.ENDED
        ending = referral.steps.filter(target=ended).exclude(origin=ended)
        origin = ending.latest("at", "pk").origin
        note = {"undone": undone.code_id}
        referral.move_to(origin, by=by, note=note, outcome=None)
    journal.record(
        journal.Action.OUTCOME_UNDONE,
        by=by,
        target=referral,
        persons=[referral.candidate_id],
        details={"outcome": undone.code_id},
    )


@transaction.atomic
def cancel(act: Act, *, by: User, reason: str = "") -> None:
    """Cancel the act, with a reason after 24 hours (A6).

    Its documents become void; their text and PDF stay as evidence.
    """
    act.lock()
    if not reason and not act.can_be_undone and act.can_be_cancelled:
        raise MoveRefused("Passé 24 heures, l’annulation demande un motif.")
    act.cancel(by=by, reason=reason)
    now = timezone.now()
    for document in act.documents.exclude(state=FileState.CANCELLED):
        document.void(at=now)
    journal.record(
        journal.Action.REFERRAL_CANCELLED,
        by=by,
        target=act,
        persons=[act.candidate_id],
        details={"reason": str(reason)},
    )
