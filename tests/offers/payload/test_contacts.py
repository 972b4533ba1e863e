"""How to reach the employer of a preselected offer, masked in its texts: S22, 2.7."""

import html
import io
import re
import subprocess
import time
import zipfile
from collections.abc import Iterable
from shutil import which
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.exports.models import Export
from demo.synthetic import make_offers
from offers.catalogue.models import Offer, OfferSearch
from offers.catalogue.writes import upsert_offers
from offers.page.models import OfferDocument
from offers.payload.contacts import MASK, find_contacts, texts_of, without_contacts
from offers.payload.offer import read_offer
from offers.reference.models import Appellation, Skill
from offers.search.criteria import Criteria
from offers.search.results import Search
from offers.search.words import refresh_words
from opus.lib.outbound import outbox
from referrals.documents.actions import easy_document_of, make_document
from referrals.documents.models import EasyForm
from referrals.saved_searches.jobs import send_alerts
from referrals.saved_searches.models import AlertPace
from tests.admin.registers import record_url
from tests.cases import each_case
from tests.files import make_file
from tests.offers.helpers.factories import arrive
from tests.offers.helpers.feed import browser, content, event, post
from tests.offers.helpers.files import REAL_FILES, real_offers
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    ReferralFactory,
    SavedSearchFactory,
)
from tests.referrals.screened import ScreenedReferralFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("open_feed")]

ACTS = [ReferralFactory, ScreenedReferralFactory, CvRequestFactory, AppointmentFactory]
DIRECT = {"publiee": True, "preselection": False}
PRESELECTED = {"publiee": True, "preselection": True}
DELEGATED = PRESELECTED | {"delegationMiseEnRelation": True}

PHONE, EMAIL, LINK = "06 39 98 12 34", "zzcanari@zzposte.fr", "zzembauche.zzsite.fr"
# Each leads to the employer; so does any part of it.
CANARIES = ("39 98 12 34", "zzcanari", "zzposte", "zzembauche", "zzsite")
REACH = f"appelez le {PHONE}, écrivez à {EMAIL} ou postulez sur {LINK}."
TELLING = {
    "intitule": f"Maçon {PHONE} {LINK} (H/F)",
    "description": f"Vous montez des murs : {REACH}",
    "appellationlibelle": f"Maçon {LINK}",
    "romeLibelle": f"Maçon {LINK}",
    "experienceExige": "E",
    "experienceLibelle": f"2 ans, {PHONE}",
    "experienceCommentaire": REACH,
    "typeContrat": "CDI",
    "dureeTravailLibelle": f"35H {PHONE}",
    "entreprise": {"nom": f"Bâti {LINK}", "description": REACH},
    "competences": [{"code": "103", "libelle": f"Maçonner : {REACH}"}],
    "qualitesProfessionnelles": [{"libelle": "Soin", "description": REACH}],
    "formations": [{"niveauLibelle": "CAP", "commentaire": REACH}],
    "salaire": {"libelle": f"Selon profil, {PHONE}", "commentaire": REACH},
    "contexteTravail": {"horaires": [REACH], "conditionsExercice": [REACH]},
    "contact": {
        "nom": "Mme Essai",
        "telephone": PHONE,
        "courriel": EMAIL,
        "coordonnees1": REACH,
        "urlPostulation": f"https://{LINK}/postuler",
    },
}


@pytest.fixture
def offer(client: Client) -> Offer:
    """An offer whose every text tells how to reach the employer; no mode declared."""
    post(client, [event("creee", sequence=10, data=content(**TELLING))])
    return Offer.objects.get()


def declare(mode: dict[str, Any], sequence: int) -> Offer:
    """Have the mode change alone: the content of this event is outdated."""
    told = event("modifiee", sequence=sequence, data=content(opus=mode))
    post(browser(), [told])
    return Offer.objects.get()


def canaries_in(text: str) -> set[str]:
    text = " ".join(html.unescape(text).split())
    return {canary for canary in CANARIES if canary in text}


def found(words: str) -> int:
    return Search(Criteria.from_text(f"q={words}")).count


def text_of(pdf: bytes) -> str:
    return subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


