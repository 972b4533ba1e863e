"""Actions on applications with preselection (art. 3.2).

Each checks ``rules.judge`` under lock and raises MoveRefused.
"""

import dataclasses
from functools import partial
from typing import Any

from django.db import transaction

from accounts.users.models import User
from offers.catalogue.models import Offer
from offers.enums import Mode
from offers.feed.health import Health
from opus.lib.database.states import MoveRefused
from referrals.acts.act_context import posts_left, situation_of
from referrals.acts.act_rights import ActKind, Permission, acts_on
from referrals.acts.models import Act, draw_act_number, record_move
from referrals.acts.states import ScreenedState
from referrals.candidates.models import FROZEN
from referrals.preselection import emails
from referrals.preselection.models import ScreenedReferral
from referrals.preselection.rules import Gesture, Side, judge


def shortlist_after(offer: Offer, *, by: User, act: Act) -> ScreenedReferral:
    """Make it in the transaction that locked the offer (R2).

    Article 3.2 applies, except the delegation. Raises MoveRefused.
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
        to_confirm=Health().is_stale,
    )
    follows.save_new()
    follows.steps.create(origin="", target=follows.state, by=by)
    return follows


# The adviser waits for these.
ANSWERS = {Gesture.SHORTLIST, Gesture.SET_ASIDE, Gesture.ASK_FOR_MORE, Gesture.PRESENT}

# These write about the person.
WRITES = {Gesture.ASK_FOR_MORE, Gesture.COMPLETE}


def side_of(user: User) -> Side:
    return Side.FRANCE_TRAVAIL if user.is_staff else Side.ADVISER


def permission_for(act: ScreenedReferral, gesture: Gesture, *, by: User) -> Permission:
    """Return the rule's answer, without lock or query."""
    return judge(
        gesture,
        side=side_of(by),
        mode=act.offer.mode,
        offer_state=act.offer.state,
        state=act.state,
    )


@transaction.atomic
def move(act: ScreenedReferral, *, gesture: Gesture, by: User, **fields: Any) -> None:
    """Lock the offer, then the act; check, move, record.

    The adviser gets an e-mail if France Travail answered.
    """
    act.offer = Offer.objects.select_for_update(no_key=True).get(pk=act.offer_id)
    act.lock()
    permission = permission_for(act, gesture, by=by)
    if not permission.is_allowed:
        raise MoveRefused(permission.sentence)
    if gesture in WRITES and act.candidate.freeze:
        raise MoveRefused(FROZEN)
    getattr(act, gesture.value)(by=by, **fields)
    record_move(act, by=by)
    if gesture in ANSWERS and side_of(by) is Side.FRANCE_TRAVAIL:
        step = act.steps.latest("at", "pk")
        emails.application_answered.post(
            key=str(step.pk),
            adviser=act.candidate.follower.pk,
            act=str(act.pk),
            state=act.state,
        )


# Each takes the act, ``by``, and the fields of the model's verb of the same name.
shortlist = partial(move, gesture=Gesture.SHORTLIST)
set_aside = partial(move, gesture=Gesture.SET_ASIDE)
ask_for_more = partial(move, gesture=Gesture.ASK_FOR_MORE)
reset = partial(move, gesture=Gesture.RESET)
present = partial(move, gesture=Gesture.PRESENT)


@transaction.atomic
def complete(act: ScreenedReferral, *, by: User, answer: str) -> None:
    """Answer the agency's question; the same form again changes nothing."""
    Offer.objects.select_for_update(no_key=True).get(pk=act.offer_id)
    act.lock()
    same = act.questions.filter(answer=answer, answered_by=by)
    if act.state != ScreenedState.ASKED_FOR_MORE and same.exists():
        return
    move(act, gesture=Gesture.COMPLETE, by=by, answer=answer)
