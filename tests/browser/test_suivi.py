"""The follow-up, with the hands: numbers, months, a file (art. 11, A2, A4, A11)."""

import re

import pytest

from accounts.exports.models import Export
from referrals.acts.act_rights import ActKind
from referrals.acts.states import CvState, ReferralState
from tests.accounts.factories import AdviserFactory, AgentFactory, RgcFactory
from tests.browser.conftest import Visitor
from tests.browser.people import sign_in
from tests.files import make_file
from tests.referrals.activity_rows import make_act
from tests.referrals.factories import CandidateFactory


def fill(adviser) -> None:
    person = CandidateFactory(adviser=adviser)
    for _ in range(6):
        make_act(ActKind.REFERRAL, ReferralState.HANDED_OVER, candidate=person)
    make_act(ActKind.REFERRAL, ReferralState.ENDED, candidate=person)
    make_act(ActKind.CV_REQUEST, CvState.KEPT, candidate=person)


def test_the_journey_works_without_script(visitor_without_script: Visitor):
    """A4: from the menu to the pack of a review meeting."""
    visitor = visitor_without_script
    page = visitor.page
    rgc = RgcFactory()
    fill(AdviserFactory(structure=rgc.structure))
    sign_in(visitor, rgc)
    visitor.open("/")

    page.get_by_role("link", name="Suivi", exact=True).click()
    page.get_by_text("Autre période").click()
    page.get_by_label("De", exact=True).select_option("2026-01")
    page.get_by_role("button", name="Afficher").click()
    page.wait_for_url(re.compile("du=2026-01"))
    page.get_by_role("button", name="Préparer le dossier de bilan").click()
    page.get_by_role("heading", name="Mes exports").wait_for()
    make_file(Export.objects.get())
    visitor.open("/exports/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger").click()

    assert download.value.suggested_filename.endswith(".zip")


@pytest.mark.thorough
def test_a_member_of_the_staff_chooses_a_structure(visitor: Visitor):
    agent = AgentFactory()
    adviser = AdviserFactory(structure__agency=agent.agency)
    fill(adviser)
    sign_in(visitor, agent)
    page = visitor.page

    visitor.open("/admin/")
    page.get_by_role("link", name="Suivi de l’activité").click()
    page.get_by_label("Structure", exact=True).select_option(str(adviser.structure_id))
    page.get_by_role("button", name="Afficher").click()
    page.get_by_role("button", name="Préparer le dossier de bilan").wait_for()

    visitor.expect_accessible()


@pytest.mark.thorough
@pytest.mark.parametrize(
    "media", [{"color_scheme": "dark"}, {"forced_colors": "active"}]
)
def test_plots_stay_readable_in_other_colours(visitor: Visitor, media: dict[str, str]):
    """A14: the bars have a stroke, and their numbers the colour of text."""
    adviser = AdviserFactory()
    fill(adviser)
    sign_in(visitor, adviser)
    visitor.page.emulate_media(**media)

    visitor.open("/suivi/")
    visitor.expect_accessible()

    colours = visitor.page.evaluate(
        """() => [".opus-plot__bar", ".opus-plot__value"].map((one) => {
            const style = getComputedStyle(document.querySelector(one));
            return one.endsWith("bar") ? style.stroke : style.fill;
        })"""
    )
    ground = visitor.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground not in colours
