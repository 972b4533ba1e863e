"""The reader of offers: each fault of real payloads, on small invented ones."""

import datetime as dt
import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.synthetic import make_offers
from offers.enums import PlaceSource
from offers.payload.contract import read_contract, read_hours, read_nature, read_pay
from offers.payload.offer import OfferContent, hash_content, read_offer
from offers.payload.text import UnsoundOffer, clean_text
from tests.offers.helpers.files import REAL_FILES, real_offers

GRENOBLE = {"libelle": "38 - Grenoble", "commune": "38185", "codePostal": "38000"}


def payload(**parts: Any) -> dict[str, Any]:
    """A small offer of Grenoble, with these parts in place of its own."""
    return {
        "id": "193FKBM",
        "intitule": "Maçon / Maçonne (H/F)",
        "dateCreation": "2026-11-02T08:00:00.000Z",
        "lieuTravail": GRENOBLE,
    } | parts


def read(**parts: Any) -> OfferContent:
    return read_offer(payload(**parts))


# --- What is no offer ----------------------------------------------------------------


@pytest.mark.parametrize("value", [None, 12, "193FKBM", [], [payload()], True])
def test_what_is_no_object_is_no_offer(value):
    with pytest.raises(UnsoundOffer, match="objet JSON"):
        read_offer(value)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"id": None}, "« id » manque"),
        ({"id": " "}, "« id » manque"),
        ({"id": 4_679_124}, "« id » : un texte"),
        ({"id": "1" * 21}, "« id » : 1 à 20"),
        ({"id": "193/../FKBM"}, "« id » : 1 à 20"),
        ({"id": "193 FKBM"}, "« id » : 1 à 20"),
        ({"id": "193FKBÉ"}, "« id » : 1 à 20"),
        ({"intitule": None}, "« intitule » manque"),
        ({"intitule": " \u200b "}, "« intitule » manque"),
        ({"intitule": "<p></p>"}, "« intitule » manque"),
        ({"intitule": ["Maçon"]}, "« intitule » : un texte"),
        ({"description": {"fr": "texte"}}, "« description » : un texte"),
        ({"dateCreation": None}, "Ni « dateCreation » ni"),
        ({"dateCreation": "hier"}, "« dateCreation » : date illisible"),
        ({"dateCreation": "2026-13-45T00:00:00Z"}, "date illisible"),
        ({"dateCreation": "0001-01-01T00:00:00+14:00"}, "date illisible"),
        ({"dateCreation": "1970-01-01T00:00:00Z"}, "date invraisemblable"),
        ({"dateActualisation": "9999-12-31T00:00:00Z"}, "date invraisemblable"),
        ({"dateActualisation": 1_700_000_000}, "« dateActualisation » : un texte"),
        ({"lieuTravail": "Grenoble"}, "« lieuTravail » : un objet"),
        ({"lieuTravail": {"latitude": "nord", "longitude": 5}}, "« latitude »"),
        ({"lieuTravail": {"latitude": 45.1, "longitude": True}}, "« longitude »"),
        ({"nombrePostes": "deux"}, "« nombrePostes » : un nombre entier"),
        ({"nombrePostes": True}, "« nombrePostes » : un nombre entier"),
        ({"nombrePostes": -1}, "« nombrePostes » : -1 est hors limites"),
        ({"nombrePostes": 10**9}, "hors limites"),
        ({"accessibleTH": "oui"}, "« accessibleTH » : vrai ou faux"),
        ({"opus": []}, "« opus » : un objet"),
        ({"opus": {"publiee": "non"}}, "« publiee » : vrai ou faux"),
        ({"opus": {"postesRestants": 1.5}}, "« postesRestants » : un nombre entier"),
        ({"description": "fin\x00"}, "Caractère nul"),
        ({"competences": [{"libelle\x00": "x"}]}, "Caractère nul"),
        ({"description": "\ud83d seul"}, "Caractère Unicode incomplet"),
        ({"lieuTravail": {"latitude": float("nan"), "longitude": 5.0}}, "NaN"),
        ({"salaire": {"libelle": "x", "bonus": float("inf")}}, "NaN ou infini"),
    ],
)
def test_an_unsound_offer_is_refused_with_its_reason(parts, reason):
    with pytest.raises(UnsoundOffer, match=reason):
        read(**parts)


