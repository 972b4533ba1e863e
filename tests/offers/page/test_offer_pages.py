"""The page of an offer: all that it says, and nothing that must stay hidden."""

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.agreements.models.conventions import Convention
from demo.synthetic import make_offers
from offers.catalogue import formatting
from offers.catalogue.models import Offer
from offers.catalogue.presenter import UNKNOWN
from offers.catalogue.writes import upsert_offers
from offers.enums import OfferState
from offers.payload.contract import read_pay
from offers.payload.offer import read_offer
from offers.payload.text import clean_text
from offers.search.results import similar_offers
from opus.lib.french import plain
from tests.accounts.factories import amend
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.offers.helpers.files import REAL_FILES, real_offers

pytestmark = pytest.mark.django_db

RICH = {
    "competences": [
        {"libelle": "Couler une dalle", "exigence": "E"},
        {"libelle": "Lire un plan", "exigence": "S"},
    ],
    "permis": [{"libelle": "B - Véhicule léger", "exigence": "E"}],
    "langues": [{"libelle": "Portugais", "exigence": "S"}],
    "formations": [
        {
            "niveauLibelle": "CAP, BEP et équivalents",
            "domaineLibelle": "maçonnerie",
            "exigence": "S",
        }
    ],
    "qualitesProfessionnelles": [
        {"libelle": "Travailler en équipe", "description": "Capacité à s’entraider."}
    ],
    "outilsBureautiques": ["Tableur"],
    "salaire": {
        "commentaire": "selon expérience",
        "complement1": "Mutuelle",
        "listeComplements": [{"libelle": "Prime de panier"}],
    },
    "contexteTravail": {
        "horaires": ["35H Travail en journée"],
        "conditionsExercice": ["Travail en extérieur"],
    },
    "entreprise": {
        "description": "Une maison fondée en 1950.",
        "url": "https://bati-essai.example/",
    },
    "secteurActiviteLibelle": "Construction",
    "trancheEffectifEtab": "10 à 19 salariés",
    "qualificationLibelle": "Ouvrier qualifié",
    "deplacementLibelle": "Quotidiens Régionaux",
    "experienceCommentaire": "en gros œuvre",
    "origineOffre": {
        "origine": "2",
        "urlOrigine": "https://partenaire.example/offre/1",
        "partenaires": [{"nom": "PARTENAIRE1"}],
    },
    "contact": {
        "nom": "Mme Contact",
        "coordonnees1": "12 rue de l’Essai",
        "telephone": "04 65 71 12 34",
        "courriel": "recrutement@employeur.example",
        "urlPostulation": "https://employeur.example/postuler?a=1&b=2",
    },
    "agence": {"courriel": "agence@francetravail.example"},
}
EMPLOYER_ONLY = [
    "Mme Contact",
    "12 rue de l’Essai",
    "04 65 71 12 34",
    "recrutement@employeur.example",
    "employeur.example/postuler",
    "bati-essai.example",
    "partenaire.example",
]