def shown(client: Client, offer: Offer, *formats: str, pdf: bool) -> dict[str, str]:
    """All that a partner may read of an offer, by its name; PDF only where asked."""
    adviser = client.get("/").context["user"]
    page = offer.get_absolute_url()
    paths = [page, f"{page}fiche/", "/offres/?lieu=", "/offres/recentes/"]
    texts = {path: client.get(path).content.decode() for path in paths}
    if pdf:
        make_file(OfferDocument.objects.latest("created_at"))
        texts["sheet, PDF"] = text_of(client.get(f"{page}fiche.pdf").content)
    for file_format in formats:
        client.post("/offres/exporter/", {"file_format": file_format})
        export = Export.objects.latest("created_at")
        make_file(export)
        file = client.get(f"/exports/{export.pk}/fichier/").content
        texts[file_format] = cells_of(file, file_format)
    for factory in ACTS:
        candidate = CandidateFactory(adviser=adviser)
        act = factory(candidate=candidate, offer=Offer.objects.get(pk=offer.pk))
        document = make_document(act)
        make_file(document)
        name = type(act).__name__
        texts[f"{name}, page"] = client.get(act.get_absolute_url()).content.decode()
        texts[name] = client.get(document.get_absolute_url()).content.decode()
        for form in EasyForm:
            texts[f"{name}, {form}"] = easy_document_of(document, form).html
        if pdf:
            printed = client.get(reverse("document_pdf", args=[document.pk]))
            texts[f"{name}, PDF"] = text_of(printed.content)
    texts["home"] = client.get("/").content.decode()
    texts["letter"] = letter_about(offer, adviser)
    return texts


def cells_of(file: bytes, file_format: str) -> str:
    if file_format == "csv":
        return file.decode("utf-8-sig")
    name = "xl/sharedStrings.xml" if file_format == "xlsx" else "content.xml"
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        parts = [archive.read(one) for one in archive.namelist() if one.endswith("xml")]
        assert name in archive.namelist()
    return b"".join(parts).decode()


def letter_about(offer: Offer, adviser: Any) -> str:
    search = SavedSearchFactory(
        account=adviser, alert=AlertPace.AT_ONCE, query="q=macon"
    )
    arrive(offer, minutes=1)
    before = len(mail.outbox)
    send_alerts()
    outbox.relay()
    [letter] = mail.outbox[before:]
    search.delete()
    return letter.body + letter.alternatives[0].content


@pytest.mark.parametrize(
    "mode",
    [
        pytest.param(PRESELECTED, id="kept"),
        pytest.param(DELEGATED, id="delegated", marks=pytest.mark.thorough),
    ],
)
def test_a_preselected_offer_leads_to_its_employer_nowhere(
    as_adviser: Client, offer: Offer, mode: dict[str, Any]
) -> None:
    """S22: wherever a partner reads it, and at once as its mode changes."""
    offer = declare(mode, 1)
    masked = shown(
        as_adviser, offer, "csv", "xlsx", "ods", pdf=bool(which("pdftotext"))
    )
    finds = {words: found(words) for words in (PHONE, EMAIL, LINK, "zzsite", "zzposte")}

    offer = declare(DIRECT, 2)
    open_texts = shown(as_adviser, offer, "csv", pdf=False)
    finds_open = {words: found(words) for words in finds}

    offer = declare(mode, 3)
    masked_again = shown(as_adviser, offer, "csv", pdf=False)

    for texts in (masked, masked_again):
        leaks = {name: canaries_in(text) for name, text in texts.items()}
        assert {name: leak for name, leak in leaks.items() if leak} == {}
    # Each of these texts had something to hide.
    assert [name for name, text in open_texts.items() if not canaries_in(text)] == []
    assert set(finds.values()) == {0}
    assert set(finds_open.values()) == {1}
    assert {words: found(words) for words in finds} == finds
    assert found("maçon murs") == 1


