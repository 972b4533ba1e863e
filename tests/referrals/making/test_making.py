"""Putting a candidate in contact: once, and never on a withdrawn offer (R2, R10)."""

import contextlib
import datetime as dt
import functools
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor, wait
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.users.enums import UserState
from offers.catalogue.models import Offer
from offers.catalogue.writes import writing_offers
from offers.enums import OfferState
from opus.lib.audit.models import AuditEntry
from referrals.acts.act_context import posts_left, situation_of
from referrals.acts.act_rights import ActKind
from referrals.acts.outcomes import DeclaredBy, OutcomeCode
from referrals.acts.states import ReferralState
from referrals.candidates.models import Candidate
from referrals.direct.models import Referral
from referrals.documents.models import Document
from referrals.follow_up.actions import record_outcome
from referrals.making import actions as making
from referrals.making.actions import ActRefused
from tests.accounts.factories import AdviserFactory, AgentFactory, amend, give_notice
from tests.harness import in_parallel
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory, ReferralFactory, end

pytestmark = pytest.mark.django_db


def make(offer, candidate, *, key=None, by=None):
    return making.make(
        ActKind.REFERRAL,
        offer.pk,
        candidate.pk,
        by=by or candidate.adviser,
        key=key or uuid.uuid4(),
    )


def reason(offer, candidate, **kwargs):
    with pytest.raises(ActRefused) as refusal:
        make(offer, candidate, **kwargs)
    return str(refusal.value)


def test_the_act_comes_with_its_step_its_document_and_its_line_in_the_journal(
    candidate,
):
    referral = make(OfferFactory(), candidate)

    assert referral.number.startswith(f"MEC-{timezone.localdate().year}-")
    assert list(referral.steps.values_list("origin", "target", "by")) == [
        ("", ReferralState.PROPOSED, candidate.adviser.pk)
    ]
    document = referral.documents.get()
    assert (document.version, document.state) == (1, "attente")
    assert len(document.html_sha256) == 64
    entry = AuditEntry.objects.get(action="referral_made")
    assert (entry.target_id, entry.persons, entry.actor) == (
        str(referral.pk),
        1,
        candidate.adviser.identifier,
    )


def test_a_refusal_stands_in_the_journal_with_its_reason(candidate):
    """S37."""
    offer = OfferFactory(suspended=True)

    sentence = reason(offer, candidate)

    entry = AuditEntry.objects.get(action="referral_refused")
    assert (entry.refused, entry.target_id) == (sentence, offer.pk)
    assert sentence == "France Travail a suspendu cette offre (convention, art. 3.1)."


def test_the_convention_is_asked_again_inside_the_transaction(candidate):
    convention = candidate.structure.conventions.get()
    amend(convention, referrals=False)
    assert reason(OfferFactory(), candidate).startswith("Consultation seule")

    give_notice(convention, ends_on=dt.date(2024, 12, 31))

    assert reason(OfferFactory(), candidate) == (
        "La convention de votre structure n’est pas en vigueur (convention, art. 13)."
    )


def test_an_account_suspended_meanwhile_makes_no_act(candidate):
    adviser = candidate.adviser
    stale = type(adviser).objects.get(pk=adviser.pk)
    adviser.suspend(by=None, reason="absence")
    assert stale.state == UserState.ACTIVE

    assert reason(OfferFactory(), candidate, by=stale).startswith(
        "Votre compte n’est pas actif"
    )


def test_a_colleagues_candidate_does_not_exist_for_me(candidate):
    """S24."""
    colleague = AdviserFactory(structure=candidate.structure)

    with pytest.raises(Candidate.DoesNotExist):
        make(OfferFactory(), candidate, by=colleague)


# --- Posts left -----------------------------------------------------------------------


def test_the_posts_told_left_count_before_those_opened():
    assert posts_left(OfferFactory(posts=5, posts_left=2)) == 2
    assert posts_left(OfferFactory(posts=5, posts_left=0)) == 0
    assert posts_left(OfferFactory(posts=None)) is None


def test_content_that_came_after_a_hire_knows_it_already():
    offer = OfferFactory(posts=2)
    end(ReferralFactory(handed_over=True, offer=offer))
    assert posts_left(offer) == 1

    with writing_offers():
        Offer.objects.filter(pk=offer.pk).update(posts=1, updated_at=timezone.now())
    offer.refresh_from_db()

    assert posts_left(offer) == 1


# --- In the database ------------------------------------------------------------------


def test_the_database_alone_holds_one_live_act(candidate):
    """R10: even past the action."""
    offer = OfferFactory()
    ReferralFactory(offer=offer, candidate=candidate)

    with pytest.raises(IntegrityError, match="one_live_act"), transaction.atomic():
        ReferralFactory(offer=offer, candidate=candidate, number="MEC-X")


def test_an_act_and_its_candidate_are_of_one_structure(candidate):
    """S20: even past the action."""
    with pytest.raises(IntegrityError), transaction.atomic():
        ReferralFactory(candidate=candidate, structure=AdviserFactory().structure)
        # The composite key is checked at once, not at commit.


# --- Races ----------------------------------------------------------------------------


