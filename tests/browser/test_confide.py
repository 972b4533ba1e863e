"""A caseload confided for a time, with the hands (A2, A4, A11)."""

import datetime as dt

import pytest
from django.utils import timezone

from referrals.candidates.models import StandIn
from tests.accounts.factories import AdviserFactory, RgcFactory
from tests.browser.conftest import Visitor
from tests.browser.people import sign_in
from tests.referrals.factories import CandidateFactory, StandInFactory


def test_an_adviser_confides_and_takes_back_without_script(
    visitor_without_script: Visitor,
):
    """A4: from the list of candidates and back."""
    visitor = visitor_without_script
    page = visitor.page
    claire = AdviserFactory()
    AdviserFactory(structure=claire.structure, first_name="Samir", last_name="Roux")
    CandidateFactory(adviser=claire)
    today = timezone.localdate()
    sign_in(visitor, claire)
    visitor.open("/")

    page.get_by_role("link", name="Candidats", exact=True).click()
    page.get_by_role("link", name="Confier mes suivis pendant une absence…").click()
    page.get_by_label("Dernier jour").fill(str(today - dt.timedelta(days=1)))
    page.get_by_role("button", name="Confier").click()
    page.get_by_text("Le dernier jour précède le premier").first.wait_for()
    page.get_by_label("Dernier jour").fill(str(today + dt.timedelta(days=9)))
    page.get_by_role("button", name="Confier").click()
    page.get_by_text("Vos suivis sont confiés à Samir Roux").first.wait_for()
    page.get_by_role("button", name="Reprendre dès maintenant").click()
    page.get_by_text("ne sont plus confiés à Samir Roux").wait_for()

    assert not StandIn.objects.in_force()


@pytest.mark.thorough
def test_its_pages_have_no_fault_that_axe_sees(visitor_of_any_size: Visitor):
    """A2, A11: filled, at a desktop and on a phone."""
    visitor, rgc = visitor_of_any_size, RgcFactory()
    claire = AdviserFactory(structure=rgc.structure)
    one = StandInFactory(owner=claire, colleague=rgc)
    person = CandidateFactory(adviser=claire)
    CandidateFactory(adviser=rgc)
    sign_in(visitor, rgc)

    visitor.check_pages(
        f"/comptes/{claire.public_id}/confier/un-temps/",
        f"/comptes/{claire.public_id}/",
        "/candidats/",
        "/candidats/confier/",
        person.get_absolute_url(),
    )
    assert one in StandIn.objects.in_force()
