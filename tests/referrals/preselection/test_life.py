"""Applications with preselection: posts, silence, withdrawals, what is to do."""

import datetime as dt
import functools
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from offers.catalogue.models import Offer
from offers.catalogue.writes import writing_offers
from offers.enums import OfferState
from opus.lib.database.states import MoveRefused
from referrals.acts import jobs
from referrals.acts.act_context import posts_left
from referrals.acts.models import ActStep
from referrals.acts.outcomes import DeclaredBy, Outcome
from referrals.acts.states import ScreenedState
from referrals.acts.timeline import timeline_of
from referrals.follow_up import actions
from referrals.making.actions import ActRefused
from referrals.preselection import actions as screened
from referrals.preselection.models import ScreenedReferral
from referrals.todo.open_acts import open_acts_of
from tests.accounts.factories import AdviserFactory, AgencyFactory, AgentFactory
from tests.cases import each_case
from tests.harness import in_parallel, letters, walk_at_random
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.referrals.factories import CandidateFactory, ReferralFactory, end
from tests.referrals.screened import (
    ScreenedReferralFactory,
    agent_of,
    hand_over,
    in_state,
    propose,
    record,
    today,
)

pytestmark = pytest.mark.django_db
S = ScreenedState


def delegated(**kwargs):
    return OfferFactory(delegated_preselection=True, **kwargs)


@pytest.mark.parametrize("state", [S.SET_ASIDE, S.CANCELLED, S.ENDED])
def test_once_over_the_person_may_be_proposed_again(candidate, agent, state):
    old = in_state(state, agent=agent, candidate=candidate, offer__posts=None)

    assert propose(old.offer, candidate).state == S.PROPOSED


@pytest.mark.plants_defects
def test_the_timeline_tells_its_life_in_words(candidate, agent):
    act = in_state(S.SET_ASIDE, agent=agent, candidate=candidate)
    act.steps.create(origin="", target=S.PROPOSED, by=candidate.adviser)

    told = [(entry.label, entry.detail) for entry in timeline_of(act)]

    assert ("Candidature à examiner", "") in told
    assert ("Candidature écartée", "lieu ou déplacements incompatibles") in told


# --- Posts left -----------------------------------------------------------------------


def test_a_hire_of_this_kind_takes_a_post(candidate, agent):
    offer = delegated(posts=1)
    act = in_state(S.PRESENTED, agent=agent, offer=offer)
    record(act, "injoignable")
    assert posts_left(offer) == 1
    record(act)

    assert posts_left(offer) == 0
    with pytest.raises(ActRefused, match="Tous les postes"):
        propose(offer, candidate)
    actions.undo_outcome(act, by=act.adviser)
    assert posts_left(offer) == 1
    # A hire of the other kind is a post too.
    end(ReferralFactory(handed_over=True, offer=offer))
    assert posts_left(offer) == 0


@pytest.mark.django_db(transaction=True)
def test_an_act_waits_for_a_hire_on_the_last_post_and_is_refused():
    """Two advisers, one post: the hire is recorded as the other act is made."""
    agent = AgentFactory(agency=AgencyFactory(safir="38086"))
    offer = delegated(posts=1)
    hired = in_state(S.PRESENTED, agent=agent, offer=offer)
    other = CandidateFactory()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            record(hired)
            act = pool.submit(in_parallel, functools.partial(propose, offer, other))
            assert wait([act], timeout=0.5).not_done
        (result,) = act.result(timeout=60)

    assert isinstance(result, ActRefused)
    assert "Tous les postes de cette offre sont pris" in str(result)
    assert ScreenedReferral.objects.filter(offer=offer).count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_on_the_offer_the_act_would_be_made():
    """The negative control: the same hire, past the action that holds the offer."""
    agent = AgentFactory(agency=AgencyFactory(safir="38086"))
    offer = delegated(posts=1)
    hired = in_state(S.PRESENTED, agent=agent, offer=offer)
    other = CandidateFactory()
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        outcome = Outcome.objects.create(
            act=hired,
            code_id="embauche",
            declared_by=DeclaredBy.EMPLOYER,
            on=today(),
            by=hired.adviser,
        )
        hired.end(outcome, by=hired.adviser)
        act = pool.submit(in_parallel, functools.partial(propose, offer, other))
        (result,) = act.result(timeout=60)

    assert isinstance(result, ScreenedReferral)
    assert posts_left(offer) == 0


