"""Who does what of an application with preselection: every cell of the rule.

Role × delegated × state × gesture, pure and then through the actions.
"""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from offers.catalogue.models import Offer
from offers.catalogue.writes import writing_offers
from offers.enums import Mode, OfferState
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from referrals.acts.states import ScreenedState
from referrals.follow_up import actions
from referrals.preselection import actions as screened
from referrals.preselection.models import ScreenedReferral
from referrals.preselection.rules import FROM, Gesture, Side, judge
from tests.cases import each_case
from tests.offers.helpers.factories import withdraw
from tests.referrals.screened import (
    ScreenedReferralFactory,
    hand_over,
    in_state,
    record,
    today,
)

S, G = ScreenedState, Gesture
SIDES = [Side.ADVISER, Side.FRANCE_TRAVAIL]
# state → gesture → who: A the adviser, D the adviser where it is delegated, F France
# Travail. What is not here is nobody's.
MAY = {
    S.PROPOSED: {G.HAND_OVER: "A", G.CANCEL: "A"},
    S.HANDED_OVER: {G.CANCEL: "A"},
    S.TO_REVIEW: {
        G.SHORTLIST: "DF",
        G.SET_ASIDE: "DF",
        G.ASK_FOR_MORE: "F",
        G.CANCEL: "A",
    },
    S.ASKED_FOR_MORE: {G.COMPLETE: "A", G.CANCEL: "A"},
    S.SET_ASIDE: {G.RESET: "F"},
    S.SHORTLISTED: {G.PRESENT: "DF", G.OUTCOME: "AF", G.CANCEL: "A"},
    S.PRESENTED: {G.INTERVIEW: "AF", G.OUTCOME: "AF", G.CANCEL: "A"},
    S.INTERVIEW: {G.OUTCOME: "AF", G.CANCEL: "A"},
    S.ENDED: {G.OUTCOME: "AF"},
    S.CANCELLED: {},
}
# Gesture → where it leads.
TARGETS = {
    G.HAND_OVER: S.TO_REVIEW,
    G.COMPLETE: S.TO_REVIEW,
    G.CANCEL: S.CANCELLED,
    G.SHORTLIST: S.SHORTLISTED,
    G.SET_ASIDE: S.SET_ASIDE,
    G.PRESENT: S.PRESENTED,
    G.ASK_FOR_MORE: S.ASKED_FOR_MORE,
    G.RESET: S.TO_REVIEW,
    G.INTERVIEW: S.INTERVIEW,
    G.OUTCOME: S.ENDED,
}
DO = {
    G.HAND_OVER: hand_over,
    G.COMPLETE: lambda act, by: screened.complete(act, by=by, answer="Oui."),
    G.CANCEL: lambda act, by: actions.cancel(act, by=by),
    G.SHORTLIST: lambda act, by: screened.shortlist(act, by=by),
    G.SET_ASIDE: lambda act, by: screened.set_aside(act, by=by, reason="assez"),
    G.PRESENT: lambda act, by: screened.present(act, by=by, on=today()),
    G.ASK_FOR_MORE: lambda act, by: screened.ask_for_more(act, by=by, text="Libre ?"),
    G.RESET: lambda act, by: screened.reset(act, by=by),
    G.INTERVIEW: lambda act, by: actions.interview(act, by=by),
    G.OUTCOME: lambda act, by: record(act, by=by),
}


MODES = {True: Mode.DELEGATED, False: Mode.PRESELECTED}


def judged(gesture, side, state, *, mode=Mode.DELEGATED, offer_state="active"):
    return judge(gesture, side=side, mode=mode, offer_state=offer_state, state=state)


def expected(gesture, side, is_delegated, state):
    who = MAY[state].get(gesture, "")
    if side is Side.FRANCE_TRAVAIL:
        return "F" in who
    return "A" in who or ("D" in who and is_delegated)


@each_case("state", S)
@each_case("is_delegated", [True, False])
@each_case("side", SIDES, ids=lambda side: side.value)
def test_every_cell_of_the_rule(side, is_delegated, state):
    for gesture in Gesture:
        answer = judged(gesture, side, state, mode=MODES[is_delegated])

        assert answer.is_allowed == expected(gesture, side, is_delegated, state), (
            gesture
        )
        # Every no has its sentence and its article.
        assert answer.is_allowed or "(convention, art. " in answer.sentence


@each_case("gesture", Gesture)
def test_the_rule_never_says_yes_to_a_move_that_is_not_in_the_table(gesture):
    target = TARGETS[gesture]
    first = S.HANDED_OVER if gesture is G.HAND_OVER else target
    for state in FROM[gesture] - {S.ENDED}:
        assert first in ScreenedReferral.MOVES[state]


def test_whose_it_is_comes_before_where_it_stands():
    """Who may never do it is not told to come back later."""
    for state in S:
        kept = judged(G.SHORTLIST, Side.ADVISER, state, mode=Mode.PRESELECTED)
        assert "France Travail garde la présélection" in kept.reason
        more = judged(G.ASK_FOR_MORE, Side.ADVISER, state)
        assert "reviennent à France Travail" in more.reason
        paper = judged(G.HAND_OVER, Side.FRANCE_TRAVAIL, state)
        assert "reviennent au conseiller" in paper.reason


