"""What becomes of an application on an offer with preselection (art. 3.2, domain 5.3).

Each gesture asks ``screening.judge`` under lock, with what the database says now: the
offer may have been delegated, or taken back, since the page was shown.
"""

import datetime as dt

from django.db import transaction

from accounts.models import User
from offers.models import Offer
from opus.lib.states import MoveRefused
from referrals import emails
from referrals.actions.follow_up import tell_move
from referrals.models import ScreenedReferral
from referrals.rights import Answer
from referrals.screening import Gesture, Side, judge


def side_of(user: User) -> Side:
    return Side.FRANCE_TRAVAIL if user.is_staff else Side.ADVISER


def answer_for(act: ScreenedReferral, gesture: Gesture, *, by: User) -> Answer:
    """What the rule says of this act as it is known here; no lock, no query."""
    return judge(
        gesture, side=side_of(by), is_delegated=act.is_delegated, state=act.state
    )


def hold(act: ScreenedReferral, gesture: Gesture, *, by: User) -> None:
    """Hold the offer, then the act, and ask again.

    Raises:
        MoveRefused: it is not this side's to do, or not from where the act stands.
    """
    act.offer = Offer.objects.select_for_update(no_key=True).get(pk=act.offer_id)
    act.lock()
    answer = answer_for(act, gesture, by=by)
    if not answer.is_allowed:
        raise MoveRefused(answer.sentence)


@transaction.atomic
def shortlist(act: ScreenedReferral, *, by: User) -> None:
    """Keep the application. Raises MoveRefused."""
    hold(act, Gesture.SHORTLIST, by=by)
    act.shortlist(by=by)
    tell_move(act, by=by)


@transaction.atomic
def set_aside(act: ScreenedReferral, *, by: User, reason: str) -> None:
    """Do not keep it, for a coded reason; its adviser is told. Raises MoveRefused."""
    hold(act, Gesture.SET_ASIDE, by=by)
    act.set_aside(by=by, reason=reason)
    tell_move(act, by=by)
    tell_adviser(act, by=by)


@transaction.atomic
def ask_for_more(act: ScreenedReferral, *, by: User) -> None:
    """Something is missing: its adviser is told. Raises MoveRefused."""
    hold(act, Gesture.ASK_FOR_MORE, by=by)
    act.ask_for_more(by=by)
    tell_move(act, by=by)
    tell_adviser(act, by=by)


@transaction.atomic
def complete(act: ScreenedReferral, *, by: User) -> None:
    """What was missing was given. Raises MoveRefused."""
    hold(act, Gesture.COMPLETE, by=by)
    act.complete(by=by)
    tell_move(act, by=by)


@transaction.atomic
def reset(act: ScreenedReferral, *, by: User) -> None:
    """Look again at one that was set aside, within fifteen days. Raises MoveRefused."""
    hold(act, Gesture.RESET, by=by)
    act.reset(by=by)
    tell_move(act, by=by)


@transaction.atomic
def present(act: ScreenedReferral, *, by: User, on: dt.date) -> None:
    """The application was presented to the employer. Raises MoveRefused."""
    hold(act, Gesture.PRESENT, by=by)
    act.present(by=by, on=on)
    tell_move(act, by=by)


def tell_adviser(act: ScreenedReferral, *, by: User) -> None:
    """One letter where it is France Travail that decided: he decides knowingly."""
    if side_of(by) is Side.ADVISER:
        return
    step = act.steps.latest("at", "pk")
    emails.application_answered.post(
        key=str(step.pk),
        adviser=act.candidate.follower.pk,
        act=str(act.pk),
        state=act.state,
    )
