"""The review meetings and the proposals, with the hands (art. 11, A4)."""

from accounts.meetings.models import Reply
from opus.support.tickets.models import Ticket
from tests.accounts.factories import ReviewMeetingFactory, RgcFactory
from tests.browser.conftest import Visitor
from tests.browser.people import sign_in


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
    page.get_by_text("Je valide le compte rendu").click()
    page.get_by_role("button", name="Enregistrer la réponse").click()
    page.get_by_text("Votre réponse est enregistrée au dossier.").wait_for()
    meeting.refresh_from_db()
    assert meeting.reply == Reply.AGREED

    visitor.open("/suivi/")
    page.get_by_role("link", name="Suggestions").click()
    page.get_by_role("link", name="Faire une suggestion").click()
    page.get_by_label("Objet").fill("Trier par distance")
    page.get_by_label("Message").fill("La liste, de près.")
    page.get_by_role("button", name="Envoyer la demande").click()
    page.get_by_text("Votre demande est enregistrée").wait_for()
    proposal = Ticket.objects.get()
    assert (proposal.subject, proposal.is_proposal) == ("Trier par distance", True)
