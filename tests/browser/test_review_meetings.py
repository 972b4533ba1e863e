"""The review meetings and the proposals, with the hands (art. 11, A2, A4, A11)."""

import pytest

from accounts.models import MeetingState, Suggestion
from tests.accounts.factories import (
    AdviserFactory,
    DecisionFactory,
    ReviewMeetingFactory,
    RgcFactory,
    SuggestionFactory,
    day_from_today,
)
from tests.browser.conftest import Visitor
from tests.browser.people import sign_in


def fill(rgc) -> None:
    convention = rgc.structure.conventions.get()
    meeting = ReviewMeetingFactory(convention=convention, written=True)
    DecisionFactory(meeting=meeting)
    DecisionFactory(meeting=meeting, late=True)
    ReviewMeetingFactory(convention=convention, planned_on=day_from_today(30))
    SuggestionFactory(author=rgc, meeting=meeting)


def test_the_rgc_agrees_and_proposes_without_script(visitor_without_script: Visitor):
    """A4: from the follow-up to the structure's word, then to a proposal."""
    visitor = visitor_without_script
    page, rgc = visitor.page, RgcFactory()
    meeting = ReviewMeetingFactory(
        convention=rgc.structure.conventions.get(), written=True
    )
    sign_in(visitor, rgc)

    visitor.open("/suivi/")
    page.get_by_role("link", name="Réunions de suivi").click()
    page.get_by_role("link", name="Réunion du").click()
    page.get_by_role("button", name="Valider le compte rendu").click()
    page.get_by_text("Le compte rendu est validé par les deux parties.").wait_for()
    meeting.refresh_from_db()
    assert meeting.state == MeetingState.AGREED

    visitor.open("/suivi/propositions/")
    page.get_by_role("link", name="Déposer une proposition").click()
    page.get_by_label("Domaine").select_option("offres")
    page.get_by_label("Titre").fill("Trier par distance")
    page.get_by_label("Proposition", exact=False).last.fill("La liste, de près.")
    page.get_by_role("button", name="Déposer la proposition").click()
    page.get_by_text("Votre proposition est déposée").wait_for()
    assert Suggestion.objects.get().title == "Trier par distance"


@pytest.mark.parametrize("state", ["empty", "filled"])
def test_their_pages_have_no_fault_that_axe_sees(
    visitor_of_any_size: Visitor, state: str
):
    """A2, A11: empty and filled, at a desktop and on a phone."""
    visitor, rgc = visitor_of_any_size, RgcFactory()
    AdviserFactory(structure=rgc.structure)
    paths = ["/suivi/reunions/", "/suivi/propositions/", "/suivi/propositions/deposer/"]
    if state == "filled":
        fill(rgc)
        meeting = rgc.structure.conventions.get().review_meetings.get(state="tenue")
        own = meeting.get_absolute_url()
        paths += [own, f"{own}remarque/", meeting.suggestions.get().get_absolute_url()]
    sign_in(visitor, rgc)

    for path in paths:
        visitor.open(path)
        visitor.expect_accessible()
        visitor.expect_no_sideways_scroll()
    assert visitor.complaints == []
