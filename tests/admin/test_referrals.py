"""Acts and demandes de CV at the desk: found, answered, documents tried again (5.4)."""

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.security import personal_data_quotas
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.privacy import retention
from referrals.acts.states import CvState
from referrals.cv_requests.models import CvRequest
from referrals.preselection.models import ScreenedReferral
from tests.accounts.factories import AgencyFactory, AgentFactory
from tests.accounts.journal import somebody
from tests.admin.registers import (
    action_url,
    entries_since,
    list_url,
    make_referral,
    record_url,
    text_of,
)
from tests.conftest import sign_in
from tests.offers.helpers.factories import withdraw
from tests.referrals.cv_factories import PDF, CvFileFactory, CvRequestFactory, upload
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db


def test_people_are_not_found_by_their_name(as_ft_admin: Client) -> None:
    """S24: one meets a candidate on the sheet of an act, and nowhere else."""
    referral = ReferralFactory(candidate__last_name="Introuvable")

    by_name = as_ft_admin.get(list_url("referrals.referral"), {"q": "Introuvable"})
    by_number = as_ft_admin.get(list_url("referrals.referral"), {"q": referral.number})

    assert referral.number not in text_of(by_name)
    assert referral.number in text_of(by_number)
    CvRequestFactory(sent=True, candidate__last_name="Introuvable")
    page = as_ft_admin.get(list_url("referrals.cvrequest"), {"q": "Introuvable"})
    assert "DCV-" not in text_of(page)
    assert "Introuvable" not in text_of(by_number)
    assert "Introuvable" in text_of(as_ft_admin.get(record_url(referral)))


def test_the_agencys_word_replaces_the_advisers(client: Client) -> None:
    """France Travail's word wins, the history stays."""
    agent = AgentFactory(agency=AgencyFactory(safir="38086"))
    sign_in(client, agent)
    referral = make_referral()
    today = timezone.localdate()
    before = AuditEntry.objects.count()

    response = client.post(
        action_url(referral, "suite"), {"code": "absent", "on": today}, follow=True
    )

    referral.refresh_from_db()
    assert referral.outcome.code_id == "absent"
    assert referral.outcome.declared_by == "france_travail"
    assert [outcome.code_id for outcome in referral.outcomes.all()] == [
        "embauche",
        "absent",
    ]
    assert entries_since(before)[0] == (Action.OUTCOME_RECORDED, str(referral.pk), "")
    assert "selon France Travail" in text_of(response)


def test_an_act_not_handed_over_has_no_outcome_yet(as_ft_admin: Client) -> None:
    """Article 7."""
    referral = ReferralFactory()
    form = {"code": "embauche", "on": timezone.localdate()}

    response = as_ft_admin.post(action_url(referral, "suite"), form, follow=True)

    assert "Cela ne se peut plus" in text_of(response)
    referral.refresh_from_db()
    assert referral.outcome is None


def test_an_outcome_is_not_of_tomorrow(as_ft_admin: Client) -> None:
    referral = ReferralFactory(handed_over=True)
    tomorrow = timezone.localdate() + dt.timedelta(days=1)

    response = as_ft_admin.post(
        action_url(referral, "suite"), {"code": "embauche", "on": tomorrow}
    )

    assert "Choisissez un jour entre" in text_of(response)


@pytest.fixture
def agent() -> Any:
    return AgentFactory(agency=AgencyFactory(safir="38086"))


@pytest.fixture
def as_agent(client: Client, agent: Any) -> Client:
    return sign_in(client, agent)


def sent(safir: str = "38086", **traits: Any) -> Any:
    return CvFileFactory(
        cv_request__offer__agency_safir=safir,
        **{f"cv_request__{name}": value for name, value in traits.items()},
    ).cv_request


def file_url(cv_request: Any) -> str:
    return reverse("admin:referrals_cvrequest_file", args=[cv_request.pk])


def test_the_queue_counts_the_cvs_of_ones_agency(as_agent: Client) -> None:
    ours = sent()
    sent("69001")
    CvRequestFactory(handed_over=True, offer__agency_safir="38086")

    desk = as_agent.get(reverse("admin:index"))
    [queue] = [one for one in desk.context["queues"] if one.label == "CV à lire"]

    assert (queue.value, queue.is_waiting) == ("1", True)
    listed = text_of(as_agent.get(queue.url))
    assert ours.number in listed
    assert listed.count("DCV-") == 1


