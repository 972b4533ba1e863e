"""A caseload confided for a time, with the hands (A4)."""

import datetime as dt

from django.utils import timezone

from referrals.candidates.models import StandIn
from tests.accounts.factories import AdviserFactory
from tests.browser.conftest import Visitor
from tests.browser.people import sign_in
from tests.referrals.factories import CandidateFactory


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
