"""Places and trades from what people type, with and without JavaScript (U11)."""

import pytest
from django.test import Client

from offers.reference.models import Commune
from offers.reference.places import (
    Kind,
    commune_area,
    find_areas,
    resolve,
    suggest,
    wide_areas,
)
from offers.reference.trades import suggest_trades
from tests.accounts.factories import amend
from tests.cases import each_case

pytestmark = pytest.mark.django_db


def labels(areas) -> list[str]:
    return [area.label for area in areas]


@each_case(
    ("typed", "meant"),
    [
        ("Villefontaine", ["Villefontaine (38)"]),
        ("villefontaine (38)", ["Villefontaine (38)"]),
        ("L'Isle d'Abeau", ["L’Isle-d’Abeau (38)"]),
        ("isle-d’abeau", ["L’Isle-d’Abeau (38)"]),
        ("38080 l isle d abeau", ["L’Isle-d’Abeau (38)"]),
        ("st martin d heres", ["Saint-Martin-d’Hères (38)"]),
        ("Ste Marie (974)", ["Sainte-Marie (974)"]),
        ("38", ["Isère (département 38)"]),
        ("2a", ["Corse-du-Sud (département 2A)"]),
        ("isere", ["Isère (département 38)"]),
        ("Isère (38)", ["Isère (département 38)"]),
        ("auvergne", ["Auvergne-Rhône-Alpes (région)"]),
        ("Paris", ["Paris (75)"]),
        ("Paris 13ème", ["Paris 13e Arrondissement (75)"]),
        ("Lyon 03", ["Lyon 3e Arrondissement (69)"]),
        ("Mayenne", ["Mayenne (département 53)", "Mayenne (53)"]),
        ("Corrèze (19)", ["Corrèze (19)"]),
        ("Saint-Denis", [f"Saint-Denis ({code})" for code in (974, 93, 11, 30)]),
        ("nulle part ailleurs", []),
        ("", []),
        ("%", []),
    ],
)
def test_a_text_names_the_places_that_people_mean(typed, meant):
    assert labels(resolve(typed)) == meant


def test_a_postcode_names_all_its_communes():
    communes = Commune.objects.filter(postcodes__contains=["38090"])

    assert {area.code for area in resolve("38090")} == {one.pk for one in communes}


def test_what_we_write_in_the_box_is_understood_when_it_comes_back():
    """Every department and region, and communes of all sizes and odd names."""
    communes = Commune.objects.order_by("code")[::200]
    areas = [*map(commune_area, communes), *wide_areas().values()]

    lost = [area for area in areas if labels(resolve(area.label)) != [area.label]]

    assert lost == []


def test_suggestions_begin_with_the_exact_then_with_the_largest():
    communes = [area for area in suggest("ham") if area.kind == Kind.COMMUNE]

    assert labels(communes)[0] == "Ham (80)"
    sizes = Commune.objects.in_bulk([area.code for area in communes[3:]])
    populations = [sizes[area.code].population for area in communes[3:]]
    assert populations == sorted(populations, reverse=True)


def test_codes_give_their_places_in_order_and_once():
    areas = find_areas(["r84", "38193", "99999", "38", "38193"])

    assert labels(areas) == [
        "Auvergne-Rhône-Alpes (région)",
        "L’Isle-d’Abeau (38)",
        "Isère (département 38)",
    ]


def test_trades_are_proposed_by_the_beginnings_of_their_words():
    found = suggest_trades("conduct engin agric")

    assert [trade.code for trade in found] == ["A1101"]


# --- The addresses that the combobox asks -------------------------------------------


def test_the_combobox_gets_codes_and_labels(as_adviser):
    response = as_adviser.get("/offres/lieux/", {"ou": "villefont"})

    assert response.json()["choices"][0] == {
        "code": "38553",
        "text": "Villefontaine (38)",
        "label": "Villefontaine (38)",
        "detail": "38090",
    }
    response = as_adviser.get("/offres/metiers/", {"q": "bucheron"})
    assert [choice["code"] for choice in response.json()["choices"]] == ["A1201"]


@pytest.mark.parametrize("text", ["", "%", "'" * 500, "(" * 80])
def test_odd_texts_get_no_suggestion_and_no_error(as_adviser, text):
    """S35."""
    assert as_adviser.get("/offres/lieux/", {"ou": text}).json() == {"choices": []}
    assert as_adviser.get("/offres/metiers/", {"q": text}).json() == {"choices": []}


# --- The form without JavaScript ---------------------------------------------------


def send(client: Client, **boxes: str):
    """The form as a browser sends it: every box, the empty ones too."""
    empty = dict.fromkeys(("q", "ou", "avant", "lieu", "rome"), "")
    return client.get("/offres/", {**empty, "rayon": "10", **boxes})


@each_case(
    ("boxes", "url"),
    [
        ({}, "/offres/"),
        ({"q": "maçon"}, "/offres/?q=ma%C3%A7on"),
        ({"ou": "Villefontaine"}, "/offres/?lieu=38553"),
        ({"ou": "Villefontaine", "rayon": "30"}, "/offres/?lieu=38553&rayon=30"),
        ({"ou": "Villefontaine, isère"}, "/offres/?lieu=38553,38"),
        # The box still says what the code says: it stays. Emptied, it goes.
        ({"ou": "Villefontaine (38)", "lieu": "38553"}, "/offres/?lieu=38553"),
        ({"ou": "", "lieu": "38553"}, "/offres/"),
        # Typed over: the words count, not the code of the search before.
        ({"ou": "Grenoble", "lieu": "38553"}, "/offres/?lieu=38185"),
        ({"q": "Bûcheron / Bûcheronne (A1201)"}, "/offres/?rome=A1201"),
        ({"q": "grue", "depuis": "", "contrat": "CDI"}, "/offres/?q=grue&contrat=CDI"),
    ],
)
def test_the_form_leads_to_an_address_of_codes_alone(as_adviser, boxes, url):
    response = send(as_adviser, **boxes)

    assert (response.status_code, response["Location"]) == (302, url)
    assert as_adviser.get(url, follow=True).status_code == 200


def test_a_name_of_several_places_is_asked_about(as_adviser):
    response = send(as_adviser, q="macon", ou="Saint-Denis", activite="43")

    assert response.status_code == 200
    page = response.text.replace("\xa0", " ")
    assert "Saint-Denis » : que voulez-vous dire" in page
    options = response.context["screen"].doubt.options
    assert [area.code for area, _ in options] == ["97411", "93066", "11339", "30247"]
    # The choice carries what was typed in the later boxes, which lead on.
    response = as_adviser.get(options[0][1])
    assert response["Location"] == "/offres/?q=macon&lieu=97411&secteur=43"


def test_a_misspelt_town_in_the_box_is_a_question(as_adviser):
    """U11: the towns that it nearly spells, as links."""
    response = send(as_adviser, q="macon", ou="Vanes")

    assert "que voulez-vous dire" in response.text
    assert 'value="Vanes"' in response.text
    options = response.context["screen"].doubt.options
    assert [str(area) for area, _ in options][:2] == ["Vannes (56)", "Vanves (92)"]
    assert options[0][1] == "/offres/?q=macon&lieu=56260"


@pytest.mark.parametrize(
    "path", ["", "lieux/", "metiers/", "competences/", "secteurs/"]
)
def test_without_the_service_the_search_is_refused_with_its_reason(
    as_adviser, adviser, path
):
    """S21, annexe 1."""
    amend(adviser.structure.conventions.get(), consultation=False, referrals=False)

    response = as_adviser.get(f"/offres/{path}")

    assert response.status_code == 403
    assert "annexe 1" in response.content.decode()
