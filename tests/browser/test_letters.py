"""What the links of letters open, without a session, at any size (A2, A11)."""

from urllib.parse import urlsplit

import pytest

from referrals.saved_searches import emails
from tests.accounts.users.test_activation import last_link, newcomer
from tests.browser.conftest import Visitor
from tests.browser.people import NEW_PASSWORD
from tests.referrals.factories import CandidateFactory, SavedSearchFactory
from tests.support.factories import TicketFactory


@pytest.mark.phone
def test_a_first_access_by_mail(visitor_of_any_size: Visitor) -> None:
    """S9: the identifier, in error too; the password; the second factor."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    account = newcomer()

    visitor.check_pages(last_link())
    page.get_by_label("Identifiant").fill("IDA-0000")
    page.get_by_role("button", name="Continuer").click()
    page.locator("#erreurs:focus").wait_for()
    visitor.check_page()
    page.get_by_label("Identifiant").fill(account.identifier)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Nouveau mot de passe").fill(NEW_PASSWORD)
    visitor.check_page()
    page.get_by_label("Le même, une seconde fois").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Enregistrer ce mot de passe").click()
    page.get_by_role("heading", name="Enregistrer votre second facteur").wait_for()
    visitor.check_page()


def test_the_emails_of_searches_are_stopped(visitor_of_any_size: Visitor) -> None:
    """Confirmed, then done."""
    visitor = visitor_of_any_size
    search = SavedSearchFactory(candidate=CandidateFactory(), alert="quotidienne")
    link = emails.link_for(search.candidate.adviser, [search])
    visitor.check_pages(urlsplit(link).path)
    visitor.page.get_by_role("button", name="Ne plus recevoir ces courriels").click()
    visitor.page.get_by_role("heading", name="Ces courriels sont arrêtés").wait_for()
    visitor.check_page()


@pytest.mark.thorough
def test_a_request_is_read_without_an_account(visitor_of_any_size: Visitor) -> None:
    """Art. 6: whoever could not sign in."""
    visitor_of_any_size.check_pages(TicketFactory(by_mail=True).link)
