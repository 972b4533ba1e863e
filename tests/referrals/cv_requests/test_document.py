"""The letter of a demande de CV: where, how, by when; and how it prints (5.9, A13)."""

import datetime as dt
import io

import pikepdf
import pytest

from offers.page.documents import PAPER_STYLE
from opus.lib.background_files import page_of
from opus.lib.documents import pdf
from referrals.documents import documents
from referrals.documents.models import Document
from tests.files import make_file
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.documents.test_documents import (
    HOSTILE,
    WORDY,
    fonts_set,
    opened,
    printed,
    tags,
    words,
)

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


def letter_of(cv_request):
    letter = Document(
        act=cv_request,
        candidate=cv_request.candidate,
        title=documents.title_of(cv_request),
    )
    letter.freeze(documents.body_of(cv_request))
    letter.save(force_insert=True)
    return letter


def text_of(cv_request):
    return " ".join(words(documents.body_of(cv_request)))


def test_the_letter_says_where_how_and_by_when(cv_request):
    """Domain 5.9."""
    text = text_of(cv_request)
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


def test_the_letter_never_shows_how_to_reach_the_employer(cv_request):
    """Domain 1.2: with preselection, its contact is hidden from candidates."""
    assert "employeur.example" in str(cv_request.offer.details)  # The control.

    text = text_of(cv_request)

    assert "employeur.example" not in text
    assert "N’écrivez pas à l’employeur" in text


def test_the_letter_does_not_tell_the_kind_of_structure(cv_request):
    """It may reveal the person's situation."""
    structure = cv_request.structure

    assert structure.get_kind_display() not in text_of(cv_request)
    assert structure.name not in text_of(cv_request)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        WORDY,
        WORDY | {"description": "W" * 20_000},
        WORDY | {"description": "- un\n" * 2_000},
        {"description": "", "details": {}, "company": "", "salary_label": ""},
    ],
    ids=["usual", "wordy", "one word", "list", "bare"],
)
def test_every_letter_holds_on_one_a4_page(cv_request, changes):
    """U4: with the longest of addresses to send it to."""
    structure, adviser = cv_request.structure, cv_request.adviser
    structure.sender_name, structure.address = "M" * 80, "W" * 100
    structure.city = "M" * 60
    adviser.email = f"{'w' * 30}@{'m' * 30}.example"
    cv_request.offer = OfferFactory(preselected=True, **changes)
    letter = letter_of(cv_request)

    content, pages = pdf.print_pdf(page_of(letter, letter.title), PAPER_STYLE)

    assert pages == 1
    file = pikepdf.open(io.BytesIO(content))
    (sheet,) = file.pages
    assert [round(float(side)) for side in sheet.mediabox] == [0, 0, 595, 842]


def test_the_pdf_is_tagged_titled_and_in_french(cv_request):
    """A13: PDF/UA-1; U4: labels and notice are smaller than its eleven points."""
    letter = printed(letter_of(cv_request))
    file = opened(letter)
    root = file.Root

    assert str(root.Lang) == "fr"
    assert bool(root.MarkInfo.Marked)
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    with file.open_metadata() as metadata:
        assert metadata["dc:title"] == letter.title
        assert metadata["pdfuaid:part"] == "1"
    found = tags(root.StructTreeRoot)
    assert found[:2] == ["Document", "Art"]
    assert found.count("H1") == 1
    assert {"H2", "L", "LI"} <= set(found)
    (page,) = file.pages
    assert min(float(ops[1]) * scale for ops, scale in fonts_set(page)) >= 8.99


def test_a_hostile_offer_is_printed_as_the_text_it_is(cv_request):
    """S31: shown literally, nothing attached."""
    cv_request.offer = OfferFactory(preselected=True, description=HOSTILE)
    letter = letter_of(cv_request)
    make_file(letter)
    letter.refresh_from_db()

    assert "&lt;script&gt;" in letter.html
    assert "<script>" not in letter.html
    file = opened(letter)
    assert "/EmbeddedFile" not in str(file.Root)
    information = str(dict(file.docinfo)) + letter.title
    assert "Benali" not in information
