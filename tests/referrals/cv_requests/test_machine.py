"""A random walk of demandes de CV: its moves, and what is always true (R11)."""

import contextlib
import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from opus.lib.database.states import MoveRefused
from referrals.acts.models import ActStep
from referrals.acts.states import CvRefusal, CvState
from referrals.cv_requests import actions, jobs
from referrals.cv_requests.models import CvFormat, CvRequest
from referrals.cv_requests.uploads import Cv
from referrals.follow_up import actions as follow_up
from referrals.preselection.models import ScreenedReferral
from tests.accounts.factories import AgentFactory
from tests.harness import walk_at_random
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.cv_factories import PDF, CvRequestFactory
from tests.referrals.factories import CandidateFactory

pytestmark = pytest.mark.django_db

# What the table itself says, written out once more: a change of it must be meant.
MOVES = {
    "demandee": {"remise", "relancee", "sans_cv", "annulee"},
    "remise": {"recu", "relancee", "sans_cv", "annulee"},
    "relancee": {"remise", "recu", "sans_cv", "annulee"},
    "recu": {"transmis", "annulee"},
    "transmis": {"retenu", "non_retenu", "annulee"},
    "sans_cv": {"recu"},
}
CAME = {CvState.RECEIVED, CvState.SENT, CvState.KEPT, CvState.NOT_KEPT}


class CvRequests(RuleBasedStateMachine):
    """One person, one offer, whatever her adviser, the agency and the clock do."""

    def __init__(self):
        super().__init__()
        self.candidate = CandidateFactory()
        self.adviser = self.candidate.adviser
        self.agent = AgentFactory()
        self.offer = OfferFactory(preselected=True, posts=50)

    def some(self, data, *, at_most=3):
        rows = list(CvRequest.objects.order_by("created_at", "number"))
        return data.draw(st.sampled_from(rows[-at_most:]))

    def try_to(self, gesture, *args, **kwargs):
        """What the trade refuses is refused whole."""
        with contextlib.suppress(MoveRefused), transaction.atomic():
            gesture(*args, **kwargs)

    @rule(days=st.integers(1, 60))
    def request_cv(self, days):
        due_on = timezone.localdate() + dt.timedelta(days=days)
        is_free = not CvRequest.objects.live().exists()
        try:
            with transaction.atomic():
                CvRequestFactory(
                    candidate=self.candidate, offer=self.offer, due_on=due_on
                )
        except IntegrityError:
            assert not is_free
        else:
            assert is_free

    def has_any(self):
        return CvRequest.objects.exists()

    @precondition(has_any)
    @rule(data=st.data())
    def hand_over(self, data):
        today = timezone.localdate()
        self.try_to(
            follow_up.hand_over,
            self.some(data),
            by=self.adviser,
            channel="main",
            on=today,
        )

    @precondition(has_any)
    @rule(data=st.data())
    def relaunch(self, data):
        self.try_to(actions.relaunch, self.some(data), by=self.adviser)

    @precondition(has_any)
    @rule(data=st.data(), noise=st.binary(max_size=4), by_agency=st.booleans())
    def receive(self, data, noise, by_agency):
        cv = Cv(PDF + noise, CvFormat.PDF)
        by = self.agent if by_agency else self.adviser
        self.try_to(actions.receive, self.some(data), by=by, cv=cv)

    @precondition(has_any)
    @rule(data=st.data())
    def keep(self, data):
        self.try_to(actions.keep, self.some(data), by=self.agent)

    @precondition(has_any)
    @rule(data=st.data(), reason=st.sampled_from(CvRefusal.values))
    def refuse(self, data, reason):
        self.try_to(actions.refuse, self.some(data), by=self.agent, reason=reason)

    @precondition(has_any)
    @rule(data=st.data())
    def cancel(self, data):
        self.try_to(follow_up.cancel, self.some(data), by=self.adviser)

    @precondition(has_any)
    @rule(days=st.integers(0, 20))
    def time_passes(self, days):
        """All become so much older; then the clock looks."""
        for cv_request in CvRequest.objects.live():
            cv_request.due_on -= dt.timedelta(days=days)
            cv_request.save(update_fields=["due_on"])
        jobs.remind_overdue()
        jobs.close_without_cv()
        assert not CvRequest.objects.to_close().exists()

    @precondition(has_any)
    @rule(data=st.data(), state=st.sampled_from(CvState.values))
    def somebody_types_sql(self, data, state):
        """The database holds the table and article 7 against a bare statement."""
        cv_request = self.some(data)
        with contextlib.suppress(IntegrityError), transaction.atomic():
            CvRequest.objects.filter(pk=cv_request.pk).update(state=state)
            if state != cv_request.state:
                assert state in MOVES[cv_request.state]
            transaction.set_rollback(True)

    @invariant()
    def moves_are_those_of_the_table(self):
        for step in ActStep.objects.filter(act__kind=CvRequest.KIND).exclude(origin=""):
            again = step.origin == step.target == CvState.REMINDED and step.by_id
            assert again or step.target in MOVES[step.origin]

    @invariant()
    def never_two_live_for_one_offer_and_person(self):
        assert CvRequest.objects.live().count() <= 1

    @invariant()
    def what_came_was_handed_over_before(self):
        for cv_request in CvRequest.objects.filter(state__in=CAME):
            assert cv_request.handed_over_on
            assert cv_request.channel
            assert cv_request.files.count() == 1

    @invariant()
    def what_is_kept_has_its_mise_en_contact_and_nothing_else_has(self):
        kept = CvRequest.objects.filter(state=CvState.KEPT)
        follows = ScreenedReferral.objects.exclude(follows=None)
        assert {one.follows_id for one in follows} == {one.pk for one in kept}
        assert ScreenedReferral.objects.live().count() <= 1


@pytest.mark.thorough
def test_in_whatever_order_people_and_the_clock_act_the_rules_hold():
    """R11: moves allowed are the table's; one live; nothing comes before article 7."""
    walk_at_random(CvRequests, walks=12, steps=25)
