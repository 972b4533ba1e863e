"""A document by e-mail: consent, sending, what the person opens, in a real browser."""

import re
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from opus.lib.outbound import outbox
from opus.lib.outbound.models import KeptMail
from referrals.candidate_emails.models import DocumentMail
from referrals.documents.actions import make_document
from tests.accounts.factories import AdviserFactory
from tests.browser.conftest import Visitor
from tests.browser.people import sign_in
from tests.referrals.factories import CandidateFactory, ReferralFactory


@pytest.fixture
def document(transactional_db: None) -> Any:
    candidate = CandidateFactory(adviser=AdviserFactory())
    return make_document(ReferralFactory(candidate=candidate))


def test_a_document_leaves_by_mail_and_its_reader_stops_the_letters(
    visitor_of_any_size: Visitor, document: Any
) -> None:
    """A2, A4, A5, A11, A15."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    sign_in(visitor, document.candidate.adviser)

    # No consent: the act's page says why, and leads to where it is recorded.
    visitor.open(document.act.get_absolute_url())
    page.get_by_text("Remis autrement, ou un autre jour").click()
    visitor.check_page()
    page.get_by_role("link", name="Enregistrer son accord").click()
    visitor.check_page()
    page.get_by_role("button", name="Enregistrer son accord").click()
    page.get_by_text("Un point est à corriger").wait_for()
    visitor.check_page()
    page.get_by_text("par téléphone").click()
    page.get_by_role("button", name="Enregistrer son accord").click()
    page.get_by_text("Ce candidat reçoit des courriels").wait_for()
    visitor.check_page()

    visitor.open(document.act.get_absolute_url())
    page.get_by_text("Remis autrement, ou un autre jour").click()
    visitor.check_page()
    page.get_by_text("par courriel, envoyé par Opus").click()
    page.get_by_role("button", name="Marquer remis", exact=True).click()
    page.get_by_text("Le courriel va partir").wait_for()
    outbox.relay()
    visitor.open(document.act.get_absolute_url())
    page.get_by_text("Document remis").first.wait_for()
    visitor.check_page()

    # The person, without any session.
    visitor.context.clear_cookies()
    row = DocumentMail.objects.get()
    visitor.check_pages(reverse("mailed_document", args=[row.token]))
    page.get_by_role("button", name="Lire le document").click()
    page.get_by_role("button", name="Télécharger le PDF").wait_for()
    visitor.check_page()
    stop = re.search(r"/courriels/arreter/\S+", str(mail.outbox[0].body))
    assert stop
    visitor.check_pages(stop[0])
    page.get_by_role("button", name="Ne plus recevoir de courriels").click()
    page.get_by_role("heading", name="Vous ne recevrez plus de courriels").wait_for()
    visitor.check_page()
    page.goto(f"{visitor.base}{reverse('mailed_document', args=[row.token])}")
    page.get_by_role("heading", name="Ce lien ne s’ouvre plus").wait_for()
    visitor.check_page()


@pytest.mark.thorough
@pytest.mark.parametrize("state", ["empty", "filled"])
def test_the_mailbox_of_a_demonstration_reads_at_any_size(
    visitor_of_any_size: Visitor, settings: Any, state: str
) -> None:
    """A2, A11: a long link too."""
    settings.DEMO = True
    if state == "filled":
        link = f"https://localhost/mot-de-passe-oublie/lien/{'a' * 90}/"
        KeptMail.objects.create(to="a@ccas.example", subject="Essai", text=link)
    visitor_of_any_size.open("/demo/courriels/")

    visitor_of_any_size.page.get_by_role("heading", level=1).wait_for()
    visitor_of_any_size.check_page()
