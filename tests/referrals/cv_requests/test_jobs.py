"""CVs that do not come, and CVs that are erased."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from offers.enums import OfferState
from opus.lib.audit.models import AuditEntry
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from referrals.acts.models import ActStep
from referrals.acts.states import CvRefusal, CvState
from referrals.cv_requests import actions, jobs
from referrals.cv_requests.jobs import check_cvs
from referrals.cv_requests.models import CvFile, CvRequest
from referrals.documents.models import Document
from referrals.follow_up import actions as follow_up
from tests.accounts.factories import AgentFactory
from tests.referrals.cv_factories import (
    CvFileFactory,
    CvLetterFactory,
    CvRequestFactory,
)
from tests.referrals.documents.offer_events import write
from tests.referrals.factories import CandidateFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
# The longest six months; the purge counts whole days of Paris.
CV_KEPT_FOR = dt.timedelta(days=184)


def due(days, candidate=None, **traits):
    """A CV that was due so many days ago (less than none: in so many days)."""
    traits = traits or {"handed_over": True}
    who = {"candidate": candidate} if candidate else {}
    due_on = timezone.localdate() - days * DAY
    return CvRequestFactory(due_on=due_on, **who, **traits)


def look():
    """What the clock does; the letters that left."""
    before = len(mail.outbox)
    check_cvs()
    outbox.relay()
    return mail.outbox[before:]


def test_one_letter_tells_an_adviser_of_all_his_overdue_cvs(adviser):
    """V17, V18: how many, and nobody's name."""
    for _ in range(2):
        due(1, CandidateFactory(adviser=adviser))
    due(0, CandidateFactory(adviser=adviser))

    [letter] = look()

    assert letter.to == [adviser.email]
    assert letter.subject == "Opus : 2 CV attendus sont en retard"
    assert "/demandes-de-cv/?etat=en-retard" in letter.body
    for cv_request in CvRequest.objects.all():
        assert cv_request.candidate.last_name not in letter.body + letter.subject
        assert cv_request.offer.title not in letter.body
    key = OutboxEntry.objects.get().key
    assert key == f"{adviser.pk}:{timezone.localdate()}"


def test_opus_reminds_once_and_says_that_nobody_did(adviser):
    cv_request = due(1)
    before = AuditEntry.objects.count()

    assert len(look()) == 1
    assert look() == []

    cv_request.refresh_from_db()
    assert cv_request.state == CvState.REMINDED
    [step] = cv_request.steps.all()
    assert (step.origin, step.target, step.by) == ("remise", "relancee", None)
    [entry] = AuditEntry.objects.order_by("pk")[before:]
    assert (entry.actor_id, entry.details) == (None, {"to": "relancee"})
    with time_machine.travel(timezone.now() + 5 * DAY):
        assert look() == []


def test_one_that_its_adviser_reminded_of_is_told_and_stays_there():
    cv_request = due(1, reminded=True)

    assert len(look()) == 1
    assert cv_request.steps.count() == 0
    assert look() == []


def test_one_whose_letter_still_waits_is_reminded_of_and_may_be_handed_over():
    cv_request = due(1, state=CvState.REQUESTED)

    assert len(look()) == 1

    cv_request.refresh_from_db()
    assert cv_request.state == CvState.REMINDED
    assert cv_request.can_be_handed_over
    assert cv_request in CvRequest.objects.with_a_step_due()


def test_its_letter_stays_among_those_to_print_until_it_is_handed_over():
    """The page of a person's sheets (art. 7)."""
    cv_request = due(1, state=CvState.REQUESTED)
    letter = CvLetterFactory(act=cv_request)
    theirs = Document.objects.filter(candidate=cv_request.candidate)
    waiting = theirs.waiting_for_hand_over()
    look()
    assert list(waiting.all()) == [letter]

    cv_request.refresh_from_db()
    today = timezone.localdate()
    CvRequest.objects.update(created_at=timezone.now())
    follow_up.hand_over(cv_request, by=cv_request.adviser, channel="main", on=today)
    actions.relaunch(cv_request, by=cv_request.adviser)

    assert list(waiting.all()) == []


@pytest.mark.plants_defects
def test_a_letter_that_has_nothing_to_tell_any_more_does_not_leave():
    """The CV came between the asking and the sending."""
    cv_request = due(1)
    check_cvs()
    CvRequest.objects.filter(pk=cv_request.pk).update(state=CvState.CANCELLED)

    outbox.relay()

    assert mail.outbox == []


