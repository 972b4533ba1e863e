"""Demandes de CV that two people, or the feed, change at the same instant (R2, R10)."""

from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from types import SimpleNamespace

import pytest

from offers.catalogue.models import Offer
from offers.catalogue.writes import writing_offers
from offers.enums import OfferState
from opus.lib.database.states import MoveRefused
from referrals.acts.states import CvState
from referrals.cv_requests import actions
from referrals.cv_requests.models import CvFile, CvFormat, CvRequest
from referrals.cv_requests.uploads import Cv
from referrals.follow_up import actions as follow_up
from referrals.preselection.models import ScreenedReferral
from tests.accounts.factories import AgentFactory
from tests.harness import in_parallel
from tests.referrals.cv_factories import PDF, CvFileFactory, CvRequestFactory

pytestmark = pytest.mark.django_db(transaction=True)


def fresh(cv_request):
    return CvRequest.objects.get(pk=cv_request.pk)


def keep_while_it_is_withdrawn(cv_request, agent):
    """France Travail keeps the CV while the feed withdraws its offer.

    Returns:
        Whether the keeping waited, and what it answered.
    """
    keep = partial(actions.keep, fresh(cv_request), by=agent)
    with ThreadPoolExecutor(1) as pool:
        with writing_offers():
            Offer.objects.filter(pk=cv_request.offer_id).update(
                state=OfferState.SUSPENDED
            )
            kept = pool.submit(in_parallel, keep)
            has_waited = bool(wait([kept], timeout=0.5).not_done)
        (result,) = kept.result(timeout=60)
    return has_waited, result


def test_no_mise_en_contact_begins_on_an_offer_that_is_being_withdrawn():
    """R2: it waits for the withdrawal, and is refused."""
    cv_request, agent = CvFileFactory().cv_request, AgentFactory()

    has_waited, result = keep_while_it_is_withdrawn(cv_request, agent)

    assert has_waited
    assert isinstance(result, MoveRefused)
    assert not ScreenedReferral.objects.exists()
    assert fresh(cv_request).state == CvState.SENT


def test_without_the_lock_of_the_offer_it_would_begin(monkeypatch):
    """The control: the test above sees the lock, and nothing else."""
    unlocked = SimpleNamespace(select_for_update=lambda **options: Offer.objects.all())
    monkeypatch.setattr(actions, "Offer", SimpleNamespace(objects=unlocked))
    cv_request, agent = CvFileFactory().cv_request, AgentFactory()

    has_waited, result = keep_while_it_is_withdrawn(cv_request, agent)

    assert not has_waited
    assert result == ScreenedReferral.objects.get()


def test_two_agents_who_keep_it_at_once_open_one_mise_en_contact():
    cv_request = CvFileFactory().cv_request
    agents = [AgentFactory(), AgentFactory()]

    results = in_parallel(
        *[partial(actions.keep, fresh(cv_request), by=agent) for agent in agents]
    )

    assert [isinstance(one, MoveRefused) for one in results].count(True) == 1
    assert ScreenedReferral.objects.count() == 1


def test_two_clicks_at_the_same_instant_keep_one_file():
    """R10: the same bytes, from the same person."""
    cv_request = CvRequestFactory(handed_over=True)
    cv = Cv(PDF, CvFormat.PDF)

    first, second = in_parallel(
        *[
            partial(actions.receive, fresh(cv_request), by=cv_request.adviser, cv=cv)
            for _ in range(2)
        ]
    )

    assert first == second == CvFile.objects.get()
    assert fresh(cv_request).steps.count() == 2


def test_a_cv_and_a_cancelling_that_meet_leave_one_story():
    """Whoever comes first: no file without its step, none after the end."""
    for _ in range(10):
        cv_request = CvRequestFactory(handed_over=True)
        by, cv = cv_request.adviser, Cv(PDF, CvFormat.PDF)
        in_parallel(
            partial(actions.receive, fresh(cv_request), by=by, cv=cv),
            partial(follow_up.cancel, fresh(cv_request), by=by),
        )

        now = fresh(cv_request)
        assert now.state == CvState.CANCELLED
        came = now.steps.filter(target=CvState.RECEIVED).exists()
        assert now.files.count() == came