def read(client: Client, offer: Offer, query: str = "") -> str:
    response = client.get(f"{offer.get_absolute_url()}{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_says_all_that_the_offer_says(as_adviser):
    offer = OfferFactory(
        reference="188VMCV",
        details=RICH,
        description="Première ligne.\nSeconde ligne.",
        few_candidates=True,
        accessible_th=True,
        unpublished=True,
    )

    page = read(as_adviser, offer)

    for text in (
        "<h1>Maçon / Maçonne (H/F)</h1>",
        "188VMCV",
        "L’Isle-d’Abeau\xa0(38080)</strong><br>à moins de 1\xa0km de votre structure",
        "<strong>CDI</strong>",
        "Contrat travail",
        "Temps plein<br>35\xa0h par\xa0semaine, en\xa0journée",
        "2\u202f050 à 2\u202f300\xa0€</strong>/mois",
        "selon expérience<br>Mutuelle<br>Prime de panier",
        "2 postes à pourvoir",
        "Travail en extérieur<br>Déplacements\xa0: Quotidiens Régionaux",
        "<p>Première ligne.</p>\n<p>Seconde ligne.</p>",
        "Débutant accepté – en gros œuvre",
        "<h3>Compétences exigées</h3><ul><li>Couler une dalle</li></ul>",
        "<h3>Compétences souhaitées</h3><ul><li>Lire un plan</li></ul>",
        "B - Véhicule léger <strong>(exigé)</strong>",
        "Portugais (souhaité)",
        "CAP, BEP et équivalents – maçonnerie (souhaité)",
        "Travailler en équipe",
        "Capacité à s’entraider.",
        "Tableur",
        "Bâti d’essai",
        "Une maison fondée en 1950.",
        "Construction",
        "10 à 19 salariés",
        "Ouvrier qualifié",
        "Mme Contact",
        "04 65 71 12 34",
        "PARTENAIRE1, par France Travail",
        "38086",
        "Peu de candidats",
        "Accessible aux travailleurs handicapés",
        "Non publiée ailleurs",
    ):
        assert text in page


# What a page leaves out on purpose: codes, pictures and sites that are not France
# Travail's (art. 9, S33); places and dates are written another way.
NOT_SHOWN = re.compile(
    r".*\.(code|codeFormation|logo)|origineOffre\.(origine|partenaires\[\]\.url)"
    r"|deplacementCode|qualificationCode|secteurActivite|typeContrat|typeContratLibelle"
    r"|lieuTravail\.commune|dateCreation|dateActualisation|experienceExige|.*exigence"
    r"|salaire\.libelle|opus\..*"
)
HIDDEN_WHEN_PRESELECTED = re.compile(r"contact\..*|origineOffre\..*|entreprise\.url")


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a payload, with where it stands."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part, f"{path}[]")
    elif isinstance(value, str):
        yield path, value


def letters(text: str) -> str:
    """What two ways of writing one text have in common."""
    text = html.unescape(html.unescape(re.sub(r"<[^>]+>", " ", text)))
    return re.sub(r"[\W_]+", "", text).lower()


# Labels read for who does not know the codes: tests/offers/catalogue/test_formatting.py
# holds that no word of theirs is lost.
READ = {
    "typeContratLibelle": lambda text: [formatting.contract(text)],
    "dureeTravailLibelle": lambda text: [formatting.schedule(text)],
    "dureeTravailLibelleConverti": lambda text: [formatting.schedule(text)],
    "contexteTravail.horaires": lambda text: [formatting.schedule(text)],
    "experienceLibelle": lambda text: [formatting.experience(text)],
    "description": lambda text: [
        line
        for block in formatting.blocks_of(clean_text(text, 20_000))
        for line in block.lines
    ],
}


def test_nothing_that_an_offer_says_is_lost_on_its_page(as_adviser):
    """Field by field, but for what is left out on purpose."""
    offers = [*make_offers(60), *real_offers(REAL_FILES[0], step=97)]
    upsert_offers([(read_offer(payload), bytes(16)) for payload in offers])
    lost = set()
    for payload in offers:
        offer = Offer.objects.get(pk=payload["id"])
        page = letters(read(as_adviser, offer))
        for path, text in leaves(payload):
            if NOT_SHOWN.fullmatch(path) or letters(text) in page:
                continue
            if offer.preselection and HIDDEN_WHEN_PRESELECTED.fullmatch(path):
                continue
            if path == "origineOffre.urlOrigine" and not offer.published:
                continue
            if path == "lieuTravail.libelle":
                name = plain(text.partition(" - ")[2].removesuffix("(Dept.)"))
                is_shown = name.replace(" ", "") in plain(page).replace(" ", "")
                lost |= set() if is_shown else {(path, text)}
                continue
            if text == UNKNOWN:
                continue
            shown = READ.get(path.replace("[]", ""))
            if shown and all(letters(one) in page for one in shown(text)):
                continue
            # Pay that was read is shown in figures alone: nothing twice.
            if path == "salaire.libelle" and read_pay(text):
                continue
            lost.add((path, offer.pk, text[:60]))
    assert lost == set()


def test_an_offer_that_says_little_has_a_page(as_adviser):
    offer = OfferFactory(
        details={}, description="", company="", contract_label="", place_label="",
        salary_label="", hours_label="", full_time=None, posts=None, rome_code="",
        rome_label="", appellation="", experience_label="", nature_label="",
        latitude=None, longitude=None, place_source="aucun", agency_safir="",
    )  # fmt: skip

    page = read(as_adviser, offer)

    assert "l’offre ne dit pas de lieu précis".capitalize() in page
    assert "L’offre ne donne pas de coordonnées" in page
    assert "Profil recherché" not in page
    assert "None" not in page


# --- What stays hidden ----------------------------------------------------------------


@pytest.mark.parametrize("trait", ["preselected", "delegated_preselection"])
def test_the_employers_contact_of_a_preselected_offer_is_nowhere(as_adviser, trait):
    """Nobody but France Travail sees it."""
    offer = OfferFactory(details=RICH, **{trait: True})

    pages = [read(as_adviser, offer), as_adviser.get("/offres/?lieu=").content.decode()]

    for text in EMPLOYER_ONLY:
        assert not any(text in page for page in pages)
    assert "Passez par France Travail" in pages[0]
    assert "agence@francetravail.example" in pages[0]


def test_the_employers_contact_of_a_direct_offer_is_shown(as_adviser):
    page = read(as_adviser, OfferFactory(details=RICH))

    for text in EMPLOYER_ONLY[:4]:
        assert text in page
    assert "Passez par France Travail" not in page


def test_web_addresses_are_links_that_tell_nothing_of_us(as_adviser):
    """S33: shown as text, http(s) only, no referrer; to apply, and for nothing else."""
    page = read(as_adviser, OfferFactory(details=RICH))

    outside = re.findall(r'<a href="(https?:[^"]*)"([^>]*)>([^<]*)</a>', page)
    assert [(url, text) for url, _, text in outside] == [
        ("https://employeur.example/postuler?a=1&amp;b=2",) * 2
    ]
    assert all('rel="noreferrer noopener external"' in rest for _, rest, _ in outside)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)//https://x.example",
        "data:text/html,<script>alert(1)</script>",
        'https://x.example/"onmouseover="alert(1)',
        "https://x.example/<script>alert(1)</script>",
    ],
)
def test_a_hostile_address_is_inert(as_adviser, address):
    """S33."""
    contact = {"urlPostulation": address, "coordonnees1": address}
    offer = OfferFactory(
        details={"contact": contact, "entreprise": {"url": address}},
        title=f"Maçon {address}",
        description=address,
    )

    page = read(as_adviser, offer)

    assert "<script>alert" not in page
    assert not re.search(r"""<[^>]*\son\w+=["']?alert""", page)
    assert not re.search(r"""href=["']?\s*(javascript|data):""", page, re.IGNORECASE)