def withdraw_and_tell_when(offer):
    """Suspend the offer; the instant is read once the row is ours."""
    with writing_offers(), connection.cursor() as cursor:
        Offer.objects.filter(pk=offer.pk).update(state=OfferState.SUSPENDED)
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def made_after_the_withdrawal(
    offers, candidate, *, first=lambda: None, then=lambda: None
):
    """Suspend against refer, offer after offer; the acts dated after the suspension.

    Args:
        first, then: what the suspension does before and after each.
    """
    together = threading.Barrier(2)

    def suspend_each():
        moments = []
        for offer in offers:
            together.wait(timeout=60)
            first()
            moments.append(withdraw_and_tell_when(offer))
            then()
        return moments

    def refer_each():
        for offer in offers:
            together.wait(timeout=60)
            with contextlib.suppress(ActRefused):
                make(offer, candidate)

    moments, _ = in_parallel(suspend_each, refer_each)
    acts = {act.offer_id: act for act in Referral.objects.all()}
    return [
        acts[offer.pk]
        for offer, moment in zip(offers, moments, strict=True)
        if offer.pk in acts and acts[offer.pk].created_at > moment
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("times", [20, pytest.param(200, marks=pytest.mark.thorough)])
def test_no_act_is_ever_made_after_the_withdrawal(times):
    """R2: suspend against refer, many times, in whatever order it comes."""
    offers = OfferFactory.create_batch(times)

    assert made_after_the_withdrawal(offers, CandidateFactory()) == []
    assert "suspendu" in reason(offers[-1], CandidateFactory())


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_on_the_offer_an_act_is_made_after_the_withdrawal(monkeypatch):
    """R2, the control: the same race sees what the lock prevents.

    The act has read an active offer when the withdrawal is committed.
    """
    is_read, withdrawn = threading.Event(), threading.Event()
    unlocked = SimpleNamespace(select_for_update=lambda **options: Offer.objects.all())
    monkeypatch.setattr(making, "Offer", SimpleNamespace(objects=unlocked))

    def situation_before_the_withdrawal(*args, **facts):
        situation = situation_of(*args, **facts)
        is_read.set()
        assert withdrawn.wait(timeout=60)
        return situation

    monkeypatch.setattr(making, "situation_of", situation_before_the_withdrawal)

    acts = made_after_the_withdrawal(
        [OfferFactory()],
        CandidateFactory(),
        first=lambda: is_read.wait(timeout=60),
        then=withdrawn.set,
    )

    assert acts == [Referral.objects.get()]


@pytest.mark.django_db(transaction=True)
def test_an_act_waits_for_a_withdrawal_under_way_and_is_refused():
    """R2: without the lock it would not wait, and would be made."""
    candidate, offer = CandidateFactory(), OfferFactory()
    with ThreadPoolExecutor(1) as pool:
        with writing_offers():
            Offer.objects.filter(pk=offer.pk).update(state=OfferState.SUSPENDED)
            act = pool.submit(in_parallel, functools.partial(make, offer, candidate))
            assert wait([act], timeout=0.5).not_done
        (result,) = act.result(timeout=60)

    assert isinstance(result, ActRefused)
    assert not Referral.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_waits_for_an_act_under_way():
    """R2: the act comes first, and the withdrawal after it."""
    candidate, offer = CandidateFactory(), OfferFactory()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            referral = make(offer, candidate)
            withdrawal = pool.submit(
                in_parallel, functools.partial(withdraw_and_tell_when, offer)
            )
            assert wait([withdrawal], timeout=0.5).not_done
        (withdrawn_at,) = withdrawal.result(timeout=60)

    referral.refresh_from_db()
    assert referral.created_at < withdrawn_at
    assert referral.offer_is_withdrawn


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_instant_make_one_act():
    """R10: same key."""
    candidate, offer, key = CandidateFactory(), OfferFactory(), uuid.uuid4()

    first, second = in_parallel(
        *[lambda: make(offer, candidate, key=key) for _ in range(2)]
    )

    assert first == second == Referral.objects.get()
    assert Document.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_forms_at_the_same_instant_make_one_act_and_a_clear_refusal():
    """R10: different keys."""
    candidate, offer = CandidateFactory(), OfferFactory()

    results = in_parallel(*[lambda: make(offer, candidate) for _ in range(2)])

    refusals = [result for result in results if isinstance(result, ActRefused)]
    assert len(refusals) == Referral.objects.count() == 1
    assert "déjà proposée à ce candidat" in str(refusals[0])


@pytest.mark.django_db(transaction=True)
def test_a_hire_told_by_both_sides_at_once_takes_one_post():
    """Adviser and agency; the history keeps both words."""
    offer = OfferFactory(posts=2)
    referral = ReferralFactory(handed_over=True, offer=offer)

    def notify(by):
        return record_outcome(
            Referral.objects.get(pk=referral.pk),
            by=by,
            code=OutcomeCode.objects.get(pk="embauche"),
            declared_by=DeclaredBy.EMPLOYER,
            on=timezone.localdate(),
        )

    agent = AgentFactory()
    in_parallel(lambda: notify(referral.adviser), lambda: notify(agent))

    referral.refresh_from_db()
    assert referral.outcome.by == agent
    assert posts_left(offer) == 1


@pytest.mark.django_db(transaction=True)
def test_two_advisers_on_the_last_post_make_an_act_each_until_one_is_hired():
    """A post is taken by a hire, never by an act; then it is refused."""
    offer = OfferFactory(posts=1)
    people = CandidateFactory.create_batch(2)

    first, second = in_parallel(
        *[functools.partial(make, offer, person) for person in people]
    )
    assert {first.candidate, second.candidate} == set(people)
    first.hand_over(by=first.adviser, channel="main", on=timezone.localdate())
    end(first)

    assert "Tous les postes de cette offre sont pris" in reason(
        offer, CandidateFactory()
    )


@pytest.mark.django_db(transaction=True)
def test_the_journal_keeps_nothing_of_an_act_that_was_rolled_back():
    """S37."""
    candidate, offer = CandidateFactory(), OfferFactory()

    with transaction.atomic():
        make(offer, candidate)
        transaction.set_rollback(True)

    assert not Referral.objects.exists()
    assert not AuditEntry.objects.filter(action="referral_made").exists()