def test_a_nest_without_bottom_is_refused():
    nest: list[Any] = []
    for _ in range(200_000):
        nest = [nest]

    with pytest.raises(UnsoundOffer, match="trop profond"):
        read(competences=nest)


def test_the_escape_of_nul_spelled_out_in_a_text_is_no_nul():
    assert read(description=r"le caractère \u0000").description.endswith(r"\u0000")


def test_the_time_of_an_event_stands_in_for_missing_dates():
    at = dt.datetime(2026, 11, 24, 14, tzinfo=dt.UTC)

    content = read_offer(payload(dateCreation=None), received_at=at)

    assert (content.created_at, content.updated_at) == (at, at)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(json_values)
def test_any_json_is_read_or_refused(value):
    with suppress(UnsoundOffer):
        read_offer(value)


KEYS = ["id", "intitule", "description", "dateCreation", "dateActualisation"]
KEYS += ["lieuTravail", "romeCode", "entreprise", "typeContrat", "typeContratLibelle"]
KEYS += ["natureContrat", "experienceExige", "competences", "salaire", "contact"]
KEYS += ["dureeTravailLibelle", "nombrePostes", "accessibleTH", "origineOffre", "opus"]


@given(st.dictionaries(st.sampled_from(KEYS), json_values, max_size=4))
def test_any_value_under_any_key_is_read_or_refused(parts):
    try:
        content = read(**parts)
    except UnsoundOffer:
        return
    json.dumps(content.details, allow_nan=False)
    assert "\x00" not in content.title + content.description


# --- Texts ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("<p>Bonjour</p><p>à tous</p>", "Bonjour\n\nà tous"),
        ("ligne<br />suivante<br>encore", "ligne\nsuivante\nencore"),
        ("<ul><li>un</li><li>deux</li></ul>", "- un\n- deux"),
        ("<b>gras</b> et <i class='x'>penché</i>", "gras et penché"),
        ("salaire < 2000 et > 1800", "salaire < 2000 et > 1800"),
        ("salaire &lt; 2000 &amp; prime", "salaire < 2000 & prime"),
        ("voir <https://employeur.example/a>", "voir <https://employeur.example/a>"),
        ("&lt;br /&gt;suite", "suite"),
        ("l&#039;équipe d&rsquo;&eacute;t&eacute;", "l'équipe d’été"),
        ("?a=1&notify=2&copy=3", "?a=1&notify=2&copy=3"),
        ("avant<script>alert(1)</script>après", "avant après"),
        ("avant<!-- caché -->après", "avant après"),
        ("bien\u202eesrevni\u200b", "bienesrevni"),
        ("a\x07b\tc  d\u00a0e", "ab c d e"),
        ("un\r\n\r\n\r\n\r\ndeux\rtrois", "un\n\ndeux\ntrois"),
        ("&#x80;uro", "€uro"),
        ("C++ <-> C#", "C++ <-> C#"),
        ("a<b et b>c, x<p et q>r", "a<b et b>c, x<p et q>r"),
        ("<p class='x'>un</p><td >deux</td><hr/><b\n>trois</b>", "un\ndeux\ntrois"),
    ],
)
def test_mark_up_becomes_text_and_prose_stays(raw, clean):
    assert clean_text(raw, 1_000) == clean


@given(st.text("ab <&;é\u00a0\u200b\x07.", max_size=40))
def test_a_line_alone_is_cleaned_as_one_among_others(text):
    # The short way of a single line, against the long one.
    assert clean_text(text, 30) == clean_text(f"{text[:120]}\n", 30)