@pytest.mark.parametrize(
    ("trait", "mode"),
    [
        ({}, "Sans présélection"),
        ({"preselected": True}, "Présélection France Travail"),
        ({"delegated_preselection": True}, "Présélection déléguée"),
    ],
)
def test_the_mode_is_told_and_where_it_comes_from(as_adviser, trait, mode):
    offer = OfferFactory(**trait)

    page = read(as_adviser, offer)

    assert f">{mode}</span>" in page
    assert ("mode déclaré par France Travail" in page) == offer.mode_declared
    assert ("mode déduit du contenu" in page) != offer.mode_declared


def test_a_place_put_right_by_opus_is_told(as_adviser):
    assert "remises en ordre" in read(as_adviser, OfferFactory(place_source="inverse"))


# --- Back to the results --------------------------------------------------------------


def test_the_way_back_is_the_same_search_at_the_same_row(as_adviser):
    OfferFactory.create_batch(21)
    page = as_adviser.get("/offres/?q=macon&lieu=38193&page=2").content.decode()
    (link,) = re.findall(r'opus-list__title"><a href="([^"]*)"', page)

    page = as_adviser.get(link.replace("&amp;", "&")).content.decode()

    reference = link.split("/")[2]
    back = f"/offres/?q=macon&amp;lieu=38193&amp;page=2#offre-{reference}"
    assert f'href="{back}"' in page


@pytest.mark.parametrize("back", ["https://x.example/", "//x.example", "javascript:x"])
def test_the_way_back_leads_to_our_own_search_only(as_adviser, back):
    page = read(as_adviser, OfferFactory(), f"?retour={back}")

    assert "x.example" not in page
    assert "Toutes les offres" in page


# --- Withdrawn, unknown ---------------------------------------------------------------


