"""A demande de CV in a browser: asked, handed over, its CV sent, read and kept."""

import re

import pytest
from playwright.sync_api import expect

from referrals.acts.states import CvState
from referrals.cv_requests import actions
from referrals.cv_requests.models import CvRequest
from tests.accounts.factories import AdviserFactory, AgentFactory
from tests.browser.people import sign_in
from tests.conftest import wait_until
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.cv_factories import PDF
from tests.referrals.factories import CandidateFactory


@pytest.fixture
def candidate(transactional_db):
    return CandidateFactory(
        adviser=AdviserFactory(), first_name="Karim", last_name="Benali"
    )


@pytest.fixture
def offer(transactional_db):
    return OfferFactory(preselected=True)


def request_cv(visitor, offer):
    """The two steps, from the offer's number."""
    page = visitor.page
    visitor.open(f"/offres/{offer.pk}/demander-un-cv/")
    page.get_by_role("link", name=re.compile("Choisir")).click()
    page.get_by_role("heading", name="Proposer à Karim Benali").wait_for()


def confirm(visitor):
    page = visitor.page
    page.get_by_role("button", name="Confirmer la demande de CV").click()
    page.get_by_role("heading", name="Remettre le document").wait_for()


def hand_over(visitor):
    page = visitor.page
    page.get_by_role("button", name="Marquer remis en main propre").click()
    page.get_by_role("heading", name="Déposer le CV").wait_for()


def send(visitor, name, content):
    page = visitor.page
    file = {"name": name, "mimeType": "application/pdf", "buffer": content}
    page.get_by_label("Fichier du CV").set_input_files(files=[file])
    page.get_by_role("button", name="Transmettre le CV à l’agence").click()


@pytest.mark.phone
def test_an_adviser_asks_for_a_cv_and_sends_it(visitor_of_any_size, candidate, offer):
    """U3, A2, A11: at a desk and on a telephone."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    sign_in(visitor, candidate.adviser)
    visitor.check_pages("/demandes-de-cv/")
    request_cv(visitor, offer)
    visitor.check_page()
    confirm(visitor)
    visitor.check_page()
    hand_over(visitor)
    visitor.check_page()

    send(visitor, "benali.pdf", b"GIF89a")
    page.get_by_role("heading", name="Un point est à corriger").wait_for()
    visitor.check_page()
    page.get_by_text("Relancer le candidat").click()
    page.get_by_role("button", name="Noter la relance").click()
    page.get_by_text("La relance est notée").wait_for()
    send(visitor, "benali.pdf", PDF)
    page.get_by_role("link", name=re.compile("Télécharger le CV")).wait_for()
    visitor.check_page()

    cv_request = CvRequest.objects.get()
    assert cv_request.state == CvState.SENT
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Télécharger le CV")).click()
    assert download.value.suggested_filename == f"cv-{cv_request.number}.pdf"
    actions.keep(cv_request, by=AgentFactory())
    page.reload()
    page.get_by_role("heading", name="France Travail retient le CV").wait_for()
    visitor.check_page()
    visitor.check_pages("/demandes-de-cv/?etat=closes")


@pytest.mark.thorough
def test_it_is_done_without_javascript(
    visitor_without_script, candidate, offer, worker
):
    """A4."""
    visitor, page = visitor_without_script, visitor_without_script.page
    sign_in(visitor, candidate.adviser)
    request_cv(visitor, offer)
    confirm(visitor)
    letter = CvRequest.objects.get().documents.get()
    wait_until(lambda: type(letter).objects.filter(pk=letter.pk, state="pret").exists())
    page.reload()
    expect(page.get_by_role("link", name=re.compile("PDF")).first).to_be_visible()
    hand_over(visitor)
    send(visitor, "benali.pdf", PDF)
    page.get_by_text("Le CV est enregistré et transmis").wait_for()

    assert CvRequest.objects.get().state == CvState.SENT
