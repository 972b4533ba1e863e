"""The marks of the main job: clicks and acting keys, counted (U1, U2, U3)."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from referrals.acts.states import ReferralState
from referrals.direct.models import Referral
from tests.accounts.factories import AdviserFactory, AgencyFactory
from tests.browser.conftest import PHONE, Visitor
from tests.browser.keyboard import faults_of_tabbing, follow, push, write
from tests.browser.people import sign_in
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory, SlotFactory

LAPTOP = {"width": 1366, "height": 657}


@pytest.fixture
def karim(transactional_db: None) -> Any:
    OfferFactory.create_batch(2)
    return CandidateFactory(
        adviser=AdviserFactory(), first_name="Karim", last_name="Benali"
    )


class Gestures:
    """Clicks and acting keys of a journey, counted."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.page = visitor, visitor.page
        self.count = 0

    def click(self, target: Locator) -> None:
        self.count += 1
        target.click()

    def press(self, key: str) -> None:
        self.count += 1
        self.page.keyboard.press(key)

    def open_pdf(self) -> None:
        pdf = self.page.get_by_role("link", name=re.compile("Imprimer le PDF"))
        pdf.wait_for(timeout=60_000)
        with self.visitor.pdf_beside():
            self.click(pdf)


def home_box(page: Page) -> Locator:
    return page.locator("main").get_by_role("searchbox")


@pytest.mark.phone
def test_six_gestures_from_home_to_the_pdf_then_one_and_one(
    visitor_of_any_size: Visitor, karim: Any, worker: Any
) -> None:
    """Box, Enter, the row, the person, confirm, print; hand over; conclude."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    sign_in(visitor, karim.adviser)
    visitor.open("/")
    gestures = Gestures(visitor)
    gestures.click(home_box(page))
    page.keyboard.type("macon")
    gestures.press("Enter")
    row = page.locator("[data-row]").first
    gestures.click(row.get_by_role("link", name=re.compile("^Proposer")))
    gestures.click(page.get_by_role("link", name="Choisir Karim Benali"))
    gestures.click(page.get_by_role("button", name="Confirmer la mise en contact"))
    page.get_by_role("heading", name=re.compile("^Karim Benali · ")).wait_for()
    act = page.url
    visitor.expect_accessible()
    visitor.expect_no_sideways_scroll()
    gestures.open_pdf()
    assert gestures.count <= 6

    visitor.open(act.removeprefix(visitor.base))
    gestures.click(page.get_by_role("button", name="Marquer remis en main propre"))
    page.get_by_role("heading", name="Noter la suite").wait_for()
    assert gestures.count <= 7
    visitor.expect_accessible()
    visitor.expect_no_sideways_scroll()
    gestures.click(page.get_by_role("button", name="Embauche"))
    page.get_by_role("button", name="Annuler cette suite").wait_for()
    assert gestures.count <= 8
    assert Referral.objects.get().state == ReferralState.ENDED
    expect(page.get_by_role("link", name="Retour aux 2 offres")).to_be_visible()


def test_three_gestures_from_an_offer_for_somebody_recent(
    visitor: Visitor, karim: Any, worker: Any
) -> None:
    page = visitor.page
    sign_in(visitor, karim.adviser)
    visitor.open(OfferFactory().get_absolute_url())
    visitor.expect_accessible()
    gestures = Gestures(visitor)
    gestures.click(page.get_by_role("link", name="K. Benali : proposer"))
    gestures.click(page.get_by_role("button", name="Confirmer la mise en contact"))
    gestures.open_pdf()
    assert gestures.count <= 3


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


def test_the_whole_job_by_the_keyboard_alone(visitor: Visitor, karim: Any) -> None:
    """A3: home, search, choose, confirm, hand over, conclude."""
    page = visitor.page
    sign_in(visitor, karim.adviser)
    visitor.open("/")
    write(home_box(page), "macon")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="2 offres").wait_for()
    follow(page, "Proposer")
    follow(page, "Choisir")
    push(page, "Confirmer la mise en contact")
    push(page, "Marquer remis en main propre")
    page.get_by_role("heading", name="Noter la suite").wait_for()
    push(page, "Embauche")
    page.get_by_role("button", name="Annuler cette suite").wait_for()

    assert Referral.objects.get().state == ReferralState.ENDED