@pytest.mark.parametrize(
    "state", [state for state in OfferState if state != OfferState.ACTIVE]
)
def test_a_withdrawn_offer_says_so_and_shows_three_live_ones(as_adviser, state):
    """R1, R2: none of its content is left."""
    offer = OfferFactory(
        title="Zingueur de canari", description="Canari", company="CANARI", details=RICH
    )
    alike = [OfferFactory(title="Chef maçon", company="Autre") for _ in range(4)]
    withdraw(offer, state)

    response = as_adviser.get(offer.get_absolute_url())

    page = response.content.decode()
    assert response.status_code == 410
    assert "Cette offre a été retirée" in page
    assert "canari" not in page.lower()
    assert not any(text in page for text in EMPLOYER_ONLY)
    assert len([other for other in alike if other.pk in page]) == 3


@pytest.mark.parametrize("reference", ["000XXXX", "x" * 21, "é", "-1", "%2e%2e"])
def test_a_number_unknown_or_none_is_a_page_that_does_not_exist(as_adviser, reference):
    """S35."""
    assert as_adviser.get(f"/offres/{reference}/").status_code == 404


@pytest.mark.parametrize("typed", ["000XXXX", "", "<b>"])
def test_a_number_that_no_offer_has_says_what_to_check(as_adviser, typed):
    response = as_adviser.get("/offres/numero/", {"numero": typed})

    assert response.status_code == 404
    assert "vérifiez-le" in response.content.decode()


# --- Offers alike ---------------------------------------------------------------------


def test_alike_is_the_same_trade_nearest_first():
    offer = OfferFactory(suspended=True)
    near = OfferFactory(latitude=45.7, longitude=5.2274)
    here = OfferFactory()
    far = OfferFactory(latitude=46.5, longitude=5.2274)
    OfferFactory(rome_code="J1501", title="Infirmier", appellation="", rome_label="")
    OfferFactory(latitude=48.8, longitude=2.3, region="11", department="75")

    assert similar_offers(offer) == [here, near, far]
    assert similar_offers(offer, limit=1) == [here]


def test_alike_without_a_trade_is_the_same_words():
    offer = OfferFactory(
        suspended=True, rome_code="", latitude=None, longitude=None, title="Maçons"
    )
    same = OfferFactory(rome_code="F1611")
    OfferFactory(title="Infirmier", appellation="", rome_label="", description="")

    assert similar_offers(offer) == [same]


def test_alike_is_never_withdrawn_nor_the_offer_itself():
    offer = OfferFactory()
    OfferFactory(suspended=True)

    assert similar_offers(offer) == []


# --- Doors ----------------------------------------------------------------------------


def test_without_the_service_an_offer_is_refused_with_its_reason(as_adviser):
    """S21, annexe 1."""
    offer = OfferFactory()
    amend(Convention.objects.get(), consultation=False, referrals=False)

    for path in (offer.get_absolute_url(), "/offres/numero/?numero=188VMCV"):
        response = as_adviser.get(path)
        assert response.status_code == 403
        assert "annexe 1" in response.content.decode()
        assert offer.company not in response.content.decode()


@pytest.mark.parametrize("path", ["/offres/", "/offres/188VMCV/", "/offres/numero/"])
def test_the_pages_of_offers_only_read(as_adviser, path):
    """Art. 7, S22."""
    OfferFactory(reference="188VMCV")

    assert as_adviser.post(path).status_code == 405


def test_the_page_of_an_offer_asks_few_questions(as_adviser):
    """P8."""
    offer = OfferFactory(details=RICH)
    read(as_adviser, offer)

    with CaptureQueriesContext(connection) as queries:
        read(as_adviser, offer)

    assert len(queries) <= 16


def test_the_preview_says_what_decides_and_leads_to_the_page(as_adviser):
    """U1, U2, U6: beside the list; it counts as seen, and hides what the page hides."""
    offer, preselected = OfferFactory(), OfferFactory(preselected=True)
    address = f"{offer.get_absolute_url()}apercu/?retour=q%3Dmacon"

    preview = as_adviser.get(address).text
    other = as_adviser.get(f"{preselected.get_absolute_url()}apercu/").text
    seen = as_adviser.get("/offres/recentes/").text
    withdraw(offer)
    gone = as_adviser.get(address)

    assert "<html" not in preview
    assert "Vous montez des murs" in preview
    assert "recrutement@employeur.example" in preview
    assert f'href="{offer.get_absolute_url()}?retour=q%3Dmacon"' in preview
    assert "recrutement@employeur.example" not in other
    assert offer.pk in seen
    assert gone["Location"] == f"{offer.get_absolute_url()}?retour=q%3Dmacon"
