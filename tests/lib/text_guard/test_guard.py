"""What the guard finds in a text, and where (V2, V3, V6)."""

import pytest

from demo import people
from opus.lib.text_guard.fields import marked
from opus.lib.text_guard.guard import look, look_in_name
from opus.lib.text_guard.rules import RULES, Category, Spelling, fingerprint
from referrals.appointments.models import place_of


def categories_of(text):
    return list(dict.fromkeys(finding.category for finding in look(text)))


@pytest.mark.parametrize(
    "text",
    [
        *("aide-soignant", "secteur social", "délégué syndical", "arabe courant"),
        *("peinture noire", "Harmonie Assurance Maladie"),
        "accompagnement des personnes handicapées",
        "lycée catholique Saint-Joseph",
        "casier judiciaire vierge exigé",
        "rue des Aveugles, quai de la Mosquée",
        "rue du Temple protestant, 71440 Juif",
        *("12 RUE HAUTE 21130 - ATHÉE", "sente de la Mosquée", "traverse des Juifs"),
        *("2 quartier des Gitans", "lieu-dit Le Sourd", "rond-point de la Mosquée"),
        *("zone artisanale des Gitans", "Maçon autour de Juif"),
        "Maçon, Juif (71) à 30 km",
        "Fermentation de boissons alcoolisées",
        "12 avenue François-Mitterrand, 69003 Lyon Part-Dieu",
        "le document_0612345678.pdf du 28112026 à 08 09",
        "du 01/02/2026 03:04 au 01.09.2026 10 h",
    ],
)
def test_the_vocabulary_of_trades_places_and_files_passes(text):
    """V3, V6."""
    assert look(text) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("12 rue des Lilas, alcoolique", ["alcoolique"]),
        ("12 rue des Lilas alcoolique", ["alcoolique"]),
        ("12 RUE DES LILAS ALCOOLIQUE", ["ALCOOLIQUE"]),
        ("12 rue des Lilas Alcoolique", ["Alcoolique"]),
        ("12 rue des Lilas RQTH", ["RQTH"]),
        ("12 rue des Lilas SDF", ["SDF"]),
        ("12 rue des Lilas GITAN", ["GITAN"]),
        ("12 rue Victor-Hugo Schizophrène", ["Schizophrène"]),
        ("rue du Temple, protestant", ["protestant"]),
        ("71440 Juif, juif", ["juif"]),
        ("Juif (71 ans)", ["Juif"]),
        ("consomme des boissons alcoolisées", ["alcoolisées"]),
        ("rue des Lilas, sous curatelle", ["sous curatelle", "curatelle"]),
        ("parle arabe, dépressif", ["dépressif"]),
    ],
)
def test_what_explains_a_word_excuses_no_other(text, words):
    """V3: an address exempts itself."""
    assert [text[one.start : one.end] for one in look(text)] == words


@pytest.mark.parametrize(
    "text",
    [
        "DÉPRESSIVE",
        "d é p r e s s i v e",
        "dépre\u200bssive",
        "dépreeessive",
        "d3pr3ss1ve",
        "dép-ressive",
        "d\u0435pressive",
        "\uff44\uff45\uff50\uff52\uff45\uff53\uff53\uff49\uff56\uff45",
        "dépréssivve",
        "déprssive",
        "déperssive",
        "dperessive",
    ],
)
def test_a_word_in_disguise_is_recognised(text):
    """V2: case, spacing, signs without width, runs, leet, look-alikes, one slip."""
    assert categories_of(text) == [Category.HEALTH]


def test_one_slip_is_forgiven_in_long_words_and_leads_to_no_ordinary_one():
    """V2: added, left out, changed or swapped; short words are read as they are."""
    spelling = Spelling(["autiste", "malade"], ["artiste"])
    slips = ["autisste", "auiste", "autixte", "uatiste"]

    assert [list(spelling.meant(word)) for word in slips] == [["autiste"]] * 4
    for word in ["artiste", "autiste", "automate", "malede", "uatixte"]:
        assert list(spelling.meant(word)) == []


@pytest.mark.parametrize("text", ["est soufrante", "est avegle", "alergie à l’ail"])
def test_a_slip_in_a_phrase_is_forgiven_too(text):
    """V2: words that no rule forbids alone."""
    assert categories_of(text) == [Category.HEALTH]


@pytest.mark.parametrize(
    "text", ["il est artistique", "elle est au refuge", "est écarté"]
)
def test_an_ordinary_word_is_no_slip(text):
    """V3."""
    assert look(text) == []


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        ("2 84 05 38 193 123 80", [Category.NIR]),
        ("1 69 05 2A 049 588 92", [Category.NIR]),
        ("2840538193123", [Category.NIR]),
        ("284053819312381", []),
        ("code-barres 3017620422003", []),
        ("FR14 2004 1010 0505 0001 3M02 606", [Category.IBAN]),
        ("FR15 2004 1010 0505 0001 3M02 606", []),
        ("BE68 5390 0754 7034", [Category.IBAN]),
        ("06.39.98.12.34", [Category.PHONE]),
        ("+33 (0)6 39 98 12 34", [Category.PHONE]),
        ("tel 0 6 3 9 9 8 1 2 3 4", [Category.PHONE]),
        ("06/39/98/12/34", [Category.PHONE]),
        ("0692 12 34 56", [Category.PHONE]),
        ("+32 470 12 34 56", [Category.PHONE]),
        ("son numéro 1234567A", [Category.FT_ID]),
        ("12345678901", [Category.FT_ID]),
        ("١٢٣٤٥٦٧٨٩٠١", [Category.FT_ID]),
        ("offre 178XKQB, acte AST-2026-000042", []),
        ("offre 1234567, SIRET 35600000000048", []),
        ("nom.prenom [at] exemple.fr", [Category.EMAIL]),
    ],
)
def test_numbers_and_addresses_are_known_by_their_keys(text, categories):
    """V6."""
    assert categories_of(text) == categories


def test_a_finding_says_where_and_its_text_comes_back_marked():
    """V2, V4: the finding holds no word, and what was typed is no HTML."""
    text = "Il a un cancer <i>"
    found = look(text)

    assert "cancer" not in repr(found)
    assert marked(text, found) == "Il a un <mark>cancer</mark> &lt;i&gt;"


@pytest.mark.parametrize(
    "name",
    [
        *("Juif", "Lesourd", "Gay", "Clochard", "Dupont"),
        *("Le Gay", "Gay-Lussac", "Jean-Chrétien"),
    ],
)
def test_a_name_that_people_bear_is_a_name(name):
    """V7."""
    assert look_in_name(name) == []


@pytest.mark.parametrize(
    "name", ["Dupont RQTH sous curatelle", "candidat schizophrène", "Gay schizophrène"]
)
def test_what_follows_a_name_is_read(name):
    """V7."""
    assert look_in_name(name)


@pytest.mark.django_db
def test_every_agency_of_the_demonstration_passes():
    """V3."""
    agencies = people.seed_agencies().values()

    assert agencies
    assert [agency for agency in agencies if look(place_of(agency))] == []


def test_the_rules_have_a_number_for_each_of_their_texts():
    """V5: whoever changes a rule writes a new version: old texts are read again."""
    assert RULES.version.fingerprint == fingerprint()
