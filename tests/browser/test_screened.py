"""An application with preselection: proposed, examined, presented, concluded."""

import re

import pytest
from playwright.sync_api import expect

from referrals.acts.states import ScreenedState
from referrals.preselection.models import ScreenedReferral
from tests.browser.people import sign_in
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory
from tests.referrals.screened import ASKS


@pytest.fixture
def offer(transactional_db):
    return OfferFactory(delegated_preselection=True, details=ASKS)


def propose(visitor, adviser, offer):
    """Who, the checklist, the sheet."""
    CandidateFactory(adviser=adviser, first_name="Karim", last_name="Benali")
    sign_in(visitor, adviser)
    page = visitor.page
    visitor.open(f"/offres/{offer.pk}/proposer-en-preselection/")
    page.get_by_role("link", name="Choisir").click()
    page.get_by_label("Compétence : Couler une dalle").check(force=True)


def confirm(visitor):
    page = visitor.page
    page.get_by_role("button", name="Confirmer la mise en contact").click()
    page.get_by_role("heading", name="Remettre le document").wait_for()


def check(visitor):
    """No fault of the page, and no address of the employer."""
    visitor.check_page()
    assert "recrutement@employeur.example" not in visitor.page.content()


def go_through(visitor):
    """From the sheet handed over to the outcome."""
    page = visitor.page
    page.get_by_role("button", name="Marquer remis en main propre").click()
    page.get_by_role("button", name="Présélectionner").wait_for()
    check(visitor)
    page.get_by_role("button", name="Présélectionner").click()
    page.get_by_role("heading", name="Présenter à l’employeur").wait_for()
    check(visitor)
    page.get_by_role("button", name="Enregistrer la présentation").click()
    page.get_by_label("Message à envoyer au candidat").wait_for()
    check(visitor)
    page.get_by_text("Autre suite, autre jour").click()
    check(visitor)
    page.get_by_label("Suite", exact=True).select_option(label="Embauche")
    page.get_by_label("Selon").select_option(label="l’employeur")
    page.get_by_role("button", name="Noter cette suite").click()
    page.get_by_role("button", name="Annuler cette suite").wait_for()
    check(visitor)
    act = ScreenedReferral.objects.get()
    assert act.state == ScreenedState.ENDED
    assert [line.replace("\xa0", " ") for line in act.criteria_met] == [
        "Compétence : Couler une dalle"
    ]


@pytest.mark.phone
def test_an_application_is_seen_through_where_it_is_delegated(
    visitor_of_any_size, adviser, offer
):
    """A2, A11."""
    visitor = visitor_of_any_size

    propose(visitor, adviser, offer)
    check(visitor)
    confirm(visitor)
    check(visitor)
    go_through(visitor)
    visitor.open("/mises-en-contact/preselection/")
    check(visitor)


@pytest.mark.thorough
def test_the_whole_way_without_javascript(visitor_without_script, adviser, offer):
    """A4."""
    propose(visitor_without_script, adviser, offer)
    confirm(visitor_without_script)
    go_through(visitor_without_script)


@pytest.mark.thorough
def test_one_is_set_aside_with_a_reason_and_a_message_to_copy(
    visitor_of_any_size, adviser, offer
):
    """The error of a missing reason is told and tied to its field (A5)."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    propose(visitor, adviser, offer)
    confirm(visitor)
    page.get_by_role("button", name="Marquer remis en main propre").click()
    page.get_by_text("Écarter la candidature").click()
    page.get_by_role("button", name="Écarter avec ce motif").click()
    page.get_by_text("Un point est à corriger").wait_for()
    visitor.check_page()

    page.get_by_label("Motif").select_option(label="assez de candidatures retenues")
    page.get_by_role("button", name="Écarter avec ce motif").click()

    message = page.get_by_label("Message à envoyer au candidat")
    expect(message).to_have_value(re.compile("ne sera pas présentée"))
    visitor.check_page()
