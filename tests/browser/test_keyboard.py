"""The main journeys by keyboard alone, stop after stop (A3).

``tests/browser/test_tour.py`` goes through each page with the Tab key; here a person
does the work: signs in, searches, opens an offer, reaches the form, is told what is
missing, and goes on.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.accounts.factories import PASSWORD, AdviserFactory, RgcFactory
from tests.browser.keyboard import faults_of_tabbing
from tests.browser.people import code_of, sign_in
from tests.offers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory

# More stops than any of these pages has before what is looked for.
FAR = 150


def tab_to(page: Page, *, role: str, name: str | re.Pattern[str]) -> None:
    """Press Tab until that element has the focus.

    Raises:
        AssertionError: Tab never reaches it.
    """
    target = page.get_by_role(role, name=name)
    for _ in range(FAR):
        page.keyboard.press("Tab")
        if target.evaluate_all("all => all.includes(document.activeElement)"):
            return
    pytest.fail(f"Tab never reaches {role} {name}")


def expect_tabbing(page: Page) -> None:
    page.wait_for_load_state()
    assert list(faults_of_tabbing(page)) == []
    # From the top again, as after a new page.
    page.reload()
    page.wait_for_load_state()


def test_an_adviser_signs_in_without_a_mouse(visitor):
    """A3."""
    page, adviser = visitor.page, AdviserFactory()
    visitor.open("/connexion/")
    expect_tabbing(page)

    tab_to(page, role="textbox", name="Identifiant")
    page.keyboard.type(adviser.identifier)
    tab_to(page, role="textbox", name="Mot de passe")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("#id_code").wait_for()
    if page.evaluate("document.activeElement.id") != "id_code":
        tab_to(page, role="textbox", name=re.compile("ode"))
    page.keyboard.type(code_of(adviser))
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text("charte")


def test_a_skip_link_shows_itself_and_skips(visitor):
    """A3, RGAA 12.7."""
    sign_in(visitor, AdviserFactory())
    page = visitor.page
    visitor.open("/offres/")

    page.keyboard.press("Tab")
    first = page.locator(":focus")
    expect(first).to_have_text("Contenu")
    expect(first).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_an_adviser_puts_somebody_in_contact_without_a_mouse(visitor):
    """A3, A5: from the search to the act, with one form sent too early."""
    adviser, offer = AdviserFactory(), OfferFactory()
    candidate = CandidateFactory(adviser=adviser)
    sign_in(visitor, adviser)
    page = visitor.page
    visitor.open("/offres/?q=macon")
    expect_tabbing(page)
    tab_to(page, role="link", name=offer.title)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(offer.pk))
    expect_tabbing(page)
    tab_to(page, role="link", name=re.compile("Mettre un candidat en contact"))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("mettre-en-contact"))
    expect_tabbing(page)
    visitor.open(f"/offres/{offer.pk}/mettre-en-contact/{candidate.pk}/")
    expect_tabbing(page)
    tab_to(page, role="button", name="Confirmer la mise en contact")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text("Mise en contact")
    expect_tabbing(page)


def test_the_summary_of_faults_leads_to_the_field(visitor):
    """A5: the cursor is in the summary, and its first link in the field."""
    sign_in(visitor, AdviserFactory())
    page = visitor.page
    visitor.open("/candidats/nouveau/")
    page.evaluate("document.querySelector('main form').noValidate = true")

    page.locator("main form button[type=submit]").last.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#erreurs")).to_be_focused()
    page.keyboard.press("Tab")
    target = page.evaluate("document.activeElement.hash.slice(1)")
    page.keyboard.press("Enter")

    expect(page.locator(f"#{target}")).to_be_focused()


def test_an_rgc_suspends_an_account_without_a_mouse(visitor):
    """A3, A6."""
    rgc = RgcFactory()
    colleague = AdviserFactory(structure=rgc.structure)
    sign_in(visitor, rgc)
    page = visitor.page
    visitor.open("/comptes/")
    expect_tabbing(page)
    visitor.open(f"/comptes/{colleague.public_id}/suspendre/")
    expect_tabbing(page)
    reason = page.locator("main form").last.get_by_role("textbox").first
    reason.focus()
    page.keyboard.type("Congé long.")
    tab_to(page, role="button", name=re.compile("[Ss]uspendre"))
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "suspendre" not in url)

    colleague.refresh_from_db()
    assert colleague.state == "suspended"
