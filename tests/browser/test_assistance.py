"""From a question to its answer: who asks, who answers, who comes back (art. 6)."""

import re

import pytest

from opus.support.management.commands.load_help import load_help
from opus.support.tickets import actions
from opus.support.tickets.models import Ticket, TicketState
from tests.accounts.factories import AdviserFactory, FtAdminFactory
from tests.browser.people import sign_in


@pytest.fixture
def adviser(transactional_db):
    load_help()
    return AdviserFactory()


@pytest.fixture
def staff(transactional_db):
    return FtAdminFactory()


def write_ticket(visitor, adviser):
    """From a screen to its guide, through the help, to the form; then its number."""
    page = visitor.page
    sign_in(visitor, adviser)
    visitor.open("/offres/?lieu=")
    page.get_by_text("Autres actions").click()
    page.get_by_role("link", name="Aide sur cette page").click()
    page.get_by_role("heading", name="Chercher des offres").wait_for()
    visitor.check_page()
    visitor.open("/aide/")
    visitor.check_page()
    page.get_by_label("Chercher dans l’aide").fill("telephones perdus")
    page.get_by_role("button", name="Chercher dans l’aide").click()
    visitor.check_page()
    page.get_by_role("link", name=re.compile("J’ai perdu mon téléphone")).click()
    page.get_by_role("heading", level=1, name=re.compile("J’ai perdu")).wait_for()
    visitor.check_page()
    page.get_by_role("link", name="Écrire à l’assistance").click()
    page.get_by_role("button", name="Envoyer la demande").click()
    page.get_by_text("3 points sont à corriger").wait_for()
    visitor.check_page()
    page.get_by_label("Sujet").select_option(label="Recherche et offres")
    page.get_by_label("Objet").fill("Une offre ne s’ouvre pas")
    page.get_by_label("Message").fill("La page reste vide.")
    page.get_by_role("button", name="Envoyer la demande").click()
    page.get_by_text("Votre demande est enregistrée").wait_for()
    visitor.check_page()
    return Ticket.objects.get()


def come_back(visitor, ticket):
    """The answer is read, and does not suffice."""
    page = visitor.page
    visitor.open("/contact/demandes/")
    visitor.check_page()
    page.get_by_role("link", name=re.compile(ticket.number)).click()
    page.get_by_text("Videz le cache.").wait_for()
    visitor.check_page()
    page.get_by_label("Votre message").fill("Toujours vide.")
    page.get_by_role("button", name="Rouvrir la demande").click()
    page.get_by_text("Votre message est enregistré").wait_for()
    visitor.check_page()
    ticket.refresh_from_db()
    assert ticket.state == TicketState.REOPENED


@pytest.mark.phone
def test_a_question_is_asked_answered_and_asked_again(
    visitor_of_any_size, adviser, staff
):
    """Article 6, A2, A11."""
    visitor = visitor_of_any_size
    ticket = write_ticket(visitor, adviser)
    actions.answer(ticket, by=staff, text="Videz le cache.")
    come_back(visitor, ticket)


@pytest.mark.thorough
def test_the_whole_way_without_javascript(visitor_without_script, adviser, staff):
    """A4; the staff's part with the hands too."""
    visitor, page = visitor_without_script, visitor_without_script.page
    ticket = write_ticket(visitor, adviser)
    sign_in(visitor, staff)
    visitor.open("/admin/")
    page.get_by_role("link", name="Demandes d’assistance", exact=True).click()
    page.get_by_role("link", name=ticket.number).click()
    page.get_by_role("link", name="Répondre", exact=True).click()
    page.get_by_label("Texte").fill("Videz le cache.")
    page.get_by_role("button", name="Répondre").click()
    page.get_by_text("La réponse est enregistrée").wait_for()
    sign_in(visitor, adviser)
    come_back(visitor, ticket)


def test_whoever_cannot_sign_in_reaches_the_open_form(visitor_of_any_size, adviser):
    """A2, A11: from the sign-in page, in error, then sent."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    visitor.open("/connexion/")
    page.get_by_role("link", name="Contact").click()
    page.get_by_role("heading", name="Écrire à l’assistance").wait_for()
    visitor.expect_accessible()
    page.get_by_label("Votre courriel professionnel").fill("perdue")
    page.get_by_role("button", name="Envoyer la demande").click()
    page.get_by_text("Écrivez une adresse complète").first.wait_for()
    visitor.check_page()
    page.get_by_label("Votre courriel professionnel").fill("perdue@ccas.example")
    page.get_by_label("Sujet").select_option(index=1)
    page.get_by_label("Objet").fill("Plus d’accès")
    page.get_by_label("Message").fill("Mon RGC est absent.")
    page.get_by_role("button", name="Envoyer la demande").click()
    page.get_by_role("heading", name="Demande envoyée").wait_for()
    visitor.check_page()


@pytest.mark.thorough
def test_the_desk_and_the_preview_are_accessible(visitor, adviser, staff):
    """A2: the thread with its deadline, and a text before it is saved."""
    ticket = actions.open_ticket(
        by=adviser, topic="offres", subject="Une offre", text="Vide."
    )
    page = visitor.page
    sign_in(visitor, staff)
    visitor.open(f"/admin/support/ticket/{ticket.pk}/change/")
    visitor.expect_accessible()
    visitor.open("/admin/support/guide/")
    page.get_by_role("link", name="Chercher des offres").click()
    with visitor.context.expect_page() as opened:
        page.get_by_role("button", name="Aperçu (nouvel onglet)").click()
    visitor.page = opened.value
    visitor.page.get_by_role("heading", name="Lancer une recherche").wait_for()
    visitor.expect_accessible()