def test_a_text_is_cut_at_its_limit():
    assert len(clean_text("mot " * 10_000, 500)) <= 500


def test_only_web_addresses_become_links():
    content = read(
        contact={"urlPostulation": "javascript:alert(1)", "nom": "M. Essai"},
        origineOffre={
            "urlOrigine": "https://offres.example/193FKBM",
            "partenaires": [{"nom": "SITE", "url": "ftp://x.example"}],
        },
    )

    assert content.details["contact"] == {"nom": "M. Essai"}
    assert content.details["origineOffre"] == {
        "urlOrigine": "https://offres.example/193FKBM",
        "partenaires": [{"nom": "SITE"}],
    }


def test_details_keep_what_the_page_shows_and_nothing_else():
    content = read(
        competences=[{"code": "1", "libelle": "Lire un plan", "exigence": "E"}, 3],
        qualitesProfessionnelles=[{"libelle": "Rigueur"}],
        permis=[{"libelle": "B"}],
        secret="x",
    )

    assert content.details == {
        "competences": [{"code": "1", "libelle": "Lire un plan", "exigence": "E"}],
        "qualitesProfessionnelles": [{"libelle": "Rigueur"}],
        "permis": [{"libelle": "B"}],
    }
    assert content.skills_text == "Lire un plan ; Rigueur ; B"


# --- Columns -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-04-05T16:06:05+02:00", "2020-04-05 14:06:05+00:00"),
        ("2023-03-16T15:28:01.000Z", "2023-03-16 15:28:01+00:00"),
        ("2025-05-31T14:14:44.737Z", "2025-05-31 14:14:44.737000+00:00"),
    ],
)
def test_three_formats_of_dates_become_utc(text, moment):
    content = read(dateCreation=text)

    assert str(content.created_at) == moment
    assert content.updated_at == content.created_at


def test_the_update_is_what_tells_how_new_a_content_is():
    content = read(dateActualisation="2026-11-05T08:00:00.000Z")

    assert content.updated_at == dt.datetime(2026, 11, 5, 8, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("code", "label", "expected"),
    [
        ("CDI", "Contrat à durée indéterminée", ("CDI", "CDI", "")),
        ("CDI", "CDI", ("CDI", "CDI", "")),
        ("CDD", "Contrat à durée déterminée - 6 Mois", ("CDD", "CDD - 6 mois", "6")),
        ("CDD", "CDD - 6 mois", ("CDD", "CDD - 6 mois", "6")),
        ("MIS", "Mission intérimaire - 3 Mois", ("MIS", "Intérim - 3 mois", "3")),
        ("MIS", "Intérim - 12 Jour(s)", ("MIS", "Intérim - 12 jours", "0.4")),
        ("MIS", "Intérim - 1 Jour(s)", ("MIS", "Intérim - 1 jour", "0.0")),
        ("SAI", "Contrat travail saisonnier", ("SAI", "Saisonnier", "")),
        ("DDI", "Contrat durée déterminée insertion", ("DDI", "CDD insertion", "")),
        ("", "Contrat à durée déterminée - 6 Mois", ("CDD", "CDD - 6 mois", "6")),
        ("", "Contrat à durée indéterminée - 6 Mois", ("CDD", "CDD - 6 mois", "6")),
        ("", "Contrat à durée indéterminée", ("CDI", "CDI", "")),
        ("", "Mission intérimaire - 3 Mois", ("MIS", "Intérim - 3 mois", "3")),
        ("", "CDI Intérimaire", ("DIN", "CDI intérimaire", "")),
        ("", "Intérim Insertion", ("TTI", "Intérim insertion", "")),
        ("XYZ", "Contrat nouveau", ("XYZ", "Contrat nouveau", "")),
        ("", "", ("", "", "")),
    ],
)  # fmt: skip
def test_contracts_of_all_years_have_one_label(code, label, expected):
    assert read_contract(code, label) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Contrat travail", ("E1", "Contrat travail")),
        ("E1", ("E1", "Contrat travail")),
        ("Insertion par l'activ.éco.", ("I1", "Insertion par l’activ.éco.")),
        ("CDI de chantier ou d'opération", ("CC", "CDI de chantier ou d’opération")),
        ("CUI - CAE", ("FT", "CUI - CAE")),
        ("Emploi non salarié", ("NS", "Emploi non salarié")),
        ("Nature de demain", ("", "Nature de demain")),
        ("", ("", "")),
    ],
)
def test_the_nature_is_told_by_its_label(value, expected):
    assert read_nature(value) == expected


