"""The agreement as a document: model text, PDF, signed copy, the RGC's page."""

import datetime as dt
import io

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.agreements import actions
from accounts.agreements.documents import annexes_on
from accounts.agreements.models.articles import (
    AgreementDocument,
    Block,
    Kind,
    ModelText,
    SignedCopy,
    blocks_of,
    digest_of,
    validate_articles,
    validate_names,
)
from accounts.agreements.models.conventions import Convention, ConventionState
from accounts.structures.models import StructureKind
from opus.lib.database.states import MoveRefused
from opus.lib.uploads.findings import Finding
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    AgreementDocumentFactory,
    AmendmentFactory,
    ConventionFactory,
    FtAdminFactory,
    LetterFactory,
    ModelTextFactory,
    NominationFactory,
    RgcFactory,
    SignedCopyFactory,
    amend,
    day_from_today,
)
from tests.admin.registers import action_url, record_url, text_of
from tests.cases import each_case
from tests.conftest import sign_in
from tests.files import make_file
from tests.lib.uploads.files import PDF
from tests.tables import database_refuses

pytestmark = pytest.mark.django_db

DAYS = {
    "signed_by_ft_on": dt.date(2024, 1, 10),
    "signed_by_structure_on": dt.date(2024, 1, 12),
}


def signed(**told):
    convention = ConventionFactory(draft=True, **told)
    actions.sign_convention(convention, by=FtAdminFactory(), **DAYS)
    return convention


# --- The text that France Travail loads ---------------------------------------------


def test_a_text_is_read_as_articles_sections_paragraphs_and_items():
    text = """Un préambule
    sur deux lignes.

    Article 1 : Objet
    Premier.

    Second.
    Article 2. Accès
    2.1 Qui
    - un
      et sa suite
    - deux
    """

    assert blocks_of(text) == [
        Block(Kind.PARAGRAPH, text="Un préambule sur deux lignes."),
        Block(Kind.ARTICLE, "1", "Objet"),
        Block(Kind.PARAGRAPH, text="Premier."),
        Block(Kind.PARAGRAPH, text="Second."),
        Block(Kind.ARTICLE, "2", "Accès"),
        Block(Kind.SECTION, "2.1", "Qui"),
        Block(Kind.ITEMS, items=["un et sa suite", "deux"]),
    ]


@each_case(
    ("text", "why"),
    [
        ("Un texte.", "n’a pas d’article"),
        ("Article 2 : Objet\nTexte.", "porte le numéro 1, et non 2"),
        ("Article 1 : A\nTexte.\nArticle 3 : B\nTexte.", "vient l’article 2"),
        ("Article 1 : A\nTexte.\nArticle 2 : B", "Le numéro 2 n’a pas de texte"),
        ("Article 1 : A\n1.2 B\nTexte.", "1.1 est attendu"),
        ("Article 1 : A\n1.1 B\n1.2 C\nTexte.", "Le numéro 1.1 n’a pas de texte"),
    ],
)
def test_a_text_that_is_not_whole_is_refused_with_the_reason(text, why):
    with pytest.raises(ValidationError, match=why):
        validate_articles(text)


def test_a_name_that_opus_does_not_know_is_refused_with_the_list():
    with pytest.raises(ValidationError, match=r"\[mairie\].*\[responsable du suivi\]"):
        validate_names("Article 1 : A\n[mairie] signe.")


def test_a_published_version_never_changes_whoever_writes():
    model_text = ModelTextFactory()
    actions.publish(model_text, by=FtAdminFactory())

    with pytest.raises(MoveRefused, match="déjà publiée"):
        actions.publish(model_text, by=FtAdminFactory())
    for write in (
        lambda rows: rows.update(text="Article 1 : A\nAutre."),
        lambda rows: rows.update(published_at=None, published_by=None),
        lambda rows: rows.delete(),
    ):
        with database_refuses("version publiée"):
            write(ModelText.objects.filter(pk=model_text.pk))


