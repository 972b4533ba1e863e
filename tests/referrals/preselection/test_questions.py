"""What an agency asks before it decides, and what the adviser answers."""

import datetime as dt

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from opus.lib.audit.models import AuditEntry
from opus.lib.outbound import outbox
from referrals.acts.states import ScreenedState
from referrals.candidates.models import Processing, ProcessingLimit
from referrals.preselection.models import ApplicationQuestion
from tests.cases import each_case
from tests.conftest import sign_in
from tests.referrals.factories import CandidateFactory
from tests.referrals.screened import in_state

pytestmark = pytest.mark.django_db
S = ScreenedState
ASKED = "Peut-elle commencer lundi ?"
ANSWERED = "Oui, et le samedi aussi."


@pytest.fixture
def act(adviser, agent):
    candidate = CandidateFactory(adviser=adviser)
    return in_state(S.TO_REVIEW, agent=agent, candidate=candidate)


def send_question(client, act, text=ASKED):
    label = "admin:referrals_screenedreferral_action"
    url = reverse(label, args=[act.pk, "demander-un-complement"])
    return client.post(url, {"text": text}, follow=True)


def send_answer(client, act, **fields):
    url = reverse("screened_complete", args=[act.pk])
    return client.post(url, {"answer": ANSWERED} | fields, follow=True)


def test_a_question_is_asked_answered_in_place_and_read_by_both(
    client, act, adviser, agent
):
    sign_in(client, agent)
    assert ASKED in send_question(client, act).text
    outbox.relay()
    [letter] = mail.outbox
    assert ASKED not in str(letter.message())
    assert "question" in letter.subject

    sign_in(client, adviser)
    assert ASKED in client.get(act.get_absolute_url()).text
    home = client.get(reverse("home"))
    assert ASKED in home.text
    page = send_answer(client, act, next=reverse("home"))
    assert page.redirect_chain[0][0].startswith(reverse("home"))
    act.refresh_from_db()
    assert act.state == S.TO_REVIEW
    assert ANSWERED in client.get(act.get_absolute_url()).text

    sign_in(client, agent)
    url = reverse("admin:referrals_screenedreferral_change", args=[act.pk])
    assert ANSWERED in client.get(url).text
    assert not [line for line in AuditEntry.objects.all() if ASKED in str(line.details)]


def test_a_question_keeps_the_place_in_the_queue(client, act, adviser, agent):
    act.steps.update(at=timezone.now() - dt.timedelta(days=9))
    in_state(S.TO_REVIEW, agent=agent)
    sign_in(client, agent)
    send_question(client, act)
    sign_in(client, adviser)
    send_answer(client, act)

    sign_in(client, agent)
    queue = reverse("admin:referrals_screenedreferral_changelist")
    page = client.get(queue, {"state__exact": S.TO_REVIEW})

    listed = page.context["cl"]
    assert listed.result_list[0] == act
    assert listed.model_admin.waiting(listed.result_list[0]) == "1\xa0semaine"


@each_case("text", ["", "Elle est enceinte ?", "Appelez le 06 12 34 56 78"])
def test_what_is_refused_is_given_back(client, act, adviser, agent, text):
    """S9.1: a text about a person is read before it is stored, on both sides."""
    sign_in(client, agent)
    page = send_question(client, act, text)
    assert page.context["form"].errors
    assert page.context["form"]["text"].value() == text

    send_question(client, act)
    sign_in(client, adviser)
    page = send_answer(client, act, answer=text)
    assert page.context["complete_form"].errors

    act.refresh_from_db()
    assert act.state == S.ASKED_FOR_MORE


def test_answered_twice_or_once_withdrawn_changes_nothing(client, act, adviser, agent):
    sign_in(client, agent)
    send_question(client, act)
    send_question(client, act, "Une autre ?")
    sign_in(client, adviser)
    send_answer(client, act)
    assert send_answer(client, act).status_code == 200
    page = send_answer(client, act, answer="Non.")
    assert page.status_code == 409
    assert "Non." in page.text
    client.post(reverse("screened_cancel", args=[act.pk]))
    sign_in(client, agent)
    late = send_question(client, act)

    [question] = ApplicationQuestion.objects.all()
    assert (question.text, question.answer) == (ASKED, ANSWERED)
    assert late.status_code == 409
    assert ASKED in late.text


def test_nothing_is_written_about_somebody_whose_data_are_frozen(
    client, act, adviser, agent
):
    """GDPR 18."""
    sign_in(client, agent)
    send_question(client, act)
    ProcessingLimit.objects.create(
        candidate=act.candidate,
        processing=Processing.ALL,
        reference="DRT-1",
        placed_by=agent,
    )

    sign_in(client, adviser)
    refused = send_answer(client, act)

    assert refused.status_code == 409
    assert ANSWERED in refused.text
    assert ApplicationQuestion.objects.get().answer == ""


def test_the_database_has_one_open_question_and_whole_answers(act, agent):
    act.ask_for_more(by=agent, text=ASKED)
    for change in (
        lambda: act.questions.create(text=ASKED, asked_by=agent),
        lambda: act.questions.update(answer=ANSWERED),
        lambda: act.questions.update(answered_at=timezone.now(), answered_by=agent),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
