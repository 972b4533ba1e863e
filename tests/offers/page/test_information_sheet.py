"""The information sheet of an offer: U4, A13, R1, S31."""

import html
import io
import re

import pikepdf
import pytest

from accounts.agreements.models.conventions import Convention
from offers import tasks
from offers.catalogue.models import Offer
from offers.catalogue.presenter import PUBLIC_SITE
from offers.catalogue.writes import writing_offers
from offers.page import documents as paper
from offers.page.models import OfferDocument
from opus.lib.background_files import FileFailure, FileState, page_of
from opus.lib.documents import pdf
from tests.accounts.factories import AdviserFactory, amend
from tests.conftest import sign_in, wait_until
from tests.files import make_file
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.referrals.documents.test_documents import (
    HOSTILE,
    WORDY,
    fonts_set,
    nodes,
    tags,
)
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db


def pdf_url(offer):
    return f"{offer.get_absolute_url()}fiche.pdf"


def page_url(offer):
    return f"{offer.get_absolute_url()}fiche/"


def frozen(offer):
    sheet = OfferDocument(offer=offer)
    sheet.freeze(paper.information_body_of(offer))
    return sheet


def made(client, offer):
    """The PDF, once a worker has been there."""
    assert client.get(pdf_url(offer)).status_code == 202
    make_file(offer.documents.latest("created_at"))
    return client.get(pdf_url(offer))


def words(text):
    text = re.sub(r"<svg.*?</svg>", " ", text, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", text)).split()


# --- What it says ---------------------------------------------------------------------


def test_the_sheet_says_what_the_offer_is_and_names_nobody(as_adviser, adviser):
    """V17: one sheet serves all, so no reader and no candidate stands on it."""
    offer = OfferFactory()
    ReferralFactory(offer=offer, candidate__adviser=adviser)

    told = " ".join(words(paper.information_body_of(offer)))

    for fact in (
        "Maçon / Maçonne (H/F)",
        f"Offre d’emploi n° {offer.pk} Sans présélection",
        "L’Isle-d’Abeau (38)",
        "Vous montez des murs",
        "recrutement@employeur.example",
        "Source : France Travail, offre créée le",
        "elle ne vaut pas mise en relation",
    ):
        assert fact in told.replace("\xa0", " ")
    for name in (adviser.last_name, adviser.structure.name, "Candidat"):
        assert name not in told


def test_a_skill_that_another_one_contains_is_printed_once():
    """As on the page of the offer."""
    labels = ("Conduire", "Conduire un engin", "conduire un engin de chantier")
    skills = [{"libelle": label} for label in labels]
    offer = OfferFactory(details={"competences": skills}, description="")

    told = " ".join(words(paper.information_body_of(offer)))

    assert "Compétences : Conduire, conduire un engin de chantier" in told


@pytest.mark.parametrize("trait", ["preselected", "delegated_preselection"])
def test_a_preselected_offer_shows_no_contact_on_its_sheet_either(as_adviser, trait):
    body = paper.information_body_of(OfferFactory(**{trait: True}))

    assert "employeur.example" not in body
    assert "passent d’abord par France Travail" in body


def test_the_page_and_the_pdf_say_the_same(as_adviser):
    """A13: the HTML version is the very text that is printed."""
    offer = OfferFactory()
    made(as_adviser, offer)

    assert offer.documents.get().html in as_adviser.get(page_url(offer)).text


# --- Who, how -------------------------------------------------------------------------


def test_a_structure_that_only_consults_may_print_it(as_adviser):
    """Consultation alone gives the right to the sheet."""
    offer = OfferFactory()
    amend(Convention.objects.get(), consultation=True, referrals=False)

    response = made(as_adviser, offer)

    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'inline; filename="offre-{offer.pk}.pdf"'
    assert "fiche.pdf" in as_adviser.get(offer.get_absolute_url()).text


def test_without_consultation_there_is_no_sheet(as_adviser):
    """S21."""
    offer = OfferFactory()
    amend(Convention.objects.get(), consultation=False, referrals=False)

    for url in (pdf_url(offer), page_url(offer)):
        assert as_adviser.get(url).status_code == 403
    assert not OfferDocument.objects.exists()


def test_while_it_is_made_the_page_says_so_and_works_without_script(as_adviser):
    offer = OfferFactory()

    response = as_adviser.get(pdf_url(offer))

    assert response.status_code == 202
    assert "<progress" in response.text
    assert 'href="?">Actualiser la page' in response.text
    part = as_adviser.get(f"{page_url(offer)}etat/").text
    assert "hx-trigger" in part
    make_file(offer.documents.get())
    assert "hx-trigger" not in as_adviser.get(f"{page_url(offer)}etat/").text


def test_a_sheet_that_failed_says_why_and_is_made_again(as_adviser):
    offer = OfferFactory()
    as_adviser.get(pdf_url(offer))
    offer.documents.get().fail(FileFailure.TOO_SLOW)

    response = as_adviser.get(pdf_url(offer))
    again = as_adviser.post(f"{page_url(offer)}relancer/")

    assert response.status_code == 409
    assert "la préparation a pris trop de temps" in response.text
    assert again.status_code == 202
    assert offer.documents.get().state == FileState.WAITING


def test_one_sheet_serves_all_until_the_content_changes(as_adviser, client):
    """One for each (offer, content): the same bytes for two advisers."""
    offer = OfferFactory()
    first = made(as_adviser, offer).content
    other = AdviserFactory()
    sign_in(client, other)

    assert client.get(pdf_url(offer)).content == first
    assert OfferDocument.objects.count() == 1

    changed = Offer.objects.get(pk=offer.pk)
    changed.title = "Chef maçon"
    rewrite(changed)
    assert client.get(pdf_url(offer)).status_code == 202
    tasks.delete_useless_documents()  # The earlier content's sheet goes.
    assert OfferDocument.objects.get().html != first


def rewrite(offer):
    """What a modification of the feed does."""
    with writing_offers():
        offer.save(update_fields=["title"])


def test_an_account_has_a_bounded_number_made_in_an_hour(as_adviser, settings):
    """A script cannot keep the worker busy; what is made already stays open."""
    settings.SHEETS_AN_HOUR = 2
    offers = OfferFactory.create_batch(3)

    statuses = [as_adviser.get(pdf_url(offer)).status_code for offer in offers]

    assert statuses == [202, 202, 429]
    assert as_adviser.get(pdf_url(offers[0])).status_code == 202


# --- When the offer leaves ------------------------------------------------------------


def test_a_withdrawn_offer_has_no_sheet_any_more(as_adviser):
    """R1: 410 like its page, none of its content; then the bytes go."""
    offer = OfferFactory(title="Canari")
    made(as_adviser, offer)
    withdraw(offer)

    for url in (pdf_url(offer), page_url(offer), f"{page_url(offer)}etat/"):
        response = as_adviser.get(url)
        assert response.status_code == 410
        assert "Canari" not in response.text
    assert as_adviser.post(f"{page_url(offer)}relancer/").status_code == 404
    tasks.delete_useless_documents()
    assert not OfferDocument.objects.exists()


def test_an_offer_that_leaves_while_its_sheet_waits_is_not_printed(as_adviser):
    offer = OfferFactory()
    as_adviser.get(pdf_url(offer))
    withdraw(offer)

    make_file(offer.documents.get())

    assert not offer.documents.get().is_ready


def test_an_offer_that_comes_back_has_its_sheet_made_again(as_adviser):
    offer = OfferFactory()
    made(as_adviser, offer)
    withdraw(offer)
    tasks.delete_useless_documents()
    withdraw(offer, "active")

    assert made(as_adviser, offer)["Content-Type"] == "application/pdf"


# --- How it prints --------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {},
        WORDY,
        WORDY | {"description": "W" * 20_000},
        WORDY | {"description": "- un\n" * 2_000},
        WORDY | {"title": "WMWMWM " * 42},
        WORDY | {"preselection": True},
        {"description": "漢字かな交じり文 " * 600},
        {"description": "", "details": {}, "company": "", "salary_label": ""},
    ],
    ids=["usual", "wordy", "one word", "list", "wide title", "mode", "full", "bare"],
)
def test_every_sheet_holds_on_one_a4_page(changes):
    """U4: without the tighter setting, eleven points at least, under 80 kB."""
    sheet = frozen(OfferFactory(**changes))

    content, pages = pdf.print_pdf(page_of(sheet, "Offre"), paper.PAPER_STYLE)

    assert pages == 1
    assert len(content) <= 80_000
    file = pikepdf.open(io.BytesIO(content))
    (page,) = file.pages
    assert [round(float(side)) for side in page.mediabox] == [0, 0, 595, 842]
    sizes = {
        round(float(operands[1]) * scale, 2) for operands, scale in fonts_set(page)
    }
    # Labels, and the notice at the foot.
    assert {size for size in sizes if size < 11} == {10.5, 9}


