"""For a person: from his page to the printed document, and back to the row (U1, U2)."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from referrals.direct.models import Referral
from tests.accounts.factories import AdviserFactory
from tests.browser.people import sign_in
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory


@pytest.fixture
def karim(transactional_db):
    OfferFactory.create_batch(22)
    return CandidateFactory(
        adviser=AdviserFactory(), first_name="Karim", commune_code="38193"
    )


class Clicks(list[str]):
    """The clicks of a journey, in words."""

    def on(self, place: Any, role: Any, name: str) -> None:
        place.get_by_role(role, name=re.compile(name)).first.click()
        self.append(name)


def propose_for(visitor, karim):
    """From his page to his act, on the last row; return it and the clicks."""
    page, clicks = visitor.page, Clicks()
    sign_in(visitor, karim.adviser)
    visitor.open(karim.get_absolute_url())
    clicks.on(page, "link", "Chercher pour Karim")
    page.wait_for_load_state()
    row = page.locator("[data-row]").last
    number = row.get_attribute("id").removeprefix("offre-")
    clicks.on(row, "link", "Proposer à Karim")
    clicks.on(page, "button", "^Confirmer la mise en contact")
    page.get_by_role("link", name="Retour aux 22 offres").wait_for()
    assert Referral.objects.get().offer_id == number
    return number, clicks


@pytest.mark.phone
def test_four_clicks_from_the_person_to_the_print_and_one_back_to_the_row(
    visitor_of_any_size, karim, worker
):
    """U1, U2: Chercher pour, Proposer, Confirmer, Imprimer; then Retour."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    number, clicks = propose_for(visitor, karim)
    pdf = page.get_by_role("link", name=re.compile("PDF")).first
    pdf.wait_for(timeout=60_000)
    printed = page.request.get(f"{visitor.base}{pdf.get_attribute('href')}")
    clicks.append("Imprimer")
    assert printed.headers["content-type"] == "application/pdf"
    assert len(clicks) == 4
    clicks.on(page, "link", "Retour aux 22 offres")

    row = page.locator(f"#offre-{number}")
    expect(row).to_be_in_viewport()
    expect(row).to_contain_text("Déjà proposée à Karim")
    expect(row.get_by_role("link", name="Voir la proposition")).to_be_visible()
    band = page.get_by_label("Candidat pour qui vous cherchez")
    expect(band).to_contain_text(str(karim))
    visitor.check_page()
    page.get_by_text("1 offre déjà proposée").click()
    visitor.check_page()


def test_the_same_without_javascript(visitor_without_script, karim):
    """A4: the second page and the filters keep his name."""
    page = visitor_without_script.page
    number, clicks = propose_for(visitor_without_script, karim)
    clicks.on(page, "link", "Retour aux 22 offres")
    expect(page.locator(f"#offre-{number}")).to_be_in_viewport()
    clicks.on(page, "button", "Page suivante")
    page.locator(".opus-filters__summary").click()
    page.locator("#filtre-contrat > summary").click()
    page.locator("label[for=contrat-CDI]").click()
    clicks.on(page, "button", "Appliquer les filtres")

    page.wait_for_url(re.compile(f"/candidats/{karim.pk}/chercher/.*contrat=CDI"))


@pytest.mark.phone
def test_a_person_is_chosen_by_three_letters_and_several_at_once(
    visitor_of_any_size, karim
):
    """S24: the list follows what is typed, and keeps the ticks."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    CandidateFactory.create_batch(10, adviser=karim.adviser, first_name="Anne")
    zoe = CandidateFactory(adviser=karim.adviser, first_name="Zoé")
    sign_in(visitor, karim.adviser)
    visitor.open("/offres/?lieu=")
    page.get_by_role("link", name=re.compile("^Proposer")).first.click()
    page.wait_for_load_state()
    box = page.get_by_label("Chercher parmi vos candidats")
    box.press_sequentially("zo")
    rows = page.locator("#personnes li")
    expect(rows).to_have_count(1)
    rows.get_by_role("checkbox").check(force=True)
    box.fill("")
    box.press_sequentially("kari")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text(zoe.last_name)
    expect(rows.first.get_by_role("checkbox")).to_be_checked()
    expect(box).to_be_focused()
    visitor.check_page()
    rows.last.get_by_role("checkbox").check(force=True)
    page.get_by_role("button", name="Continuer avec les candidats cochés").click()

    expect(
        page.get_by_role("heading", name=re.compile("à 2 candidats"))
    ).to_be_visible()
    assert "kari" not in page.url
    visitor.check_pages("/candidats/")


def test_a_person_is_chosen_without_javascript(visitor_without_script, karim):
    """A4: a plain list, and the box with its button."""
    page = visitor_without_script.page
    CandidateFactory.create_batch(10, adviser=karim.adviser, first_name="Anne")
    sign_in(visitor_without_script, karim.adviser)
    visitor_without_script.open("/offres/?lieu=")
    page.get_by_role("link", name=re.compile("^Proposer")).first.click()
    expect(page.locator("#personnes li")).to_have_count(8)
    page.get_by_label("Chercher parmi vos candidats").fill("kar")
    page.get_by_role("button", name="Chercher", exact=True).click()
    page.get_by_role("link", name=f"Choisir {karim}").click()

    page.get_by_role("button", name="Confirmer la mise en contact").wait_for()
    expect(page.get_by_role("link", name="Retour aux 22 offres")).to_be_visible()