@each_case("state", S)
@each_case("side", SIDES, ids=lambda side: side.value)
def test_nothing_leads_on_once_the_offer_is_cancelled_or_not_preselected(side, state):
    """An offer that is cancelled never comes back; a suspended one keeps the place."""
    onward = {G.SHORTLIST, G.PRESENT, G.ASK_FOR_MORE, G.COMPLETE, G.RESET}
    for gesture in Gesture:
        usual = judged(gesture, side, state)
        gone = judged(gesture, side, state, offer_state=OfferState.CANCELLED)
        lifted = judged(gesture, side, state, mode=Mode.DIRECT)
        assert judged(gesture, side, state, offer_state=OfferState.SUSPENDED) == usual
        assert gone.is_allowed == (usual.is_allowed and gesture not in onward)
        assert lifted.is_allowed == (
            usual.is_allowed and gesture not in onward | {G.SET_ASIDE}
        )
        for answer in (gone, lifted):
            assert "France Travail garde" not in answer.reason


# --- Through the actions --------------------------------------------------------------

pytestmark = pytest.mark.django_db
# Held by the page's and the desk's own doors, and not by these actions: handing over
# and calling off are the same for all kinds; interviews and outcomes too.
SHARED = {G.HAND_OVER, G.CANCEL, G.INTERVIEW, G.OUTCOME}


@each_case("state", S, at_each_run=4)
@each_case("is_delegated", [True, False])
@each_case("side", SIDES, ids=lambda side: side.value)
def test_the_actions_obey_the_rule(agent, side, is_delegated, state):
    """R11: it leads where it should, or is refused and changes nothing."""
    act = in_state(state, agent=agent, offer__delegated=is_delegated)
    steps = act.steps.count()
    by = agent if side is Side.FRANCE_TRAVAIL else act.adviser
    for gesture, do in DO.items():
        may = expected(gesture, side, is_delegated, state)
        if gesture in SHARED and not may and side is Side.FRANCE_TRAVAIL:
            continue
        if not may:
            with pytest.raises(MoveRefused, match=r"\."):
                do(act, by)
            act.refresh_from_db()
            assert (act.state, act.steps.count()) == (state, steps), gesture
            continue
        do(act, by)
        assert act.state == TARGETS[gesture], gesture
        act = in_state(state, agent=agent, offer__delegated=is_delegated)
        steps = act.steps.count()
        if side is Side.ADVISER:
            by = act.adviser


def test_delegation_is_asked_again_under_lock():
    """The page was shown while the offer was delegated; it no longer is."""
    act = ScreenedReferralFactory(to_review=True)
    stale = ScreenedReferral.objects.select_related("offer").get(pk=act.pk)
    assert stale.is_delegated
    with writing_offers():
        Offer.objects.filter(pk=act.offer_id).update(delegated=False)

    with pytest.raises(MoveRefused, match="France Travail garde la présélection"):
        screened.shortlist(stale, by=act.adviser)

    assert ScreenedReferral.objects.get(pk=act.pk).state == S.TO_REVIEW


def test_handing_over_goes_on_in_the_same_transaction():
    """Opus itself moves it to the queue; one entry tells of both."""
    act = ScreenedReferralFactory()

    hand_over(act)

    steps = list(act.steps.values_list("origin", "target", "by"))
    assert steps == [
        (S.PROPOSED, S.HANDED_OVER, act.adviser.pk),
        (S.HANDED_OVER, S.TO_REVIEW, None),
    ]
    entry = AuditEntry.objects.get(action="referral_moved")
    assert entry.details == {"to": S.TO_REVIEW}


@pytest.mark.parametrize(("days", "is_open"), [(14, True), (16, False)])
def test_one_that_was_set_aside_is_taken_up_again_within_fifteen_days(
    agent, days, is_open
):
    act = in_state(S.SET_ASIDE, agent=agent)
    assert act.reason == "mobilite"

    with time_machine.travel(timezone.now() + dt.timedelta(days=days)):
        assert act.can_be_reset is is_open
        if is_open:
            screened.reset(act, by=agent)
        else:
            with pytest.raises(MoveRefused, match="quinze jours"):
                screened.reset(act, by=agent)

    assert (act.state, act.reason) == (
        (S.TO_REVIEW, "") if is_open else (S.SET_ASIDE, "mobilite")
    )


def test_a_suspended_offer_costs_nobody_his_place(agent):
    """It goes on meanwhile."""
    act = in_state(S.TO_REVIEW, agent=agent)
    withdraw(act.offer)
    act.refresh_from_db()
    assert (act.state, act.offer_is_withdrawn) == (S.TO_REVIEW, True)

    screened.shortlist(act, by=agent)

    assert act.state == S.SHORTLISTED


def test_a_presentation_is_neither_before_the_act_nor_to_come(agent):
    act = in_state(S.SHORTLISTED, agent=agent)

    for days in (-1, 1):
        with pytest.raises(MoveRefused, match="comprise entre"):
            screened.present(act, by=agent, on=today() + dt.timedelta(days=days))


def test_an_outcome_undone_leads_back_to_where_it_came_from(agent):
    for state in (S.SHORTLISTED, S.PRESENTED, S.INTERVIEW):
        act = in_state(state, agent=agent)
        record(act)

        actions.undo_outcome(act, by=act.adviser)

        assert (act.state, act.outcome) == (state, None)
