"""What is printed of an offer: read for who does not know the codes, and nothing lost.

Walked over invented offers always, over the real ones of ``../shared`` where they are.
"""

import datetime as dt
import html
import itertools
import re
from collections import Counter

import pytest

from demo.synthetic import make_offers
from offers.catalogue import formatting
from offers.payload.text import clean_text
from tests.offers.helpers.files import REAL_FILES, real_offers

TODAY = dt.date(2026, 11, 24)
WORD = re.compile(r"[^\W_]+")
RAW = re.compile(r"\*{2}|\(s\)|Euros?\b|&\w+;|<(?:br|p)\b|\d+ - [A-Z]|_{3}")
# A lone « o » is a bullet.
BULLET_O = re.compile(r"(?<!\S)o(?!\S)")


def offers():
    yield from make_offers(3_000, seed=8, today=TODAY)
    yield from real_offers(*REAL_FILES)


@pytest.fixture(scope="module")
def sample(request):
    """Each tenth offer; all with ``--thorough``."""
    step = 1 if request.config.getoption("--thorough") else 10
    return list(itertools.islice(offers(), 0, None, step))


def values(offer):
    """(what was received, what is printed) of each label."""
    pay = (offer.get("salaire") or {}).get("libelle")
    place = (offer.get("lieuTravail") or {}).get("libelle")
    yield pay, formatting.pay(pay or "")
    yield place, formatting.place(place)
    for key, read in {
        "dureeTravailLibelle": formatting.schedule,
        "experienceLibelle": formatting.experience,
        "typeContratLibelle": formatting.contract,
        "intitule": formatting.job_title,
    }.items():
        yield offer.get(key), read(offer.get(key) or "")
    for permit in offer.get("permis") or []:
        yield permit["libelle"], formatting.licence(permit["libelle"], is_required=True)


def numbers(text):
    """12.60, 12,6 and 12,60 are one number."""
    text = re.sub(r"(?<=\d)[\u202f\xa0](?=\d{3}\b)", "", text)
    found = re.findall(r"\d+(?:[.,]\d+)?", text)
    return {float(one.replace(",", ".")) for one in found}


def test_every_number_that_is_printed_stands_in_the_source(sample):
    made_up = [
        (received, printed)
        for offer in sample
        for received, printed in values(offer)
        # « 37H30 » are two numbers, printed as two.
        if "≈" not in printed
        and not numbers(printed)
        <= numbers(received or "") | numbers((received or "").replace("H", " "))
    ]
    assert made_up == []


def test_no_raw_value_is_left_but_what_no_rule_knows(sample):
    left = Counter(
        printed
        for offer in sample
        for received, printed in values(offer)
        if RAW.search(printed) and received != offer["intitule"]
    )
    assert left.total() <= len(sample) / 1_000, left


def words_of(text):
    return WORD.findall(BULLET_O.sub(" ", html.unescape(text)))


def description_of(offer):
    """As it is stored: without mark-up."""
    return clean_text(offer.get("description") or "", 20_000)


def test_the_words_of_every_text_are_kept_in_their_order(sample):
    for offer in sample:
        received = description_of(offer)
        lines = [line for one in formatting.blocks_of(received) for line in one.lines]
        printed = BULLET_O.sub(" ", "\n".join(lines))
        assert WORD.findall(printed) == words_of(received)
        assert not re.search(r"\*{3}|_{4}|&eacute;|<br", printed), received


def test_a_text_that_is_cut_keeps_its_beginning_and_ends_on_a_sentence(sample):
    for offer in sample[::10]:
        units = formatting.units_of(formatting.blocks_of(description_of(offer)))
        for most in range(0, len(units), 3):
            blocks = formatting.regrouped(formatting.finished(units[:most]))
            printed = [
                word
                for one in blocks
                for line in one.lines
                for word in WORD.findall(line)
            ]
            whole = [word for _, _, part in units for word in WORD.findall(part)]
            assert printed == whole[: len(printed)]
            assert not blocks or blocks[-1].kind != formatting.TITLE