@pytest.mark.parametrize(
    ("label", "converted", "expected"),
    [
        ("35H/semaine\nTravail en journée", "Temps plein", (True, Decimal(35))),
        ("35 H  Horaires normaux", "", (True, Decimal(35))),
        ("37H30\nTravail en journée", "", (True, Decimal("37.5"))),
        ("Temps partiel - 17H30/semaine", "Temps partiel", (False, Decimal("17.5"))),
        ("temps partiel\nTravail le samedi", "", (False, None)),
        ("24H Autre", "", (False, Decimal(24))),
        ("Temps plein", "Non renseigné", (True, None)),
        ("99H Autre", "", (None, None)),
        ("\nTravail en journée", "", (None, None)),
        ("Travail posté (2x8, 3x8)", "", (None, None)),
        ("", "", (None, None)),
    ],
)
def test_working_time_is_told_by_words_or_hours(label, converted, expected):
    assert read_hours(label, converted) == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (
            "Annuel de 23000.0 Euros à 26000.0 Euros sur 12.0 mois",
            ("23000.00", "26000.00", "A"),
        ),
        ("Mensuel de 2058,00 Euros", ("2058.00", "2058.00", "M")),
        ("Horaire de 12.31 Euros sur 12 mois", ("12.31", "12.31", "H")),
        ("Annuel de", None),
        ("Annuel de 17,00 Euros à 27,00 Euros", None),
        ("Mensuel de 1764,00 Euros à 264600,00 Euros", None),
        ("Mensuel de 2600,00 Euros à 2100,00 Euros", None),
        ("De 1801,00 Euros à 1801,00 Euros", None),
        ("Autre de 11,55 Euros à 12,00 Euros", None),
        ("Selon profil", None),
    ],
)
def test_pay_is_read_only_where_it_is_sound(label, expected):
    assert read_pay(label) == expected


def test_pay_is_kept_as_text_and_read_beside():
    content = read(salaire={"libelle": "Mensuel de 2058,00 Euros"})

    assert content.salary_label == "Mensuel de 2058,00 Euros"
    assert content.details["salaire"] == {
        "libelle": "Mensuel de 2058,00 Euros",
        "minimum": "2058.00",
        "maximum": "2058.00",
        "periode": "M",
    }


@pytest.mark.parametrize(
    ("key", "value", "column", "expected"),
    [
        # Upstream writes 0 for an empty box: no number is no limit.
        ("nombrePostes", None, "posts", None),
        ("nombrePostes", 0, "posts", None),
        ("nombrePostes", 3.0, "posts", 3),
        # Silence is not a no.
        *(("accessibleTH", one, "accessible_th", one) for one in (True, False, None)),
        *(("experienceExige", one, "experience", one) for one in "DSE"),
        ("experienceExige", "s", "experience", "S"),
        ("experienceExige", "Z", "experience", ""),
        ("experienceExige", None, "experience", ""),
        # A trade code of another shape is left out.
        ("romeCode", "38043", "rome_code", ""),
        ("romeCode", " f1703 ", "rome_code", "F1703"),
        ("intitule", "Maçon<br>\nde  métier", "title", "Maçon de métier"),
    ],
)
def test_a_column_has_what_its_part_says(key, value, column, expected):
    assert getattr(read(**{key: value}), column) == expected