def test_the_pdf_is_tagged_titled_and_in_french(as_adviser):
    """A13: PDF/UA-1."""
    address = f"{PUBLIC_SITE}offre/1"
    offer = OfferFactory(
        details={
            "origineOffre": {"urlOrigine": address},
            "contact": {"nom": "M. Essai"},
        }
    )
    file = pikepdf.open(io.BytesIO(made(as_adviser, offer).content))
    root = file.Root

    assert str(root.Lang) == "fr"
    assert bool(root.MarkInfo.Marked)
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    with file.open_metadata() as metadata:
        assert metadata["dc:title"] == f"Offre d’emploi n° {offer.pk}"
        assert metadata["pdfuaid:part"] == "1"
    found = tags(root.StructTreeRoot)
    assert found.count("H1") == 1
    assert {"H2", "L", "LI"} <= set(found)
    assert all(str(page.Tabs) == "/S" for page in file.pages)
    figures = [
        node for node in nodes(root.StructTreeRoot) if node.get("/S") == "/Figure"
    ]
    assert [bool(str(figure.Alt)) for figure in figures] == [True]


def test_a_hostile_offer_is_printed_as_the_text_it_is(as_adviser):
    """S31: nothing fetched, nothing attached."""
    offer = OfferFactory(title=f"Maçon {HOSTILE[:80]}", description=HOSTILE)

    file = pikepdf.open(io.BytesIO(made(as_adviser, offer).content))

    assert "/EmbeddedFiles" not in file.Root.get("/Names", {})
    assert not file.attachments
    assert "<script" not in paper.information_body_of(offer)


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_makes_it(worker, client):
    sign_in(client, AdviserFactory())
    offer = OfferFactory()
    client.get(pdf_url(offer))

    wait_until(lambda: client.get(pdf_url(offer)).status_code == 200)
