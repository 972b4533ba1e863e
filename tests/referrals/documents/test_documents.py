"""The document of article 7: what it says, how it prints, who may read it."""

import html
import io
import re
import subprocess
from shutil import which

import pikepdf
import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.structures.models import Agency
from offers.page import documents as paper
from offers.page.documents import reach_of
from opus.lib.audit.models import AuditEntry
from opus.lib.background_files import page_of
from opus.lib.documents import pdf
from opus.lib.documents.pdf import lines_of
from referrals.direct.models import Referral
from referrals.documents import actions, documents
from referrals.documents.models import Document, VoidDocument
from referrals.follow_up import actions as follow_up
from tests.accounts.factories import AgencyFactory
from tests.files import make_file
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    DocumentFactory,
    ReferralFactory,
)
from tests.referrals.screened import ScreenedReferralFactory

pytestmark = pytest.mark.django_db

LONG = "Nous cherchons une personne motivée pour des chantiers variés du Nord-Isère. "
WORDY = {
    "title": "CHEF D’ÉQUIPE MAÇONNERIE GROS ŒUVRE ET RÉNOVATION DU BÂTI ANCIEN " * 4,
    "description": LONG * 60,
    "company": "SOCIÉTÉ NOUVELLE DES MAÇONNERIES DU DAUPHINÉ " * 4,
    "salary_label": "Annuel de 25000 euros à 32000 euros sur 13 mois " * 4,
    "hours_label": "35 h, horaires normaux, travail le samedi " * 2,
    "details": {
        "contact": {
            "nom": "M. Paul Essai " * 20,
            "coordonnees1": "m" * 400,
            "courriel": "recrutement@employeur.example " * 20,
            "telephone": "04 65 71 00 09",
            "urlPostulation": "https://employeur.example/" + "a" * 1500,
            "commentaire": "Se présenter avec un CV. " * 100,
        },
        "permis": [{"libelle": f"Permis {n}"} for n in range(60)],
        "competences": [{"libelle": f"Couler du béton {n}"} for n in range(60)],
        "formations": [{"domaineLibelle": "w" * 300}],
        "langues": [{"libelle": f"Langue {n}"} for n in range(60)],
        "qualitesProfessionnelles": [{"libelle": f"Rigueur {n}"} for n in range(60)],
    },
}


@pytest.fixture
def referral(adviser):
    adviser.structure.sender_name = "Service emploi d’essai"
    adviser.structure.save()
    return ReferralFactory(
        candidate__adviser=adviser,
        candidate__first_name="Karim",
        candidate__last_name="Benali",
    )


def document_of(referral):
    document = Document(
        act=referral, candidate=referral.candidate, title=documents.title_of(referral)
    )
    document.freeze(documents.body_of(referral))
    document.save(force_insert=True)
    return document


def printed(document):
    """The document once a worker has been there."""
    make_file(document)
    document.refresh_from_db()
    return document


def opened(document):
    return pikepdf.open(io.BytesIO(bytes(document.content)))


