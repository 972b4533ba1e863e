"""News, status and survey, with the hands (art. 6, A2, A4, U18)."""

from opus.support.surveys.models import SurveyAnswer
from tests.accounts.factories import AdviserFactory
from tests.browser.conftest import Visitor
from tests.browser.people import sign_in
from tests.support.factories import (
    AnnouncementFactory,
    IncidentFactory,
    PlannedWorkFactory,
    SurveyFactory,
)


def test_news_is_read_and_the_survey_answered(visitor_of_any_size: Visitor):
    visitor = visitor_of_any_size
    page = visitor.page
    announcement = AnnouncementFactory(change=True)
    IncidentFactory()
    PlannedWorkFactory(under_way=True)
    SurveyFactory()
    sign_in(visitor, AdviserFactory())

    visitor.check_pages("/", "/actualites/", "/etat-du-service/", "/enquete/")
    page.get_by_role("button", name="Envoyer ma réponse").click()
    visitor.expect_accessible()
    for group in page.locator("main").get_by_role("group").all():
        group.get_by_text("Plutôt d’accord", exact=True).click()
    page.get_by_role("button", name="Envoyer ma réponse").click()
    page.get_by_text("Merci").wait_for()
    assert SurveyAnswer.objects.count() == 1
    page.get_by_role("link", name=announcement.title).click()
    page.get_by_role("heading", name="Notice pour les utilisateurs").wait_for()
    visitor.expect_accessible()
