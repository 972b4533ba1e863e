"""The document of a mise en contact with preselection (art. 7, domain 5.9)."""

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
from tests.referrals.documents.test_documents import WORDY, tags, words
from tests.referrals.screened import ASKS, ScreenedReferralFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def act():
    return ScreenedReferralFactory(
        candidate__first_name="Karim",
        candidate__last_name="Benali",
        offer__details=ASKS,
    )


def document_of(act):
    document = Document(act=act, candidate=act.candidate, title=documents.title_of(act))
    document.freeze(documents.body_of(act))
    document.save(force_insert=True)
    return document


@pytest.mark.parametrize(
    ("delegated", "first"),
    [
        (True, "Votre contact étudie d’abord votre candidature"),
        (False, "Votre candidature passe d’abord par France Travail"),
    ],
)
def test_the_sheet_says_who_reads_the_application_first(act, delegated, first):
    act.offer.delegated = delegated
    told = " ".join(words(documents.body_of(act)))

    assert [
        fact
        for fact in [
            "Karim Benali",
            act.number,
            act.adviser.get_full_name(),
            first,
            "N’appelez pas l’employeur, ne lui écrivez pas",
            "Maçon / Maçonne (H/F)",
            "Compétences : couler une dalle, lire un plan",
            "24 mois (13 si vous n’êtes pas inscrit)",
        ]
        if fact not in told
    ] == []


def test_it_never_shows_how_to_reach_the_employer(act):
    """Design 2.7."""
    body = documents.body_of(act)

    for secret in ["recrutement@employeur.example", "M. Essai", "Comment postuler"]:
        assert secret not in body


@pytest.mark.parametrize("offer", [{}, WORDY], ids=["usual", "wordy"])
def test_it_holds_on_one_a4_page(act, offer):
    """U4: without the tighter setting."""
    act.offer = OfferFactory(delegated_preselection=True, **offer)
    document = document_of(act)

    page = page_of(document, document.title)
    content, pages = pdf.print_pdf(page, PAPER_STYLE)

    assert pages == 1
    file = pikepdf.open(io.BytesIO(content))
    (sheet,) = file.pages
    assert [round(float(side)) for side in sheet.mediabox] == [0, 0, 595, 842]


def test_the_pdf_is_tagged_titled_and_in_french(act):
    """A13: PDF/UA-1; V17: no name in its title."""
    document = document_of(act)
    make_file(document)
    document.refresh_from_db()

    file = pikepdf.open(io.BytesIO(bytes(document.content)))

    root = file.Root
    assert str(root.Lang) == "fr"
    assert bool(root.MarkInfo.Marked)
    with file.open_metadata() as metadata:
        assert metadata["dc:title"] == document.title
        assert metadata["pdfuaid:part"] == "1"
    assert tags(root.StructTreeRoot).count("H1") == 1
    assert {"H2", "L", "LI"} <= set(tags(root.StructTreeRoot))
    assert "Benali" not in str(dict(file.docinfo)) + document.title
