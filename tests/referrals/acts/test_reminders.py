"""Acts of which nobody says anything."""

import datetime as dt
import itertools

import pytest
from django.core import mail
from django.utils import timezone

from opus.lib.audit.models import AuditEntry
from opus.lib.outbound import outbox
from referrals.acts.jobs import check_silence, close_silent
from referrals.acts.models import ActStep
from referrals.acts.outcomes import DeclaredBy, OutcomeCode
from referrals.acts.states import ReferralState
from referrals.direct.models import Referral
from referrals.follow_up import actions as follow_up
from tests.referrals.factories import CandidateFactory, ReferralFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def make(adviser):
    """An act handed over so many days ago, and nothing said since."""

    def make(days, **traits):
        traits = traits or {"handed_over": True}
        candidate = CandidateFactory(adviser=adviser)
        referral = ReferralFactory(candidate=candidate, **traits)
        at = timezone.now() - dt.timedelta(days=days, hours=1)
        Referral.objects.filter(pk=referral.pk).update(created_at=at)
        return referral

    return make


def look():
    """What the clock does; the letters that left."""
    before = len(mail.outbox)
    check_silence()
    outbox.relay()
    return mail.outbox[before:]


def grow_older(days):
    """So many days pass, and nobody says anything."""
    for referral in Referral.objects.all():
        referral.created_at -= dt.timedelta(days=days)
        if referral.reminded_at:
            referral.reminded_at -= dt.timedelta(days=days)
        referral.save(update_fields=["created_at", "reminded_at"])


def test_one_letter_tells_an_adviser_of_all_his_silent_acts(make, adviser):
    for days in (16, 20):
        make(days)
    make(3)

    [letter] = look()

    assert letter.to == [adviser.email]
    assert letter.subject == "Opus : 2 mises en contact sans nouvelles"
    assert "depuis plus de 15 jours" in letter.body
    for act in Referral.objects.all():
        assert act.candidate.last_name not in letter.body + letter.subject


def test_an_act_is_told_at_15_days_and_at_30_and_no_more(make):
    make(14)
    days = [14, 15, 16, 22, 29, 30, 31, 44, 45, 46, 60]
    told = []
    for day, later in itertools.pairwise([*days, 61]):
        if look():
            told.append(day)
        grow_older(later - day)

    assert told == [15, 30]


@pytest.mark.parametrize("state", ["proposee", "annulee"])
def test_what_waits_for_no_word_is_not_silent(make, state):
    make(90, state=state)

    assert look() == []
    assert Referral.objects.get().state == state


def test_a_step_begins_the_count_anew(make, adviser):
    referral = make(70)
    follow_up.contact(referral, by=adviser, on=timezone.localdate())

    assert look() == []
    assert close_silent() == 0


def test_an_interview_to_come_is_no_silence(make, adviser):
    referral = make(70)
    soon = timezone.localdate() + dt.timedelta(days=5)
    follow_up.interview(referral, by=adviser, on=soon)
    ActStep.objects.update(at=timezone.now() - dt.timedelta(days=61))

    assert look() == []


def test_after_60_days_opus_closes_it_without_news(make):
    """S37: the journal and the timeline tell that nobody spoke."""
    young, old = make(59), make(60)

    check_silence()

    old.refresh_from_db()
    young.refresh_from_db()
    assert (young.state, old.state) == (ReferralState.HANDED_OVER, ReferralState.ENDED)
    assert str(old.outcome) == "Sans nouvelles"
    assert (old.outcome.declared_by, old.outcome.by) == (DeclaredBy.OPUS, None)
    [entry] = AuditEntry.objects.filter(action="outcome_recorded")
    assert (entry.actor_id, entry.details["declared_by"]) == (None, "opus")


def test_whoever_learns_something_later_opens_it_again(make, adviser):
    """However late; and it is not closed again the next hour."""
    referral = make(80)
    check_silence()
    referral.refresh_from_db()
    referral.outcome.at = timezone.now() - dt.timedelta(days=10)
    referral.outcome.save()

    follow_up.undo_outcome(referral, by=adviser)
    check_silence()

    referral.refresh_from_db()
    assert referral.state == ReferralState.HANDED_OVER
    follow_up.record_outcome(
        referral,
        by=adviser,
        code=OutcomeCode.objects.get(pk="embauche"),
        declared_by=DeclaredBy.CANDIDATE,
        on=timezone.localdate(),
    )
    assert referral.outcome.is_hire


def test_without_a_code_for_it_nothing_is_closed(make):
    make(80)
    OutcomeCode.objects.filter(kind="sans_nouvelles").delete()

    assert close_silent() == 0


def test_the_page_of_a_closed_act_says_how_to_go_on(make, as_adviser):
    referral = make(80)
    check_silence()

    page = as_adviser.get(referral.get_absolute_url()).text

    assert "selon Opus, faute de nouvelles" in page
    assert "Annuler cette suite" in page