def test_the_page_says_where_something_was_masked(
    as_adviser: Client, offer: Offer
) -> None:
    offer = declare(PRESELECTED, 1)

    page = html.unescape(as_adviser.get(offer.get_absolute_url()).content.decode())

    told = f"appelez le {MASK}, écrivez à {MASK} ou postulez sur {MASK}."
    assert f"Vous montez des murs : {told}" in page.replace("\xa0", " ")


def test_france_travail_reads_the_whole_text(as_ft_admin: Client, offer: Offer) -> None:
    """S22: and the rows hold it as it came."""
    told = read_offer(content(**TELLING))

    offer = declare(PRESELECTED, 1)

    page = as_ft_admin.get(record_url(offer)).content.decode()
    assert canaries_in(page) == set(CANARIES)
    rows = Offer.objects.values_list("title", "description", "details", "content_hash")
    title, description, details, stored_hash = rows.get()
    assert (title, description, details) == (told.title, told.description, told.details)
    assert bytes(stored_hash[:16]) == told.content_hash


def test_what_the_boxes_propose_tells_nothing_either(
    as_adviser: Client, offer: Offer
) -> None:
    """Names of trades and skills come from offers; misspelt words are put right by
    their titles.
    """
    declare(PRESELECTED, 1)
    refresh_words()

    labels = [
        *Skill.objects.values_list("label"),
        *Appellation.objects.values_list("label"),
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT label FROM offers_word UNION SELECT label FROM offers_rome"
        )
        labels += cursor.fetchall()

    assert canaries_in(" ".join(label for (label,) in labels)) == set()
    assert any("Maçonner" in label for (label,) in labels)


def test_a_file_that_brings_the_mode_alone_masks_as_well(offer: Offer) -> None:
    told = read_offer(content(**TELLING, opus=PRESELECTED))

    upsert_offers([(told, b"")])

    assert canaries_in(Offer.objects.get().description) == set()
    assert found(EMAIL) == 0


def test_a_newer_text_takes_the_place_of_what_was_masked(offer: Offer) -> None:
    declare(PRESELECTED, 1)
    other = content(day=9, description="Postulez sur zzautre.zzlieu.fr.")

    post(browser(), [event("modifiee", sequence=11, data=other)])

    offer = Offer.objects.get()
    assert offer.description == f"Postulez sur {MASK}."
    assert offer.contacts == ["zzautre.zzlieu.fr"]
    assert (found("zzlieu"), found(EMAIL)) == (0, 0)


def test_a_list_masks_its_offers_without_a_question_for_each(
    as_adviser: Client, offer: Offer
) -> None:
    """P8."""
    declare(PRESELECTED, 1)
    numbers = OfferSearch.objects.values("pk")

    with CaptureQueriesContext(connection) as queries:
        [offer] = [
            hit.offer for hit in Search(Criteria.from_text("")).page().object_list
        ]

    assert canaries_in(f"{offer.title} {offer.company}") == set()
    assert sum('offers_offer"' in query["sql"] for query in queries) == 1
    # A column fetched alone, later, is masked as well.
    late = Offer.objects.only("pk").get(pk__in=numbers)
    assert canaries_in(late.description) == set()


@each_case(
    ("text", "contact"),
    [
        *[
            (f"Appelez {phone}, merci", phone)
            for phone in (
                *("0612345678", "06 12 34 56 78", "06.12.34.56.78", "06-12-34-56-78"),
                *("06/12/34/56/78", "06 - 12 - 34 - 56 - 78", "06. 12. 34 56 78"),
                *("04 6571 2785", "O6 12 34 56 78", "0 800 123 456", "0692 12 34 56"),
                *("+33612345678", "+33 (0)6 12 34 56 78", "0033 6 12 34 56 78"),
                *("+41 22 345 67 89", "0041 22 345 67 89", "+352 26 12 34 56"),
            )
        ],
        *[
            (f"Écrivez à {address}.", address)
            for address in (
                *("rh@exemple.fr", "Jean.D’Arc+cv@mail.exemple.com", "RH@EXEMPLE.FR"),
                *("rh @ exemple.fr", "rh(at)exemple.fr", "rh [at] exemple [point] fr"),
                *("rh arobase exemple point fr", "rh@groupe- exemple.com"),
            )
        ],
        *[
            (f"Postulez sur {address} (H/F)", address)
            for address in (
                *("https://exemple.fr/cv?id=1#a", "HTTP://WWW.EXEMPLE.FR", "www.a.se"),
                *("recrutement.exemple.fr", "exemple-interim.com/jobs/12", "GARAGE.FR"),
                *("bit.ly/2IcqLPs", "https://francetravail.fr.exemple.com"),
            )
        ],
    ],
)
def test_what_leads_to_an_employer_is_found(text: str, contact: str) -> None:
    assert contact in find_contacts([text])
    assert without_contacts(text, find_contacts([text])) == text.replace(contact, MASK)


