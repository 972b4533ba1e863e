"""The adviser's main job: search, open, put in contact, print, hand over, conclude."""

import re

import pytest
from playwright.sync_api import expect

from opus.lib.background_files import FileState
from referrals.acts.states import ReferralState
from referrals.candidates.models import Candidate
from referrals.direct.models import Referral
from tests.browser.people import sign_in, type_in
from tests.conftest import wait_until
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.referrals.factories import CandidateFactory


@pytest.fixture
def offer(transactional_db):
    return OfferFactory()


def search(visitor, words):
    visitor.open("/offres/?lieu=")
    visitor.page.get_by_role("searchbox", name=re.compile("mots ou n")).last.fill(words)
    visitor.page.get_by_role("button", name="Chercher", exact=True).click()


def choose_new_person(visitor):
    """The second screen: the sheet of somebody who was not known yet."""
    page = visitor.page
    page.get_by_label("Nom", exact=True).fill("Benali")
    page.get_by_label("Prénom").fill("Karim")
    page.get_by_label("Identifiant France Travail").last.fill("1234567a")
    page.get_by_role("button", name=re.compile("Continuer|Ajouter")).click()


def hand_over(visitor):
    page = visitor.page
    page.get_by_role("button", name="Marquer remis en main propre").click()


def end_with(visitor, outcome):
    page = visitor.page
    page.get_by_text("Autre suite, autre jour").click()
    page.get_by_label("Suite", exact=True).select_option(label=outcome)
    page.get_by_label("Selon", exact=False).select_option(label="l’employeur")
    page.get_by_role("button", name="Noter cette suite").click()


@pytest.mark.phone
def test_an_adviser_puts_somebody_in_contact_and_sees_it_through(
    visitor_of_any_size, adviser, offer, worker
):
    """U3, A2, A11, A13, S29: the main job, in a real browser with a real worker."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    type_in(visitor, adviser)
    visitor.expect_accessible()

    search(visitor, "macon")
    expect(page.locator("[data-count]").first).to_have_attribute("data-count", "1")
    visitor.check_page()
    page.get_by_role("link", name=offer.title, exact=True).press("Enter")
    visitor.check_page()
    page.get_by_role("link", name=re.compile("Proposer cette offre")).click()
    visitor.check_page()
    choose_new_person(visitor)
    page.get_by_role("button", name="Confirmer la mise en contact").wait_for()
    visitor.check_page()
    page.get_by_role("button", name="Confirmer la mise en contact").click()
    page.get_by_role("link", name=re.compile("PDF")).first.wait_for(timeout=60_000)
    visitor.check_page()
    document = Referral.objects.get().documents.get()
    assert document.state == FileState.READY
    printed = page.request.get(f"{visitor.base}/documents/{document.pk}.pdf")
    assert printed.headers["content-type"] == "application/pdf"
    assert printed.body() == bytes(document.content)

    hand_over(visitor)
    end_with(visitor, "Embauche")

    page.get_by_text("Embauche").first.wait_for()
    visitor.check_page()
    referral = Referral.objects.get()
    assert referral.state == ReferralState.ENDED
    assert referral.outcome.code_id == "embauche"
    visitor.open(f"/documents/{document.pk}/")
    visitor.expect_accessible()
    visitor.check_pages("/mises-en-contact/")
    visitor.check_pages("/candidats/")


def test_the_main_job_is_done_without_javascript(
    visitor_without_script, adviser, offer, worker
):
    """A4."""
    visitor, page = visitor_without_script, visitor_without_script.page
    type_in(visitor, adviser)
    page.locator("main").get_by_role("searchbox").fill("macon")
    page.locator("main").get_by_role("button", name="Chercher").first.click()
    page.get_by_label(re.compile("Lieu")).first.fill("L’Isle-d’Abeau")
    page.get_by_role("button", name="Chercher", exact=True).click()
    page.wait_for_url(re.compile("lieu=38193"))
    page.get_by_role("link", name=offer.title, exact=True).click()
    page.get_by_role("link", name=re.compile("Proposer cette offre")).click()
    choose_new_person(visitor)
    page.get_by_role("button", name="Confirmer la mise en contact").click()
    page.get_by_role("heading", name="Remettre le document").wait_for()
    document = Referral.objects.get().documents.get()
    wait_until(
        lambda: type(document).objects.filter(pk=document.pk, state="pret").exists()
    )
    page.reload()
    expect(page.get_by_role("link", name=re.compile("PDF")).first).to_be_visible()
    hand_over(visitor)
    end_with(visitor, "Embauche")

    assert Referral.objects.get().state == ReferralState.ENDED


def test_a_second_click_on_confirm_makes_no_second_act(visitor, adviser, offer):
    """R10."""
    page = visitor.page
    candidate = CandidateFactory(adviser=adviser)
    sign_in(visitor, adviser)
    visitor.open(f"/offres/{offer.pk}/mettre-en-contact/")
    page.get_by_role("link", name="Choisir").click()

    page.get_by_role("button", name="Confirmer la mise en contact").dblclick()

    page.get_by_role("heading", name="Remettre le document").wait_for()
    assert Referral.objects.filter(candidate=candidate).count() == 1


def test_an_offer_withdrawn_between_page_and_click_is_refused_with_others_like_it(
    visitor, adviser, offer
):
    """R2."""
    page = visitor.page
    others = OfferFactory.create_batch(3)
    CandidateFactory(adviser=adviser)
    sign_in(visitor, adviser)
    visitor.open(f"/offres/{offer.pk}/mettre-en-contact/")
    page.get_by_role("link", name="Choisir").click()
    withdraw(offer)

    page.get_by_role("button", name="Confirmer la mise en contact").click()

    page.get_by_text("a suspendu cette offre").first.wait_for()
    visitor.expect_accessible()
    text = page.inner_text("main")
    assert all(other.pk in text for other in others)
    assert not Referral.objects.exists()


@pytest.mark.thorough
def test_the_errors_of_a_form_are_told_and_tied_to_their_fields(
    visitor_of_any_size, adviser
):
    """A5."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    sign_in(visitor, adviser)
    visitor.open("/candidats/nouveau/")
    page.get_by_label("Prénom").fill("Karim")
    page.get_by_label("Identifiant France Travail").last.fill("12")

    page.locator("main form button[type=submit]").last.click()

    page.get_by_text("11 chiffres, ou 7 chiffres").first.wait_for()
    expect(page).to_have_title(re.compile("^Erreur"))
    expect(page.get_by_label("Prénom")).to_have_value("Karim")
    visitor.check_page()
    assert not Candidate.objects.exists()
