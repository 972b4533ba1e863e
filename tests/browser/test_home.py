"""Home: the whole pile of one person, printed and handed over (A2, A11)."""

import pytest
from django.utils import timezone

from referrals.direct.models import Referral
from referrals.documents.models import PrintJob
from tests.accounts.factories import AdviserFactory
from tests.browser.people import Clicks, sign_in
from tests.files import make_file
from tests.offers.helpers.factories import withdraw
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    DocumentFactory,
    ReferralFactory,
)


@pytest.mark.phone
def test_a_persons_documents_are_printed_in_two_clicks_and_handed_over_in_one(
    visitor_of_any_size, transactional_db
):
    """Art. 7, U8: from home; late work and appointments stand around it."""
    visitor, page = visitor_of_any_size, visitor_of_any_size.page
    adviser = AdviserFactory()
    person = CandidateFactory(adviser=adviser, last_name="Perrin")
    for _ in range(4):
        DocumentFactory(act=ReferralFactory(candidate=person))
    told = ReferralFactory(candidate__adviser=adviser, handed_over=True)
    withdraw(told.offer)
    AppointmentFactory(candidate=person)
    sign_in(visitor, adviser)
    visitor.check_pages("/")
    printing, handing_over = Clicks(), Clicks()

    printing.on(page.get_by_role("button", name="Imprimer les 4"))
    page.get_by_role("heading", name="Dans l’ordre du PDF").wait_for()
    make_file(PrintJob.objects.get())
    opening = page.get_by_role("link", name="Imprimer le PDF")
    opening.wait_for()
    with visitor.pdf_beside():
        printing.on(opening)
    assert printing.count == 2

    visitor.check_pages("/?classer=candidat")
    handing_over.on(page.get_by_role("button", name="Tout marquer remis en main"))
    page.get_by_text("4 documents marqués remis en main propre").wait_for()
    visitor.expect_accessible()
    assert handing_over.count == 1
    handed = Referral.objects.filter(candidate=person, channel="main")
    assert handed.filter(handed_over_on=timezone.localdate()).count() == 4
    page.wait_for_url(f"{visitor.base}/?classer=candidat")
