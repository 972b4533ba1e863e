"""Documents for whoever reads with difficulty: larger, or plainer."""

import html
import io
import re

import pikepdf
import pytest
from django.urls import reverse

from offers.catalogue.formatting import PICTURES
from opus.lib.audit.models import AuditEntry
from referrals.candidates.models import Candidate
from referrals.direct.models import Referral
from referrals.documents import documents
from referrals.documents.actions import easy_document_of, make_document, print_again
from referrals.documents.documents import DOMAINS
from referrals.documents.models import Document, EasyDocument, EasyForm
from tests.files import make_file
from tests.offers.helpers.factories import withdraw
from tests.referrals.documents.offer_events import write
from tests.referrals.documents.test_documents import fonts_set, words
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    ReferralFactory,
)
from tests.referrals.kinds import FACTORIES

pytestmark = pytest.mark.django_db
FORMS = list(EasyForm)


@pytest.fixture
def referral(adviser):
    candidate = CandidateFactory(
        adviser=adviser, first_name="Karim", last_name="Benali"
    )
    return ReferralFactory(candidate=candidate)


@pytest.fixture
def document(referral):
    return make_document(referral)


def address(document, form, ending="_pdf"):
    return reverse(f"document_{form.name.lower()}{ending}", args=[document.pk])


def printed(sheet):
    """Once a worker has been there."""
    make_file(sheet)
    sheet.refresh_from_db()
    return sheet


@pytest.mark.parametrize("form", FORMS)
def test_it_is_made_once_at_the_first_asking(as_adviser, document, form):
    assert as_adviser.get(address(document, form)).status_code == 202
    sheet = printed(EasyDocument.objects.get())

    first, second = (as_adviser.get(address(document, form)) for _ in range(2))

    assert first["Content-Type"] == "application/pdf"
    assert first.content == second.content == bytes(sheet.content)
    assert EasyDocument.objects.count() == 1
    name = f"{document.number}-{form}.pdf"
    assert first["Content-Disposition"] == f'inline; filename="{name}"'


def test_large_print_says_the_same_in_large_letters_front_and_back(document):
    sheet = printed(easy_document_of(document, EasyForm.LARGE))
    assert sheet.html == document.html

    with pikepdf.open(io.BytesIO(bytes(sheet.content))) as file:
        assert len(file.pages) == 2
        sizes = {
            round(float(operands[1]) * scale, 2)
            for page in file.pages
            for operands, scale in fonts_set(page)
        }
    # Labels and the legal notice; what is read has eighteen.
    assert min(sizes) == 16
    assert 18 in sizes


def test_the_plain_page_tells_what_to_do_in_order(referral):
    told = " ".join(words(documents.plain_body_of(referral)))

    assert "Bonjour Karim Benali." in told
    assert "Maçon ou maçonne" in told
    assert "Vous construisez ou réparez des bâtiments ou des routes." in told
    assert "1 Écrivez à l’employeur. recrutement@employeur.example" in told
    assert "2 Après, appelez" in told
    assert "feuille" not in told


def test_the_plain_page_says_what_its_document_said(referral, document):
    """Made later, it reads neither the offer nor the record of that day (art. 7)."""
    before = documents.plain_body_of(referral)
    write(referral.offer, salary_label="Mensuel de 9000.0 Euros")
    Candidate.objects.update(last_name="Autre")

    sheet = easy_document_of(Document.objects.get(pk=document.pk), EasyForm.PLAIN)

    assert not document.is_void
    assert sheet.html == before
    assert documents.plain_body_of(Referral.objects.get()) != before


@pytest.mark.parametrize("letter", "ABCDEFGHIJKLMN")
def test_each_domain_of_the_rome_has_its_sentence(referral, letter):
    referral.offer.rome_code = f"{letter}1101"

    assert DOMAINS[letter] in documents.plain_body_of(referral)


@pytest.mark.parametrize("factory", FACTORIES.values())
def test_no_sentence_is_longer_than_twelve_words(factory):
    act = factory()
    text = re.sub(r"</?(?:p|h\d|li|br|div)[^>]*>", "\n", documents.plain_body_of(act))
    lines = html.unescape(re.sub(r"<[^>]+>", "", text)).splitlines()

    sentences = [one for line in lines for one in re.split(r"[.?!:]\s", line)]

    # Where one writes to is no sentence.
    sentences = [one for one in sentences if not one.startswith("Délégué")]
    assert [one for one in sentences if len(one.split()) > 12] == []


@pytest.mark.parametrize("factory", FACTORIES.values())
def test_no_picture_prints_as_a_box(factory):
    """No font of the paper draws them; the words around them stay."""
    contact = {"nom": "Mme Essai 🌞", "coordonnees1": "🏢 3 rue du Lac"}
    act = factory(
        offer__title="Serveur 🍽️ (H/F)",
        offer__company="Le Lac 🌊",
        offer__appellation="",
        offer__rome_label="",
        offer__description="🔥 Rejoignez-nous 😀",
        offer__details={"contact": contact},
    )
    document = make_document(act)

    for body in (
        document.html,
        document.plain_html,
        documents.list_body_of([document]),
    ):
        assert not PICTURES.search(body)
        assert "Serveur" in body
        assert "Le Lac" in body


def test_a_hostile_text_is_shown_as_the_text_it_is(referral):
    """S31."""
    referral.offer.title = "<script>alert(1)</script>"
    assert "<script>" not in documents.plain_body_of(referral)


@pytest.mark.parametrize("form", FORMS)
def test_a_void_document_has_no_easy_form(as_adviser, document, form):
    withdraw(document.act.offer)

    response = as_adviser.get(address(document, form))

    assert response.url == reverse("document_pdf", args=[document.pk])
    assert not EasyDocument.objects.exists()


@pytest.mark.parametrize("form", FORMS)
def test_the_page_shows_it_and_the_reading_is_told(as_adviser, document, form):
    """A13, S38."""
    response = as_adviser.get(address(document, form, ""))

    assert EasyDocument.objects.get().html in response.text
    entry = AuditEntry.objects.latest("at")
    assert entry.action == "document_read"
    assert entry.person_ids == [document.candidate_id]


def test_one_that_failed_is_tried_again_with_its_document(document, adviser):
    sheet = easy_document_of(document, EasyForm.PLAIN)
    EasyDocument.objects.update(state="echec", failure="panne")

    print_again(document, by=adviser)

    sheet.refresh_from_db()
    assert sheet.is_unfinished


def test_an_appointment_that_waits_for_the_agency_says_so_in_plain_words():
    act = AppointmentFactory()
    waiting = documents.plain_body_of(act)
    act.details.confirmed_at = act.at
    confirmed = documents.plain_body_of(act)

    assert "Un rendez-vous à confirmer" in waiting
    assert "Attendez notre réponse." in waiting
    assert "Vous avez un rendez-vous" in confirmed
    assert "Attendez" not in confirmed