@pytest.mark.django_db(transaction=True)
def test_two_sides_at_the_same_instant_make_one_decision():
    """The adviser shortlists while the agency sets aside: the second is refused."""
    act = ScreenedReferralFactory(to_review=True)
    agent = agent_of(act)
    copies = [ScreenedReferral.objects.get(pk=act.pk) for _ in range(2)]

    results = in_parallel(
        lambda: screened.shortlist(copies[0], by=act.adviser),
        lambda: screened.set_aside(copies[1], by=agent, reason="assez"),
    )

    assert sum(isinstance(result, MoveRefused) for result in results) == 1
    assert act.steps.count() == 1


# --- Silence --------------------------------------------------------------------------


def grow_older(act, days):
    at = timezone.now() - dt.timedelta(days=days)
    ScreenedReferral.objects.filter(pk=act.pk).update(created_at=at)
    notes = {"on": (today() - dt.timedelta(days=days)).isoformat()}
    for step in ActStep.objects.filter(act=act):
        step.at, step.note = at, notes if "on" in step.note else step.note
        step.save()


@pytest.mark.parametrize("state", [S.PRESENTED, S.INTERVIEW])
def test_after_fifteen_days_its_adviser_is_reminded_and_after_sixty_it_is_closed(
    agent, state
):
    act = in_state(state, agent=agent)
    grow_older(act, 16)
    # What the agency decided was written.
    letters()
    jobs.check_silence()
    assert [letter.to for letter in letters()] == [[act.adviser.email]]
    grow_older(act, 61)

    jobs.check_silence()

    act.refresh_from_db()
    assert act.state == S.ENDED
    assert (act.outcome.declared_by, act.outcome.by) == (DeclaredBy.OPUS, None)
    actions.undo_outcome(act, by=act.adviser)
    assert act.state == state


# --- To do ----------------------------------------------------------------------------

WANTING = {
    True: {S.PROPOSED, S.TO_REVIEW, S.ASKED_FOR_MORE, S.SHORTLISTED},
    False: {S.PROPOSED, S.ASKED_FOR_MORE},
}


@each_case("state", S)
@each_case("is_delegated", [True, False])
def test_what_an_adviser_has_to_do(agent, is_delegated, state):
    act = in_state(state, agent=agent, offer__delegated=is_delegated)

    wanting = ScreenedReferral.objects.with_a_step_due()

    assert (act in wanting) == (state in WANTING[is_delegated])


def test_the_longest_silent_comes_first(agent, adviser):
    acts = [
        in_state(S.TO_REVIEW, agent=agent, candidate__adviser=adviser) for _ in range(3)
    ]
    grow_older(acts[1], 5)

    mine = [task.act for task in open_acts_of(adviser).tasks]

    assert mine[0] == acts[1]
    assert len(mine) == 3


# --- Any sequence ---------------------------------------------------------------------