def test_the_agent_reads_the_cv_and_the_journal_knows(as_agent: Client) -> None:
    """S31, S38, V17."""
    cv_request = sent(candidate__last_name="Introuvable")
    page = text_of(as_agent.get(record_url(cv_request)))
    assert file_url(cv_request) in page

    response = as_agent.get(file_url(cv_request))

    assert response.content == PDF
    assert response["Content-Disposition"] == (
        f'attachment; filename="cv-{cv_request.number}.pdf"'
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    entry = AuditEntry.objects.latest("pk")
    assert entry.action == Action.DOCUMENT_READ
    assert entry.target_id == str(cv_request.cv.pk)


def test_another_agencys_cv_does_not_exist(as_agent: Client) -> None:
    """S20, S27: neither the sheet, nor the file, nor the buttons."""
    theirs = sent("69001")

    pages = [record_url(theirs), file_url(theirs), action_url(theirs, "retenir")]
    assert [as_agent.get(page).status_code for page in pages] == [404] * 3
    answer = as_agent.post(action_url(theirs, "retenir"))
    assert answer.status_code == 404
    assert CvRequest.objects.get().state == CvState.SENT


@pytest.mark.parametrize("gone", ["called off", "erased", "never came"])
def test_there_is_nothing_to_download(as_agent: Client, gone: str) -> None:
    cv_request = sent()
    if gone == "called off":
        cv_request.cancel(by=cv_request.adviser)
    elif gone == "erased":
        cv_request.files.update(content=None, purged_at=cv_request.created_at)
    else:
        with retention.deletions_allowed():
            cv_request.files.all().delete()

    assert as_agent.get(file_url(cv_request)).status_code == 404
    assert file_url(cv_request) not in text_of(as_agent.get(record_url(cv_request)))


def test_above_the_ceiling_no_cv_leaves(as_agent: Client, agent: Any) -> None:
    """S25."""
    cv_request = sent()
    most = settings.DETECTION.persons_an_hour
    personal_data_quotas.show(
        agent, Action.PERSONS_LISTED, {somebody() for _ in range(most)}
    )

    assert as_agent.get(file_url(cv_request)).status_code == 429


def test_keeping_it_opens_a_mise_en_contact(as_agent: Client, agent: Any) -> None:
    cv_request = sent()

    response = as_agent.post(action_url(cv_request, "retenir"), follow=True)

    follows = ScreenedReferral.objects.get(follows=cv_request)
    assert follows.state == "preselection"
    assert follows.steps.get().by == agent
    assert follows.number in text_of(response)
    assert CvRequest.objects.get().state == CvState.KEPT


def test_it_is_not_kept_on_an_offer_that_left(as_agent: Client) -> None:
    """R2: a sentence, and the CV still waits for its answer."""
    cv_request = sent()
    withdraw(cv_request.offer)

    response = as_agent.post(action_url(cv_request, "retenir"), follow=True)

    assert "a suspendu cette offre" in text_of(response)
    assert CvRequest.objects.get().state == CvState.SENT
    assert AuditEntry.objects.exclude(refused="").count() == 1


def test_keeping_it_while_the_advisers_account_sleeps_names_whose(
    as_agent: Client,
) -> None:
    """The reader's own account is well: the sentence says which one is not."""
    cv_request = sent()
    adviser = cv_request.candidate.adviser
    adviser.suspend(by=None, reason="essai")

    told = text_of(as_agent.post(action_url(cv_request, "retenir"), follow=True))

    assert f"Le compte de {adviser} n’est pas actif" in told
    assert "Votre compte" not in told
    assert CvRequest.objects.get().state == CvState.SENT


def test_not_keeping_it_asks_why(as_agent: Client) -> None:
    cv_request = sent()
    url = action_url(cv_request, "ne-pas-retenir")

    assert "obligatoire" in text_of(as_agent.post(url, {"reason": ""})) or (
        CvRequest.objects.get().state == CvState.SENT
    )
    as_agent.post(url, {"reason": "mobilite"})

    cv_request.refresh_from_db()
    assert (cv_request.state, cv_request.reason) == ("non_retenu", "mobilite")


def test_the_agency_takes_in_a_cv_for_the_person(as_agent: Client, agent: Any) -> None:
    """An adviser uploads it, or France Travail."""
    cv_request = CvRequestFactory(handed_over=True, offer__agency_safir="38086")
    url = action_url(cv_request, "deposer-le-cv")
    assert 'enctype="multipart/form-data"' in text_of(as_agent.get(url))

    refused = as_agent.post(url, {"cv": upload(b"GIF89a")})
    assert "ni un PDF, ni une photo" in text_of(refused)
    as_agent.post(url, {"cv": upload()})

    cv_request.refresh_from_db()
    assert cv_request.state == CvState.SENT
    assert cv_request.cv.by == agent


def test_no_cv_is_taken_in_before_the_letter_was_handed_over(as_agent: Client) -> None:
    """Article 7."""
    cv_request = CvRequestFactory(offer__agency_safir="38086")

    url = action_url(cv_request, "deposer-le-cv")
    response = as_agent.post(url, {"cv": upload()}, follow=True)

    assert "Cela ne se peut plus" in text_of(response)
    assert not cv_request.files.exists()