# --- What the signature needs -------------------------------------------------------


@each_case(
    ("lacks", "why"),
    [
        ({"signed_partner_contact": ""}, "le responsable du suivi"),
        ({"signed_partner_contact_email": ""}, "de courriel du responsable du suivi"),
        ({"partner_signatory": ""}, "le signataire de la structure"),
        ({"ft_signatory": ""}, "le signataire de France Travail"),
        ({"deliberation": ""}, "le numéro de la délibération"),
        ({"deliberated_on": None}, "la date de la délibération"),
    ],
)
def test_a_convention_is_signed_once_its_record_is_whole(lacks, why):
    """Annexe 2: who follows the agreement; a council's vote."""
    with pytest.raises(MoveRefused, match=why):
        signed(**lacks)


def test_an_association_needs_no_deliberation():
    told = {"deliberation": "", "deliberated_on": None}

    convention = signed(structure__kind=StructureKind.ASSOCIATION, **told)

    assert convention.state == ConventionState.SIGNED


@pytest.mark.parametrize(
    "lacks", [{"signed_partner_contact": ""}, {"signed_partner_contact_email": ""}]
)
def test_sql_signs_no_convention_that_nobody_follows(lacks):
    """Annexe 2."""
    draft = ConventionFactory(draft=True, **lacks)

    for write in (
        lambda: ConventionFactory(**lacks),
        lambda: Convention.objects.filter(pk=draft.pk).update(state="signee", **DAYS),
    ):
        with database_refuses("responsable du suivi"):
            write()


@pytest.mark.parametrize(
    "change",
    [{"deliberation": "autre"}, {"ft_signatory": "M. Autre"}, {"model_text": None}],
)
def test_sql_changes_no_signature_of_a_signed_convention(change):
    ModelTextFactory(published=True)
    convention = signed()

    with database_refuses("que par un avenant"):
        Convention.objects.filter(pk=convention.pk).update(**change)


# --- The document -------------------------------------------------------------------


def test_the_document_says_parties_law_deliberation_names_dates_and_annexes():
    ModelTextFactory(published=True)
    told = {
        "structure__name": "CCAS d’Essai",
        "signed_partner_contact": "Anne Suivi, directrice",
        "quota": 7,
    }

    html = signed(**told).document.html

    for words in (
        "CCAS d’Essai",
        "1 place de la Mairie, 38080 L’Isle-d’Abeau",
        "que représente Mme Essai, maire",
        "délibération n° 2023-12 du 30 novembre 2023",
        "que représente M. Essai, directeur régional",
        "le code du travail",
        "Article 2 : Suivi",
        "<p>Anne Suivi, directrice suit la convention.</p>",
        "jusqu’au 31 décembre 2099",
        "Signé le 10 janvier 2024",
        "Signé le 12 janvier 2024",
        "Annexe 1",
        "Anne Suivi, directrice, suivi@partenaire.example",
        "<td>7</td>",
    ):
        assert words in html.replace("\xa0", " "), words
    assert "[" not in html


def test_the_rgc_of_annexe_2_is_named_as_soon_as_proposed():
    nomination = NominationFactory(state="propose", without_account=True)

    annexes = annexes_on(nomination.convention, timezone.localdate())

    values = {row["label"]: row["value"] for row in annexes["correspondents"]}
    assert values["Responsable de gestion des comptes (RGC)"].startswith(
        "Nadia Ferrand, Responsable du service emploi"
    )


def test_a_draft_may_name_its_version_and_a_signed_convention_keeps_it():
    first = ModelTextFactory(published=True)
    ModelTextFactory(published=True)
    named, unnamed = ConventionFactory(draft=True, model_text=first), signed()
    actions.sign_convention(named, by=FtAdminFactory(), **DAYS)
    latest = ModelTextFactory(published=True)
    draft = ConventionFactory(draft=True)

    assert actions.prepare_document(draft, by=FtAdminFactory()).model_text == latest
    assert named.document.model_text == named.model_text == first
    assert unnamed.document.model_text not in (first, latest)