@each_case(
    "text",
    [
        "De 2100 à 2 400 euros, 40/50/60 000 € possible la première année",
        "Du 01/09/2025 au 31/08/2026, le 07/10/2025 17h30, au 01/09/25",
        "01/09/25 2018 euros brut ; 05 12 2025 08 30",
        "08h30-12h00 / 13h30-17h00, 07-15 / 15-23 / 23-07 00",
        "SIRET 012 345 678 00012, 01234567800012, IBAN FR76 3000 4000 0312 3456 7890",
        "ROME F1703, 38080 L’Isle-d’Abeau, réf. 2025-14651, GD061124-148, 193FKBM",
        "CACES 1-3-5, R482 (1-2-3-4-5-6-7-8-9), ISO 9001 / 14001",
        "Départements 01 - 69 - 71 - 73 - 74",
        "Node.js, ASP.NET, VB.net, C#/.NET, Next.js, Golem.AI, bac.pro",
        "Rejoignez l’offre.Vous serez heureux.De plus, 2000 euros.Net mensuel",
        "Un.e agent.es, conducteur.rice, chauffeur.se, le.la technicien.ne, H.F.",
        "Sur Twitter @exemple, salarié@s",
        "https://candidat.francetravail.fr/offres, ape.38086@francetravail.fr, 3949",
    ],
)
def test_what_leads_to_no_employer_stays(text: str) -> None:
    assert find_contacts([text]) == []


def test_a_hostile_text_takes_no_time() -> None:
    """S31: twenty thousand characters that nearly are a number or an address."""
    parts = "a.|a-|0 |06 |a@|@a.|www.|//|+33 |a.fr/|- "
    for part in parts.split("|"):
        begun = time.process_time()
        find_contacts([part * (20_000 // len(part))])
        assert time.process_time() - begun < 2, part


def left_in(payloads: Iterable[dict[str, Any]]) -> tuple[int, dict[str, list[str]]]:
    """(how many preselected offers have contacts, what is left of them), as told by
    plain patterns: ten figures, an at sign, a slash of links.
    """
    masked, left = 0, {}
    for payload in payloads:
        told = read_offer(payload)
        if not told.mode.preselection:
            continue
        masked += bool(told.contacts)
        texts = [told.title, told.company, told.description, told.salary_label]
        for text in without_contacts(
            [*texts, *texts_of(told.details)], told.contacts or []
        ):
            if rest := LEFT.findall(text):
                left[told.reference] = rest
    return masked, left


LEFT = re.compile(
    r"[\w.]+@\w+|(?:https?://|www\.)(?!\S*(?:francetravail|pole-emploi)\.)\S+"
    r"|\b0[1-9](?:[ .]?\d\d){4}\b"
    r"|\b(?!francetravail|pole-emploi)[\w-]+\.(?:fr|com|org|net)\b"
)


@pytest.mark.thorough
@pytest.mark.parametrize("path", REAL_FILES, ids=lambda path: path.name)
def test_no_real_preselected_offer_shows_a_contact(path: Any) -> None:
    if not path.exists():
        pytest.skip("no real offers here")
    masked, left = left_in(real_offers(path))

    assert left == {}
    assert masked == {"offers-full.jsonl.gz": 22}.get(path.name, masked)


def test_no_made_preselected_offer_shows_a_contact() -> None:
    made = list(make_offers(2_000))
    for payload in made:
        payload["description"] += f" Pour en parler, {REACH}"

    masked, left = left_in(made)

    assert left == {}
    assert masked > 100