SAID = {
    "pay": {
        "Horaire de 12.60 Euros à 14.53 Euros sur 12 mois": "12,60 € à 14,53 € "
        "de l’heure",
        "Mensuel de 1833,00 Euros sur 13.0 mois": "1 833 € par mois, payé sur 13 mois",
        "Annuel de 25000.0 Euros": "25 000 € par an",
        "Annuel de 25000.0 Euros brut": "Annuel de 25000.0 Euros brut",
        "De 1801,00 Euros à 1801,00 Euros": "1 801 €",
        "N/A": "",
        "Annuel de": "",
        "Selon convention collective": "Selon convention collective",
        "Mensuel de 2050,00 Euros sur 12 mois": "2 050 € par mois",
    },
    "schedule": {
        "35H/semaine\nTravail en journée...": "35 h par semaine, en journée",
        "37H30 Autre": "37 h 30 par semaine",
        "Temps partiel - 24H/semaine\nTravail de nuit": "Temps partiel, 24 h par "
        "semaine, de nuit",
        "Selon planning": "Selon planning",
    },
    "experience": {
        "4 An(s)": "4 ans d’expérience",
        "1 An(s) - Sur poste similaire": "1 an d’expérience, sur poste similaire",
        "Expérience exigée de 1 An(s)": "Expérience exigée : 1 an",
        "Expérience exigée de 2 à 5 An(s) (1)": "Expérience exigée : 2 à 5 ans",
        "Débutant accepté (0)": "Débutant accepté",
    },
    "contract": {
        "Mission intérimaire - 6 Mois": "Intérim, 6 mois",
        "CDD - 1 Jour(s)": "CDD, 1 jour",
        "Contrat à durée indéterminée": "CDI",
        "Reprise de commerce - à débattre": "Reprise de commerce - à débattre",
    },
    "place": {
        "38 - BONNEVILLE": "Bonneville (38)",
        "2A - L ISLE D ABEAU": "L Isle d Abeau (2A)",
        "75 - Paris (Dept.)": "Paris (75), commune non précisée",
        "France": "France",
    },
    "job_title": {
        "Expert Data H/F (H/F)": "Expert Data (H/F)",
        "***URGENT*** Serveur F/H": "URGENT Serveur (H/F)",
        "Chef d&#39;équipe": "Chef d’équipe",
    },
    "trade_name": {"Maçon / Maçonne": "Maçon ou maçonne"},
    "phone": {
        "+33 (0)4.65.71.00.09": "04 65 71 00 09",
        "3949": "3949",
        "0892123456": "0 892 12 34 56",
        "Appelez le 0465710009": "Appelez le 0465710009",
    },
}


@pytest.mark.parametrize("kind", SAID)
def test_a_value_is_printed_as_one_says_it(kind):
    shown = {one: getattr(formatting, kind)(one) for one in SAID[kind]}
    spaces = str.maketrans("\xa0\u202f", "  ")
    assert {one: text.translate(spaces) for one, text in shown.items()} == SAID[kind]


def test_the_official_name_of_a_commune_is_printed_where_it_is_the_same():
    assert formatting.place("974 - PORT", "Le Port") == "Le Port\xa0(974)"
    assert formatting.place("974 - PORT", "Saint-Denis") == "Port\xa0(974)"
    assert formatting.place("38 - VIENNE", "Vienne", "38200") == "Vienne\xa0(38200)"


@pytest.mark.parametrize(
    ("received", "blocks"),
    [
        (
            "Vos missions***Conduire un engin***Contrôler la charge",
            [
                ("title", ["Vos missions"]),
                ("list", ["Conduire un engin", "Contrôler la charge"]),
            ],
        ),
        (
            "Missions :-Vérifier le stock;-Garantir la qualité. Le poste est libre.",
            [
                ("title", ["Missions :"]),
                ("list", ["Vérifier le stock;", "Garantir la qualité."]),
                ("text", ["Le poste est libre."]),
            ],
        ),
        (
            "*** URGENT ***\nPoste en &eacute;quipe.",
            [("title", ["URGENT"]), ("text", ["Poste en équipe."])],
        ),
        ("• un • deux", [("list", ["un", "deux"])]),
        (
            "- seul, ce n’est pas une liste",
            [("text", ["seul, ce n’est pas une liste"])],
        ),
        ("✅ Un\n✅ Deux 🎉", [("list", ["Un", "Deux"])]),
        ("-------\n=====", []),
        ("", []),
    ],
)
def test_marks_drawn_with_the_keyboard_become_titles_and_lists(received, blocks):
    found = [
        (block.kind, [line.replace("\xa0", " ") for line in block.lines])
        for block in formatting.blocks_of(received)
    ]
    assert found == blocks
