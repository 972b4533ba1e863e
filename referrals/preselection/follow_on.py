"""The mise en contact after a kept CV or convocation."""

import dataclasses

from accounts.users.models.users import User
from offers.catalogue.models import Offer
from offers.enums import Mode
from opus.lib.database.states import MoveRefused
from referrals.acts.act_context import posts_left, situation_of
from referrals.acts.act_rights import ActKind, acts_on
from referrals.acts.models.acts import Act, draw_act_number
from referrals.acts.states import ScreenedState
from referrals.acts.withdrawals import is_to_confirm
from referrals.preselection.models import ScreenedReferral


def shortlist_after(offer: Offer, *, by: User, act: Act) -> ScreenedReferral:
    """Make it in the transaction that locked the offer (R2).

    Article 3.2 applies, except the delegation (design 2.1). Raises MoveRefused.
    """
    candidate = act.candidate
    live = ScreenedReferral.objects.live().filter(offer=offer, candidate=candidate)
    if under_way := live.first():
        raise MoveRefused(
            f"Une mise en contact est déjà en cours pour ce candidat sur cette "
            f"offre (n°\u00a0{under_way.number})\u00a0: suivez celle-là."
        )
    if offer.mode == Mode.DIRECT:
        raise MoveRefused(
            "Rien n’est enregistré. Cette offre n’a plus de présélection\u00a0: son "
            "conseiller la propose au candidat, qui postule lui-même."
        )
    accompanies = candidate.follower
    situation = situation_of(
        offer,
        by=accompanies,
        convention=accompanies.convention_in_force(),
        posts_left=posts_left(offer),
    )
    # If it is not the reader's own account, the sentence names the adviser.
    whose = "" if by == accompanies else str(accompanies)
    delegated = dataclasses.replace(situation, mode=Mode.DELEGATED, whose=whose)
    answer = acts_on(delegated)[ActKind.SCREENED_REFERRAL]
    if not answer.is_allowed:
        raise MoveRefused(
            f"Rien n’est enregistré. Ce qui s’y oppose\u00a0: {answer.sentence}"
        )
    follows = ScreenedReferral.draft(
        number=draw_act_number(ScreenedReferral.PREFIX),
        offer=offer,
        candidate=candidate,
        structure=act.structure,
        adviser=act.adviser,
        state=ScreenedState.SHORTLISTED,
        follows=act,
        to_confirm=is_to_confirm(),
    )
    follows.save_new()
    follows.steps.create(origin="", target=follows.state, by=by)
    return follows