def test_a_convention_names_no_version_that_may_still_change(as_ft_admin: Client):
    text, draft = ModelTextFactory(), ConventionFactory(draft=True)

    page = as_ft_admin.get(record_url(draft)).content.decode()

    assert f">{text}</option>" not in page
    with database_refuses("pas publiée"):
        Convention.objects.filter(pk=draft.pk).update(model_text=text)


def test_the_document_of_a_signed_convention_never_changes_whoever_writes():
    ModelTextFactory(published=True)
    convention = signed()
    html = convention.document.html

    convention.structure.name = "Autre nom"
    convention.structure.save()
    amend(convention, partner_contact="Une Autre, adjointe")
    with pytest.raises(MoveRefused, match="ne change plus"):
        actions.prepare_document(convention, by=FtAdminFactory())

    rows = AgreementDocument.objects.filter(convention=convention)
    assert rows.get().html == html
    for write in (lambda: rows.update(html="autre"), rows.delete):
        with database_refuses("document d’une convention"):
            write()


def test_without_a_published_text_the_signed_copy_is_all():
    ModelTextFactory()
    draft = ConventionFactory(draft=True)

    with pytest.raises(MoveRefused, match="Aucun texte modèle"):
        actions.prepare_document(draft, by=FtAdminFactory())
    actions.sign_convention(draft, by=FtAdminFactory(), **DAYS)

    assert not AgreementDocument.objects.exists()


def test_the_worker_prints_it_tagged_with_its_title_and_headings():
    """A13: PDF/UA-1."""
    ModelTextFactory(published=True)
    document = signed().document

    make_file(document)

    document.refresh_from_db()
    with pikepdf.open(io.BytesIO(bytes(document.content))) as pdf:
        assert str(pdf.Root.Lang) == "fr"
        assert pdf.Root.MarkInfo.Marked
        title = f"Convention d’application n° {document.convention.number}"
        assert str(pdf.docinfo["/Title"]) == title
        with pdf.open_outline() as outline:
            [heading] = outline.root
            assert "Annexe 2" in heading.children[-1].title
        # The annexes begin on a page of their own.
        assert len(pdf.pages) >= 2


def test_what_a_structure_is_called_is_text_in_the_document():
    """S31."""
    ModelTextFactory(published=True)

    html = signed(structure__name="<img src=file:///etc/passwd>").document.html

    assert "&lt;img src=file:///etc/passwd&gt;" in html


# --- From the draft to the scan, in the admin ---------------------------------------


def test_staff_load_a_text_print_the_draft_sign_it_and_keep_the_scan(
    as_ft_admin: Client,
):
    typed = ModelTextFactory.build()
    as_ft_admin.post(
        reverse("admin:accounts_modeltext_add"),
        {name: getattr(typed, name) for name in ("name", "legal_basis", "text")},
    )
    model_text = ModelText.objects.get()
    read = reverse("admin:accounts_modeltext_read", args=[model_text.pk])
    assert "[responsable du suivi] suit" in text_of(as_ft_admin.get(read))
    as_ft_admin.post(action_url(model_text, "publier"))
    convention = ConventionFactory(draft=True)
    text = reverse("admin:accounts_convention_document", args=[convention.pk])
    assert "M. Essai, directeur suit la convention" in text_of(as_ft_admin.get(text))

    as_ft_admin.post(action_url(convention, "document"))
    make_file(AgreementDocument.objects.get())
    file = reverse("admin:accounts_convention_pdf", args=[convention.pk])
    assert as_ft_admin.get(file)["Content-Type"] == "application/pdf"
    Convention.objects.filter(pk=convention.pk).update(deliberation="2023-13")
    assert "La fiche a changé depuis" in text_of(
        as_ft_admin.get(record_url(convention))
    )
    as_ft_admin.post(action_url(convention, "signer"), DAYS)
    scan = SimpleUploadedFile("scan.pdf", PDF)
    as_ft_admin.post(action_url(convention, "exemplaire"), {"file": scan})

    page = text_of(as_ft_admin.get(record_url(convention)))
    assert f"Telle que signée, texte modèle {model_text.name}." in page
    assert digest_of(PDF) in page
    kept = reverse("admin:accounts_convention_signed_copy", args=[convention.pk])
    assert as_ft_admin.get(kept).content == PDF