def words(text):
    """The words of HTML, in their order."""
    text = re.sub(r"<svg.*?</svg>", " ", text, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", text)).split()


def told_by(act):
    return " ".join(words(documents.body_of(act)))


# --- What it says ---------------------------------------------------------------------


def test_the_sheet_says_what_the_candidate_needs(referral):
    told = told_by(referral)

    assert [
        fact
        for fact in [
            "Karim Benali",
            "12 rue des Lilas",
            "38080 L’Isle-d’Abeau",
            referral.number,
            "version 1",
            "Service emploi d’essai",
            referral.adviser.get_full_name(),
            referral.adviser.phone,
            "Maçon / Maçonne (H/F)",
            "L’Isle-d’Abeau (38)",
            "CDI, 2 postes",
            "35 h par semaine",
            "2 050 € à 2 300 € par mois",
            "Vous montez des murs",
            "Débutant accepté",
            "recrutement@employeur.example",
            "Source : France Travail, offre actualisée le",
            "délégué à la protection des données",
            "24 mois (13 si vous n’êtes pas inscrit)",
        ]
        if fact not in told
    ] == []


PRESELECTED = (ScreenedReferralFactory, CvRequestFactory, AppointmentFactory)


@pytest.mark.parametrize("factory", [ReferralFactory, *PRESELECTED])
def test_no_paper_tells_the_kind_of_structure(factory):
    """It may reveal the person's situation."""
    act = factory()
    structure = act.structure
    structure.sender_name = "Service emploi d’essai"
    told = told_by(act)

    assert structure.get_kind_display() not in told
    assert structure.name not in told
    if factory is not CvRequestFactory:
        # One brings or sends a CV there.
        assert structure.address not in told


@pytest.mark.parametrize("factory", [ReferralFactory, *PRESELECTED])
def test_a_paper_with_preselection_never_shows_how_to_reach_the_employer(factory):
    """Not even where somebody changed the mode meanwhile."""
    act = factory(offer=OfferFactory(preselected=True))
    assert "employeur.example" in str(act.offer.details)  # The control.

    told = told_by(act)

    for secret in ("employeur.example", "M. Essai", "Comment postuler"):
        assert secret not in told


@pytest.mark.parametrize("factory", PRESELECTED)
def test_a_paper_of_a_preselection_has_the_agencys_telephone(factory):
    """As it was when the paper was made; the offer's own for want of a better."""
    act = factory(offer__details={"agence": {"telephone": "0465710083"}})
    line = "Agence qui suit l’offre : France Travail, 04 65 71 00 83."
    assert line in text_of(documents.body_of(act))
    agency = AgencyFactory(safir=act.offer.agency_safir, phone="04 65 71 00 81")

    document = actions.make_document(act)

    line = f"Agence qui suit l’offre : {agency.name}, 04 65 71 00 81."
    assert line in text_of(document.html)
    Agency.objects.update(phone="04 65 71 00 89")
    assert line in text_of(Document.objects.get().html)
    Agency.objects.update(phone="")
    act.offer.details = {}
    assert "Agence qui suit" not in documents.body_of(act)


def text_of(body):
    return html.unescape(re.sub(r"<[^>]+>", "", body)).replace("\xa0", " ")


def test_a_paper_that_sends_to_the_employer_names_no_agency(referral):
    AgencyFactory(safir=referral.offer.agency_safir, phone="04 65 71 00 81")

    assert "00 81" not in text_of(documents.body_of(referral))
    referral.offer = OfferFactory(preselected=True)
    assert "00 81" in text_of(documents.body_of(referral))


def test_an_offer_without_contact_sends_the_candidate_to_the_adviser(referral):
    referral.offer = OfferFactory(details={})

    assert "demandez-le à votre contact" in told_by(referral)


def test_a_long_offer_is_cut_and_says_so(referral):
    referral.offer = OfferFactory(**WORDY)
    content = paper.content_of(referral.offer, 120, reach_of(referral.offer))

    assert content.is_cut
    lines = [one for blocks in content.columns for one in blocks if one.kind == "text"]
    assert all(one.lines[-1].endswith((".", "…")) for one in lines)
    assert "votre contact en a le texte complet dans Opus" in documents.body_of(
        referral
    )


def test_a_short_offer_is_whole():
    offer = OfferFactory()
    content = paper.content_of(offer, 120, reach_of(offer))

    assert not content.is_cut
    text = ("text", [offer.description])
    assert text in [block for blocks in content.columns for block in blocks]


# --- How it prints (U4, A13) ----------------------------------------------------------


def test_the_longest_names_and_address_stay_in_the_window(referral):
    """U4: five lines, whatever was typed."""
    candidate = referral.candidate
    candidate.first_name, candidate.last_name = "M" * 60, "W" * 60
    candidate.address, candidate.city = "WWW " * 30, "M" * 80

    document = document_of(referral)
    address = re.search(r'"paper__address">(.*?)</div>', document.html, re.DOTALL)[1]

    lines = [
        len(lines_of(line, documents.ADDRESS_WIDTH, documents.ADDRESS_SIZE))
        for line in re.findall(r"<p>(.*?)</p>", address)
    ]
    assert sum(lines) <= 5
    _, pages = pdf.print_pdf(page_of(document, ""), paper.PAPER_STYLE)
    assert pages == 1


def test_letters_are_eleven_points_at_least(referral):
    """U4: but for labels (10.5) and the legal notice (9)."""
    file = opened(printed(document_of(referral)))
    (page,) = file.pages

    sizes = {
        round(float(operands[1]) * scale, 2) for operands, scale in fonts_set(page)
    }
    assert {size for size in sizes if size < 11} == {10.5, 9}


def test_the_files_title_and_name_hold_no_personal_data(as_adviser, referral):
    """V17."""
    document = printed(document_of(referral))

    response = as_adviser.get(reverse("document_pdf", args=[document.pk]))

    assert response["Content-Disposition"] == (
        f'inline; filename="{referral.number}-1.pdf"'
    )
    file = opened(document)
    information = str(dict(file.docinfo)) + document.title
    assert not any(
        word in information for word in ["Karim", "Benali", "Maçon", "Claire"]
    )


# --- Hostile texts (S31) --------------------------------------------------------------

HOSTILE = """<img src="file:///etc/passwd"><link rel="attachment"
href="file:///etc/passwd"><style>@import url(http://169.254.169.254/latest);
* { background: url(http://169.254.169.254/) }</style></p></article>
<a rel=attachment href="file:///etc/hostname">x</a><svg onload=alert(1)>
<script>alert(1)</script>{{ referral.candidate }}"""


@pytest.mark.parametrize("factory", [ReferralFactory, *PRESELECTED])
def test_a_hostile_offer_is_printed_as_the_text_it_is(factory, monkeypatch):
    """S31: nothing fetched, nothing attached, the text shown literally."""
    asked = []
    fetch = type(pdf._fetcher()).fetch
    monkeypatch.setattr(
        type(pdf._fetcher()),
        "fetch",
        lambda self, url, headers=None: asked.append(url) or fetch(self, url, headers),
    )
    act = factory()
    act.offer = OfferFactory(
        title="<img src=file:///etc/passwd>",
        description=HOSTILE,
        company="<link rel=attachment href=file:///etc/passwd>",
        details={"contact": {"nom": HOSTILE, "courriel": '"><script>alert(1)'}},
        preselection=act.offer.preselection,
    )
    document = printed(document_of(act))

    assert document.is_ready
    assert asked == []
    file = opened(document)
    assert "/EmbeddedFiles" not in file.Root.get("/Names", {})
    assert "/AF" not in file.Root
    assert not any("/Annots" in page for page in file.pages)
    assert "<img" not in document.html
    assert "&lt;img src=file:///etc/passwd&gt;" in document.html


def test_the_printer_refuses_every_address():
    """S31: even were a tag to slip through the templates."""
    page = (
        '<html lang="fr"><head><title>x</title>'
        '<link rel="stylesheet" href="http://169.254.169.254/a.css">'
        '<link rel="attachment" href="file:///etc/passwd">'
        "<style>@import url(file:///etc/passwd);"
        "p { background: url(data:image/png;base64,AAAA) }</style></head>"
        '<body><p>Texte<img alt="x" src="file:///etc/passwd"></p></body></html>'
    )

    content, pages = pdf.print_pdf(page)

    file = pikepdf.open(io.BytesIO(content))
    assert pages == 1
    assert "/EmbeddedFiles" not in file.Root.get("/Names", {})


def test_a_stylesheet_fetches_our_fonts_and_icons_alone():
    """S31."""
    fetcher = pdf._own_fetcher()

    for url in ["file:///etc/passwd", "http://169.254.169.254/", pdf.STYLE.as_uri()]:
        with pytest.raises(ValueError, match="own files"):
            fetcher.fetch(url)
    assert len(pdf.OWN_FILES) > 20


def test_a_document_of_the_first_version_is_printed_as_it_was(referral):
    """Frozen by 1.0.0, it has the parts of that time."""
    frozen = DocumentFactory.build(
        html='<article class="sheet"><h1>Maçon</h1></article>'
    )

    laid_out = paper.print_sheet(frozen, "Essai")

    content = pdf.write(laid_out)
    file = pikepdf.open(io.BytesIO(content))
    (page,) = file.pages
    sizes = {round(float(ops[1]) * scale) for ops, scale in fonts_set(page)}
    assert sizes == {16}


# --- Reading it -----------------------------------------------------------------------


def test_the_pdf_is_always_the_same_bytes(as_adviser, referral):
    document = printed(document_of(referral))
    url = reverse("document_pdf", args=[document.pk])

    # Everything that it told changes; the document does not.
    referral.candidate.last_name = "Autrement"
    referral.candidate.save()
    make_file(document)

    for _ in range(2):
        response = as_adviser.get(url)
        assert response["Content-Type"] == "application/pdf"
        assert response["Cache-Control"] == "no-store"
        assert response.content == bytes(document.content)


def test_the_html_page_shows_the_frozen_text(as_adviser, referral):
    """A13."""
    document = document_of(referral)

    response = as_adviser.get(document.get_absolute_url())

    assert document.html in response.text
    assert response.text.count("<h1") == 1
    assert f"<title>Document n°\u00a0{document.number} – Opus</title>" in response.text


def test_a_document_that_waits_shows_its_progress(as_adviser, referral):
    document = document_of(referral)

    response = as_adviser.get(reverse("document_pdf", args=[document.pk]))

    assert response.status_code == 202
    assert "<progress" in response.text
    progress = reverse("document_progress", args=[document.pk])
    assert f'hx-get="{progress}"' in response.text
    assert "<progress" in as_adviser.get(progress).text

    printed(document)
    ready = as_adviser.get(progress).text
    assert "<progress" not in ready
    assert reverse("document_pdf", args=[document.pk]) in ready


def test_a_failed_document_says_so_and_is_tried_again(as_adviser, referral):
    document = document_of(referral)
    document.fail("imprimante")
    page = as_adviser.get(reverse("document_pdf", args=[document.pk]))
    assert page.status_code == 409
    assert "l’outil d’impression manque sur le serveur" in page.text
    assert "Relancer" in page.text

    response = as_adviser.post(reverse("document_again", args=[document.pk]))

    assert response.url == referral.get_absolute_url()
    document.refresh_from_db()
    assert document.is_unfinished
    assert AuditEntry.objects.latest("pk").action == "document_remade"
    assert printed(document).is_ready


# --- Once void ------------------------------------------------------------------------


@pytest.fixture(params=["offer withdrawn", "act cancelled"])
def void(request, referral):
    document = printed(document_of(referral))
    if request.param == "offer withdrawn":
        withdraw(referral.offer)
    else:
        follow_up.cancel(referral, by=referral.adviser)
    return Document.objects.select_related("act__offer").get(pk=document.pk)


def test_a_void_document_shows_its_number_and_dates_and_no_offer(as_adviser, void):
    """R1."""
    text = as_adviser.get(void.get_absolute_url()).text

    assert "<h1>Document annulé</h1>" in text
    assert f"{void.act.number}</p><p>version {void.version}, du" in text
    assert not any(
        word in text
        for word in [
            "Maçon",
            "employeur.example",
            "Bâti d’essai",
            "Benali",
            void.act.offer_id,
        ]
    )


@pytest.mark.skipif(not which("pdftotext"), reason="needs poppler-utils")
def test_a_void_pdf_is_a_void_sheet_and_the_original_is_kept(as_adviser, void):
    """R1: it tells nothing of the offer nor of the person."""
    url = reverse("document_pdf", args=[void.pk])
    original = bytes(void.content)
    assert as_adviser.get(url).status_code == 202

    make_file(VoidDocument.objects.get())
    response = as_adviser.get(url)

    assert response.status_code == 200
    assert response.content != original
    assert as_adviser.get(url).content == response.content
    sheet = pikepdf.open(io.BytesIO(response.content))
    assert sheet.Root.Lang == "fr"
    void.refresh_from_db()
    assert bytes(void.content) == original
    text = subprocess.run(
        ["pdftotext", "-", "-"], input=response.content, capture_output=True, check=True
    ).stdout.decode()
    assert void.act.number in text
    assert f"version {void.version}, du" in text
    assert "Document annulé" in text
    assert not any(word in text for word in ["Maçon", "employeur", "Benali"])


def test_a_document_whose_offer_comes_back_is_good_again(as_adviser, referral):
    """Each withdrawal has a sheet with its own date."""
    document = printed(document_of(referral))
    url = reverse("document_pdf", args=[document.pk])
    for _ in range(2):
        withdraw(referral.offer)
        assert [as_adviser.get(url).status_code for _ in range(2)] == [202, 202]

        withdraw(referral.offer, "active")

        assert as_adviser.get(url).content == bytes(document.content)
    assert document.void_documents.count() == 2


def test_a_document_cancelled_before_it_was_printed_is_never_printed(referral):
    document = document_of(referral)
    follow_up.cancel(referral, by=referral.adviser)

    make_file(document)

    document.refresh_from_db()
    assert (document.state, document.content) == ("annule", None)


# --- Reading a PDF --------------------------------------------------------------------


def nodes(node):
    """Every element of a structure tree, in its order."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from nodes(child)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from nodes(node.K)


def tags(root):
    return [str(node.S).removeprefix("/") for node in nodes(root)]


def fonts_set(page):
    """(operands of Tf, scale in force), for each font that the page sets."""
    scale = [1.0]
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "q":
                scale.append(scale[-1])
            case "Q":
                scale.pop()
            case "cm":
                scale[-1] *= abs(float(operands[0])) or 1.0
            case "Tf":
                yield operands, scale[-1]


def test_the_day_printed_is_the_day_in_paris(referral):
    """R26."""
    with time_machine.travel("2026-11-24T23:30:00+00:00"):
        body = documents.body_of(referral, made_at=timezone.now())

    assert "25 novembre 2026" in body


def test_the_number_is_given_once_the_act_exists(referral):
    preview = documents.body_of(
        Referral(
            offer=referral.offer,
            candidate=CandidateFactory.build(
                adviser=referral.adviser, structure=referral.structure
            ),
            adviser=referral.adviser,
            structure=referral.structure,
        )
    )

    assert "Numéro attribué à la confirmation" in preview