def reminded_of(days, ago):
    """A CV that was due so many days ago, of which a letter told so long ago."""
    cv_request = due(days, reminded=True, handed_over=True)
    at = timezone.now() - ago * DAY
    CvRequest.objects.filter(pk=cv_request.pk).update(reminded_at=at)
    write(cv_request.offer, state_at=at)
    return cv_request


def test_after_days_without_a_job_the_adviser_has_a_week_before_it_closes():
    cv_request = due(40)

    assert len(look()) == 1
    assert look() == []
    cv_request.refresh_from_db()
    assert cv_request.state == CvState.REMINDED
    with time_machine.travel(timezone.now() + 8 * DAY):
        look()
    cv_request.refresh_from_db()
    assert cv_request.state == CvState.WITHOUT_CV


def test_it_neither_is_late_nor_closes_while_nobody_would_read_the_cv():
    """Its offer is withdrawn, or asks for no CV; nor on the day of a return."""
    for change in (
        {"state": OfferState.SUSPENDED, "state_at": timezone.now()},
        {"preselection": False},
    ):
        cv_request = reminded_of(30, ago=29)
        write(cv_request.offer, **change)

        assert look() == []
        cv_request.refresh_from_db()
        assert cv_request.state == CvState.REMINDED
        assert not CvRequest.objects.get(pk=cv_request.pk).is_overdue
    back = reminded_of(30, ago=29)
    write(back.offer, state_at=timezone.now())
    look()
    back.refresh_from_db()
    assert back.state == CvState.REMINDED


def test_fifteen_days_after_it_was_due_it_is_closed():
    late, later = reminded_of(14, ago=13), reminded_of(15, ago=14)

    look()

    late.refresh_from_db()
    later.refresh_from_db()
    assert late.state == CvState.REMINDED
    assert later.state == CvState.WITHOUT_CV
    assert later.closes_on == timezone.localdate()
    assert later.steps.latest("pk").by is None


def test_one_that_comes_while_the_clock_looks_is_not_closed():
    cv_request = due(15, state=CvState.SENT, handed_over=True)

    assert not jobs.close(cv_request.pk)


# --- Erased after six months (5.4) ----------------------------------------------------


def closed(how):
    """A CV whose request was closed just now."""
    cv_request = CvFileFactory().cv_request
    how(cv_request)
    return cv_request


CLOSINGS = {
    "kept": lambda one: actions.keep(one, by=AgentFactory()),
    "refused": lambda one: actions.refuse(
        one, by=AgentFactory(), reason=CvRefusal.SKILLS
    ),
    "cancelled": lambda one: follow_up.cancel(one, by=one.adviser),
}


@pytest.mark.parametrize("closing", CLOSINGS)
def test_a_cv_is_erased_six_months_after_its_request_was_closed(closing):
    cv_request = closed(CLOSINGS[closing])

    with time_machine.travel(timezone.now() + CV_KEPT_FOR - 4 * DAY):
        assert jobs.purge_cvs() == 0
    with time_machine.travel(timezone.now() + CV_KEPT_FOR + 2 * DAY):
        assert jobs.purge_cvs() == 1

    file = CvFile.objects.get(cv_request=cv_request)
    assert file.content is None
    assert file.purged_at is not None
    assert file.format == "pdf"


def test_a_cv_that_waits_for_an_answer_is_kept_however_long():
    CvFileFactory()

    with time_machine.travel(timezone.now() + 3 * CV_KEPT_FOR):
        assert jobs.purge_cvs() == 0


def test_a_colleague_who_takes_over_does_not_make_it_stay_longer():
    """His line in the timeline closes nothing."""
    cv_request = closed(CLOSINGS["refused"])
    ActStep.objects.update(at=timezone.now() - CV_KEPT_FOR - 2 * DAY)
    cv_request.steps.create(
        origin=cv_request.state, target=cv_request.state, note={"followed_by": 1}
    )

    assert jobs.purge_cvs() == 1


def test_many_are_erased_a_few_at_a_time(monkeypatch):
    monkeypatch.setattr(jobs, "PURGED_AT_ONCE", 2)
    for _ in range(5):
        closed(CLOSINGS["cancelled"])
    ActStep.objects.update(at=timezone.now() - CV_KEPT_FOR - 2 * DAY)

    assert jobs.purge_cvs() == 5
    assert not CvFile.objects.filter(content__isnull=False).exists()
