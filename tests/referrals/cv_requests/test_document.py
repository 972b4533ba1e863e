"""The letter of a demande de CV: where, how, by when; and how it prints (5.9, A13)."""

import datetime as dt

import pytest

from offers.page.documents import PAPER_STYLE
from opus.lib.background_files import page_of
from opus.lib.documents import pdf
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.documents.test_documents import WORDY, document_of, told_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def cv_request(adviser):
    structure = adviser.structure
    structure.sender_name = "Service emploi d’essai"
    structure.address = "3 place des Tilleuls"
    structure.save()
    return CvRequestFactory(
        candidate__adviser=adviser,
        candidate__first_name="Karim",
        candidate__last_name="Benali",
        due_on=dt.date(2026, 12, 2),
    )


def test_the_letter_says_where_how_and_by_when(cv_request):
    text = told_by(cv_request)
    structure = cv_request.structure

    assert [
        fact
        for fact in [
            "Karim Benali",
            "12 rue des Lilas",
            cv_request.number,
            cv_request.offer.title,
            "mercredi 2 décembre 2026",
            cv_request.adviser.get_full_name(),
            cv_request.adviser.email,
            cv_request.adviser.phone,
            "Service emploi d’essai, 3 place des Tilleuls",
            f"{structure.postcode} {structure.city}",
            "par courriel (PDF, Word, OpenDocument ou photo) à",
            "qui vous donne la réponse",
            "votre CV passe d’abord par France Travail",
            "délégué à la protection des données",
        ]
        if fact not in text
    ] == []


@pytest.mark.parametrize("changes", [{}, WORDY], ids=["usual", "wordy"])
def test_every_letter_holds_on_one_page(cv_request, changes):
    """U4: with the longest of addresses to send it to."""
    structure, adviser = cv_request.structure, cv_request.adviser
    structure.sender_name, structure.address = "M" * 80, "W" * 100
    structure.city = "M" * 60
    adviser.email = f"{'w' * 30}@{'m' * 30}.example"
    cv_request.offer = OfferFactory(preselected=True, **changes)
    letter = document_of(cv_request)

    _, pages = pdf.print_pdf(page_of(letter, letter.title), PAPER_STYLE)

    assert pages == 1