# --- Places --------------------------------------------------------------------------


def at(latitude: Any, longitude: Any) -> dict[str, Any]:
    return {"latitude": latitude, "longitude": longitude}


LABEL, COMMUNE = "libelle", "commune"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        # As it should be; numbers as texts, with a French comma.
        (GRENOBLE | at(45.1876, 5.7358), "fourni 38185 38 84 point"),
        (GRENOBLE | at("45,1876", "5.7358"), "fourni 38185 38 84 point"),
        # Latitude and longitude in each other's place: told by the commune, overseas
        # too, by the department of the label, by nothing but « France ».
        (GRENOBLE | at(5.7358, 45.1876), "inverse 38185 38 84 point"),
        ({COMMUNE: "97411"} | at(55.45, -20.88), "inverse 97411 974 04 point"),
        ({LABEL: "75 - Paris 13"} | at(2.38, 48.82), "inverse 75113 75 11 point"),
        ({LABEL: "France"} | at(0.6246, 47.2045), "inverse - - - point"),
        ({LABEL: "France"} | at(47.2045, 0.6246), "fourni - - - point"),
        # A point hundreds of kilometres off, either way round: the commune's own. The
        # middle of the Atlantic is a missing point.
        ({COMMUNE: "92050"} | at(46.2276, 2.2137), "commune 92050 92 11 point"),
        (GRENOBLE | at(0.0, 0.0), "commune 38185 38 84 point"),
        (GRENOBLE | at(451.0, 5.7), "commune 38185 38 84 point"),
        # No coordinates: the commune's, of a merged commune, too.
        (GRENOBLE, "commune 38185 38 84 point"),
        ({LABEL: "67 - MITTELHAUSEN", COMMUNE: "67297"}, "commune 67539 67 44 point"),
        ({LABEL: "93 - PIERREFITTE", COMMUNE: "93059"}, "commune 93066 93 11 point"),
        # A code that never was: by postcode, or by the name.
        (
            {COMMUNE: "38999", "codePostal": "38400", LABEL: "ST MARTIN D HERES"},
            "code_postal 38421 38 84 point",
        ),
        ({COMMUNE: "75000", LABEL: "75 - Paris (Dept.)"}, "commune 75056 75 11 point"),
        (
            {"codePostal": "69001", LABEL: "69 - LYON 01"},
            "code_postal 69381 69 84 point",
        ),
        (
            {"codePostal": "97419", LABEL: "974 - Possession"},
            "code_postal 97408 974 04 point",
        ),
        ({"codePostal": "20290", LABEL: "Borgo"}, "code_postal 2B042 2B 94 point"),
        # Only a department, a region, or nothing at all.
        ({LABEL: "38 - Isère"}, "aucun - 38 84"),
        ({LABEL: "53 - Mayenne"}, "aucun - 53 52"),
        ({LABEL: "974 - Réunion"}, "aucun - 974 04"),
        ({LABEL: "2A - Corse du Sud"}, "aucun - 2A 94"),
        ({LABEL: "Ile-de-France"}, "aucun - - 11"),
        ({LABEL: "France"}, "aucun - - -"),
        ({}, "aucun - - -"),
        # Abroad; a territory that is part of no region.
        ({LABEL: "Québec Canada"} | at(46.8, -71.2), "fourni - - - point"),
        ({COMMUNE: "98818", LABEL: "988 - Nouméa"}, "commune 98818 988 - point"),
    ],
)
def test_an_offer_is_placed_by_what_it_gives(parts, expected):
    found = read(lieuTravail=parts).place
    codes = (found.source, found.commune_code, found.department, found.region)
    has_point = found.latitude is not None
    assert " ".join([*(c or "-" for c in codes), *["point"] * has_point]) == expected


def test_swapped_coordinates_are_put_right():
    found = read(
        lieuTravail=GRENOBLE | {"latitude": 5.7358, "longitude": 45.1876}
    ).place

    assert (found.latitude, found.longitude) == (45.1876, 5.7358)


