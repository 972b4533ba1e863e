"""Actions on applications with preselection (art. 3.2, domain 5.3).

Each checks ``rules.judge`` under lock and raises MoveRefused.
"""

import datetime as dt

from django.db import transaction

from accounts.users.models.users import User
from offers.catalogue.models import Offer
from opus.lib.database.states import MoveRefused
from referrals.acts.act_rights import Permission
from referrals.acts.audit_entries import record_move
from referrals.preselection import emails
from referrals.preselection.models import ScreenedReferral
from referrals.preselection.rules import Gesture, Side, judge


def side_of(user: User) -> Side:
    return Side.FRANCE_TRAVAIL if user.is_staff else Side.ADVISER


def permission_for(act: ScreenedReferral, gesture: Gesture, *, by: User) -> Permission:
    """Return the rule's answer, without lock or query."""
    return judge(
        gesture, side=side_of(by), is_delegated=act.is_delegated, state=act.state
    )


def lock_and_check(act: ScreenedReferral, gesture: Gesture, *, by: User) -> None:
    """Lock the offer, then the act, and check the rule again."""
    act.offer = Offer.objects.select_for_update(no_key=True).get(pk=act.offer_id)
    act.lock()
    answer = permission_for(act, gesture, by=by)
    if not answer.is_allowed:
        raise MoveRefused(answer.sentence)


@transaction.atomic
def shortlist(act: ScreenedReferral, *, by: User) -> None:
    lock_and_check(act, Gesture.SHORTLIST, by=by)
    act.shortlist(by=by)
    record_move(act, by=by)


@transaction.atomic
def set_aside(act: ScreenedReferral, *, by: User, reason: str) -> None:
    lock_and_check(act, Gesture.SET_ASIDE, by=by)
    act.set_aside(by=by, reason=reason)
    record_move(act, by=by)
    notify_adviser(act, by=by)


@transaction.atomic
def ask_for_more(act: ScreenedReferral, *, by: User) -> None:
    lock_and_check(act, Gesture.ASK_FOR_MORE, by=by)
    act.ask_for_more(by=by)
    record_move(act, by=by)
    notify_adviser(act, by=by)


@transaction.atomic
def complete(act: ScreenedReferral, *, by: User) -> None:
    lock_and_check(act, Gesture.COMPLETE, by=by)
    act.complete(by=by)
    record_move(act, by=by)


@transaction.atomic
def reset(act: ScreenedReferral, *, by: User) -> None:
    lock_and_check(act, Gesture.RESET, by=by)
    act.reset(by=by)
    record_move(act, by=by)


@transaction.atomic
def present(act: ScreenedReferral, *, by: User, on: dt.date) -> None:
    lock_and_check(act, Gesture.PRESENT, by=by)
    act.present(by=by, on=on)
    record_move(act, by=by)


def notify_adviser(act: ScreenedReferral, *, by: User) -> None:
    """E-mail the adviser if France Travail decided."""
    if side_of(by) is Side.ADVISER:
        return
    step = act.steps.latest("at", "pk")
    emails.application_answered.post(
        key=str(step.pk),
        adviser=act.candidate.follower.pk,
        act=str(act.pk),
        state=act.state,
    )
