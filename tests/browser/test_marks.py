"""The marks of the main job: clicks and acting keys, counted (U1, U2, U3)."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from referrals.acts.states import ReferralState
from referrals.direct.models import Referral
from tests.accounts.factories import AdviserFactory, AgencyFactory
from tests.browser.conftest import PHONE, Visitor
from tests.browser.keyboard import faults_of_tabbing
from tests.browser.people import Clicks, sign_in
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory, SlotFactory

LAPTOP = {"width": 1366, "height": 657}


@pytest.fixture
def karim(transactional_db: None) -> Any:
    OfferFactory.create_batch(2)
    return CandidateFactory(
        adviser=AdviserFactory(), first_name="Karim", last_name="Benali"
    )


def print_pdf(visitor: Visitor, clicks: Clicks) -> None:
    pdf = visitor.page.get_by_role("link", name=re.compile("Imprimer le PDF"))
    pdf.wait_for(timeout=60_000)
    with visitor.pdf_beside():
        clicks.on(pdf)


@pytest.mark.phone
def test_six_gestures_from_home_to_the_pdf_then_one_and_one(
    visitor_of_any_size: Visitor, karim: Any, worker: Any
) -> None:
    """Box, Enter, the row, the person, confirm, print; hand over; conclude."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    sign_in(visitor, karim.adviser)
    visitor.open("/")
    clicks = Clicks()
    clicks.on(page.locator("main").get_by_role("searchbox"))
    page.keyboard.type("macon")
    clicks.press(page, "Enter")
    row = page.locator("[data-row]").first
    clicks.on(row.get_by_role("link", name=re.compile("^Proposer")))
    clicks.on(page.get_by_role("link", name="Choisir Karim Benali"))
    clicks.on(page.get_by_role("button", name="Confirmer la mise en contact"))
    page.get_by_role("heading", name=re.compile("^Karim Benali · ")).wait_for()
    act = page.url
    visitor.check_page()
    print_pdf(visitor, clicks)
    assert clicks.count <= 6

    visitor.open(act.removeprefix(visitor.base))
    clicks.on(page.get_by_role("button", name="Marquer remis en main propre"))
    page.get_by_role("heading", name="Noter la suite").wait_for()
    assert clicks.count <= 7
    visitor.check_page()
    clicks.on(page.get_by_role("button", name="Embauche"))
    page.get_by_role("button", name="Annuler cette suite").wait_for()
    assert clicks.count <= 8
    assert Referral.objects.get().state == ReferralState.ENDED
    expect(page.get_by_role("link", name="Retour aux 2 offres")).to_be_visible()


def test_three_gestures_from_an_offer_for_somebody_recent(
    visitor: Visitor, karim: Any, worker: Any
) -> None:
    page = visitor.page
    sign_in(visitor, karim.adviser)
    visitor.open(OfferFactory().get_absolute_url())
    visitor.expect_accessible()
    clicks = Clicks()
    clicks.on(page.get_by_role("link", name="K. Benali : proposer"))
    clicks.on(page.get_by_role("button", name="Confirmer la mise en contact"))
    print_pdf(visitor, clicks)
    assert clicks.count <= 3


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_the_button_is_in_sight_and_covers_no_focus(
    visitor: Visitor, karim: Any, size: Any
) -> None:
    """Each confirmation, without scrolling; then through the whole page by Tab."""
    page, agency = visitor.page, AgencyFactory(safir="38086")
    SlotFactory.create_batch(12, agency=agency)
    direct, kept = OfferFactory(), OfferFactory(preselected=True)
    sign_in(visitor, karim.adviser)
    page.set_viewport_size(size)
    for offer, way in (
        (direct, "mettre-en-contact"),
        (kept, "demander-un-cv"),
        (kept, "convoquer"),
    ):
        visitor.open(f"/offres/{offer.pk}/{way}/{karim.pk}/")
        button = page.get_by_role("button", name=re.compile("^Confirmer "))
        expect(button).to_be_in_viewport(ratio=1)
        assert page.evaluate("scrollY") == 0
        visitor.expect_no_sideways_scroll()
        assert list(faults_of_tabbing(page)) == []