# --- Modes ---------------------------------------------------------------------------

AGENCY = "Agence France Travail GRENOBLE"


@pytest.mark.parametrize(
    ("contact", "preselection"),
    [
        ({"nom": AGENCY, "coordonnees1": "1 rue de la Gare"}, True),
        ({"nom": "Pôle Emploi SENS"}, True),
        ({"nom": "Relais France Travail AMBERT"}, True),
        (
            {
                "nom": AGENCY,
                "coordonnees3": "Pour postuler, utiliser le lien suivant : "
                "https://candidat.francetravail.fr/offres/recherche/detail/193FKBM",
            },
            True,
        ),
        ({"nom": AGENCY, "urlPostulation": "https://employeur.example"}, False),
        ({"nom": AGENCY, "coordonnees1": "https://employeur.example/x"}, False),
        ({"nom": AGENCY, "coordonnees1": "https://francetravail.fr.example/"}, False),
        ({"nom": AGENCY, "courriel": "rh@employeur.example"}, False),
        ({"nom": AGENCY, "telephone": "01 99 00 12 34"}, False),
        ({"nom": "Garage d’essai"}, False),
        ({"nom": "Partenaire de France Travail"}, False),
        ({}, False),
    ],
)
def test_preselection_is_inferred_from_an_agency_as_only_contact(contact, preselection):
    mode = read(contact=contact).mode

    assert mode.preselection is preselection
    assert (mode.published, mode.delegated, mode.is_declared) == (True, False, False)


def test_the_opus_object_says_the_mode_whatever_the_contact():
    mode = read(
        contact={"nom": AGENCY},
        opus={
            "publiee": False,
            "preselection": False,
            "delegationMiseEnRelation": True,
            "agenceGestionnaire": "38086",
            "postesRestants": 0,
        },
    ).mode

    assert mode.is_declared
    assert (mode.published, mode.preselection, mode.delegated) == (False, False, False)
    assert (mode.agency_safir, mode.posts_left) == ("38086", 0)


@pytest.mark.parametrize("safir", ["38", "3808A", 38_086, ["38086"], None])
def test_an_odd_agency_never_costs_the_offer(safir):
    assert read(opus={"agenceGestionnaire": safir}).mode.agency_safir == ""


def test_the_hash_ignores_order_and_the_opus_object():
    one = payload(romeCode="F1703", opus={"publiee": True})
    other = dict(reversed(payload(romeCode="F1703").items()))

    assert hash_content(one) == hash_content(other)
    assert hash_content(one) != hash_content(payload(romeCode="F1702"))


# --- Whole files ---------------------------------------------------------------------


def are_swapped(offer: dict[str, Any]) -> bool:
    """Told apart from the reader: in metropole, latitudes are above longitudes."""
    where = offer.get("lieuTravail", {})
    return -6 <= where.get("latitude", 99) <= 10 and 40 <= where["longitude"] <= 52


@pytest.mark.parametrize(
    "files",
    [[], *(pytest.param([path], marks=pytest.mark.thorough) for path in REAL_FILES)],
    ids=["synthetic", *(path.name for path in REAL_FILES)],
)
def test_no_offer_of_a_whole_file_is_unsound(files):
    made = make_offers(2_000, seed=7, today=dt.date(2026, 11, 24))
    offers = list(real_offers(*files) if files else made)

    contents = [read_offer(offer) for offer in offers]

    found = {
        content.reference
        for content in contents
        if content.place.source == PlaceSource.SWAPPED
        and not content.place.department.startswith(("97", "98"))
    }
    assert found == {offer["id"] for offer in offers if are_swapped(offer)}
    assert all(content.place.department for content in contents if names_one(content))


def names_one(content: OfferContent) -> bool:
    """Whether the label of a place starts with the code of a department."""
    return content.place.label[:2].isdecimal()