class Application(RuleBasedStateMachine):
    """Adviser, agency, feed and clock do anything, in any order."""

    @initialize(is_delegated=st.booleans())
    def begin(self, is_delegated):
        adviser = AdviserFactory()
        self.offer = delegated(posts=3)
        self.act = propose(self.offer, CandidateFactory(adviser=adviser))
        with writing_offers():
            offers = Offer.objects.filter(pk=self.offer.pk)
            offers.update(delegated=is_delegated)
        self.is_delegated = is_delegated
        self.sides = [adviser, agent_of(self.act)]

    def do(self, act):
        """A refusal is an answer that changes nothing; a breakdown is not."""
        before = (self.act.state, self.act.steps.count())
        held = ScreenedReferral.objects.get(pk=self.act.pk)
        try:
            with transaction.atomic():
                act(held)
        except MoveRefused:
            held.refresh_from_db()
            assert (held.state, held.steps.count()) == before
        self.act = ScreenedReferral.objects.get(pk=self.act.pk)

    @rule()
    def hand_over(self):
        self.do(hand_over)

    @rule(side=st.sampled_from([0, 1]))
    def shortlist(self, side):
        self.do(lambda act: screened.shortlist(act, by=self.sides[side]))

    @rule(side=st.sampled_from([0, 1]))
    def set_aside(self, side):
        self.do(
            lambda act: screened.set_aside(act, by=self.sides[side], reason="assez")
        )

    @rule(side=st.sampled_from([0, 1]))
    def ask_for_more(self, side):
        by = self.sides[side]
        self.do(lambda act: screened.ask_for_more(act, by=by, text="Libre ?"))

    @rule(side=st.sampled_from([0, 1]))
    def complete(self, side):
        self.do(lambda act: screened.complete(act, by=self.sides[side], answer="Oui."))

    @rule(side=st.sampled_from([0, 1]))
    def reset(self, side):
        self.do(lambda act: screened.reset(act, by=self.sides[side]))

    @rule(side=st.sampled_from([0, 1]))
    def present(self, side):
        self.do(lambda act: screened.present(act, by=self.sides[side], on=today()))

    @rule(side=st.sampled_from([0, 1]))
    def interview(self, side):
        self.do(lambda act: actions.interview(act, by=self.sides[side]))

    @rule(side=st.sampled_from([0, 1]), code=st.sampled_from(["embauche", "absent"]))
    def conclude(self, side, code):
        self.do(lambda act: record(act, code, by=self.sides[side]))

    @rule(side=st.sampled_from([0, 1]))
    def undo(self, side):
        self.do(lambda act: actions.undo_outcome(act, by=self.sides[side]))

    @rule()
    def cancel(self):
        self.do(lambda act: actions.cancel(act, by=self.sides[0]))

    @rule(state=st.sampled_from([OfferState.SUSPENDED, OfferState.ACTIVE]))
    def the_feed_speaks(self, state):
        withdraw(self.offer, state)

    @rule()
    def the_clock_passes(self):
        jobs.check_silence()
        jobs.notify_withdrawals()
        self.act = ScreenedReferral.objects.get(pk=self.act.pk)

    @invariant()
    def every_step_is_a_move_of_the_table(self):
        steps = list(self.act.steps.order_by("pk").values_list("origin", "target"))
        assert steps[0] == ("", S.PROPOSED)
        assert steps[-1][1] == self.act.state
        for (_, came), (left, target) in zip(steps, steps[1:], strict=False):
            assert came == left
            assert target in ScreenedReferral.MOVES[left] or (left, target) == (
                S.ENDED,
                S.ENDED,
            )

    @invariant()
    def nobody_passed_the_preselection_without_the_right(self):
        reserved = [S.SHORTLISTED, S.SET_ASIDE, S.PRESENTED]
        steps = self.act.steps.filter(target__in=reserved).exclude(origin=S.ENDED)
        for step in steps:
            assert step.by.is_staff or self.is_delegated

    @invariant()
    def it_stands_as_its_row_says(self):
        act = self.act
        assert (act.outcome is None) == (act.state != S.ENDED)
        assert bool(act.reason) == (act.state == S.SET_ASIDE)
        assert bool(act.documents.get().void_at) == (act.state == S.CANCELLED)
        hires = int(bool(act.outcome and act.outcome.is_hire))
        assert posts_left(self.offer) == 3 - hires


@pytest.mark.thorough
def test_in_whatever_order_both_sides_act_the_invariants_hold():
    """R11."""
    walk_at_random(Application, walks=15, steps=25)