def test_a_scan_that_is_no_readable_pdf_is_refused(as_ft_admin):
    scan = SimpleUploadedFile("scan.pdf", b"%PDF-1.7 cut")

    page = as_ft_admin.post(
        action_url(ConventionFactory(), "exemplaire"), {"file": scan}
    )

    assert Finding.BROKEN in text_of(page)
    assert not SignedCopy.objects.exists()


def test_sql_keeps_no_scan_under_another_fingerprint():
    with database_refuses("signed_copy_has_its_digest"):
        SignedCopyFactory(sha256="0" * 64)


@pytest.mark.parametrize("page", ["document", "pdf", "signed_copy"])
def test_the_files_do_not_exist_for_another_territory(client, page):
    convention = AgreementDocumentFactory().convention
    SignedCopyFactory(convention=convention)
    url = reverse(f"admin:accounts_convention_{page}", args=[convention.pk])

    stranger = sign_in(client, AgentFactory(agency=AgencyFactory())).get(url)
    own = sign_in(Client(), AgentFactory(agency=convention.agency)).get(url)

    assert (stranger.status_code, own.status_code) == (404, 200)


# --- The RGC's page -----------------------------------------------------------------


def test_the_rgc_reads_agreement_annexes_amendments_and_scan_on_one_page(client):
    """Art. 4.1, 5.2: the annexes as amended, with their day."""
    rgc = RgcFactory()
    convention = rgc.structure.conventions.get()
    AgreementDocumentFactory(convention=convention)
    scan = SignedCopyFactory(convention=convention)
    amendment = amend(convention, partner_contact="Anne Suivante, adjointe")
    LetterFactory(convention=convention, kind="avenant", amendment=amendment)
    AmendmentFactory(
        convention=convention,
        confirmed=True,
        consultation=False,
        effective_on=day_from_today(20),
    )

    sign_in(client, rgc)
    page = client.get(reverse("agreement"))

    text = text_of(page)
    assert "Anne Suivante, adjointe" in text
    assert "à venir" in text
    assert scan.sha256 in text
    links = {
        link
        for link in page.content.decode().split('"')
        if link.startswith(reverse("agreement")) and link.endswith(".pdf")
    }
    assert len(links) == 3
    for link in links:
        assert client.get(link)["Content-Type"] == "application/pdf"


def test_nothing_of_another_structures_agreement_exists_for_an_rgc(client):
    theirs = AgreementDocumentFactory().convention
    SignedCopyFactory(convention=theirs)
    amendment = AmendmentFactory(convention=theirs, confirmed=True, quota=21)
    letter = LetterFactory(convention=theirs, kind="avenant", amendment=amendment)
    sign_in(client, RgcFactory())

    for url in (
        reverse("agreement_document"),
        reverse("agreement_signed_copy"),
        reverse("amendment_letter", args=[letter.pk]),
    ):
        assert client.get(url).status_code == 404
    assert "hors d’Opus" in text_of(client.get(reverse("agreement")))


def test_other_letters_of_its_convention_are_not_for_the_rgc(client):
    rgc = RgcFactory()
    convention = rgc.structure.conventions.get()
    letter = LetterFactory(convention=convention, kind="rgc_retrait")
    sign_in(client, rgc)

    url = reverse("amendment_letter", args=[letter.pk])

    assert client.get(url).status_code == 404
    adviser = AdviserFactory(structure=rgc.structure)
    assert sign_in(client, adviser).get(reverse("agreement")).status_code == 403
