"""The guard, measured on sentences written without a look at its rules (V2, V3)."""

import csv
import datetime as dt
import lzma
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from demo.synthetic import make_offers
from offers.reference.places import DATA
from opus.lib.text_guard.guard import look
from opus.lib.text_guard.rules import IDENTIFIERS, SUBJECTS, Category

CORPUS = Path(__file__).parent / "corpus.tsv"
# What the corpus calls the categories.
CATEGORIES = {
    "origin": Category.ORIGIN,
    "politics": Category.POLITICS,
    "philosophy": Category.BELIEFS,
    "religion": Category.BELIEFS,
    "union": Category.UNION,
    "health": Category.HEALTH,
    "sexuality": Category.SEXUAL,
    "social": Category.HARDSHIP,
    "insult": Category.INSULT,
}
OFFICIAL = settings.BASE_DIR.parent / "shared" / "data" / "reference"
AGENCIES = OFFICIAL / "agences_france_travail.csv"


def corpus(kind: str = "sentence") -> list[tuple[str, str]]:
    """Return the labels and the texts of one kind."""
    with CORPUS.open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["category"], row["text"]) for row in rows if row["kind"] == kind]


def categories_in(text: str) -> set[Category]:
    return {finding.category for finding in look(text)}


def test_explicit_mentions_are_found_in_each_category():
    """V2: 90 in a hundred at least."""
    found, own = Counter[str](), Counter[str]()
    for label, text in corpus():
        if label in CATEGORIES:
            own[label] += 1
            found[label] += CATEGORIES[label] in categories_in(text)

    assert set(own) == set(CATEGORIES)
    assert {
        label: found[label] for label in own if found[label] < 0.9 * own[label]
    } == {}


def test_identifiers_are_found():
    """V6."""
    own = [text for label, text in corpus() if label == "identifier"]

    assert len(own) >= 50
    assert [text for text in own if not categories_in(text) & {*IDENTIFIERS}] == []


@pytest.mark.parametrize(
    ("kind", "number", "share"), [("sentence", 600, 0.02), ("ticket", 100, 0.03)]
)
def test_innocent_texts_pass(kind, number, share):
    """V2: two sentences, three whole tickets in a hundred at most are stopped."""
    own = [text for label, text in corpus(kind) if label == "-"]
    stopped = [text for text in own if look(text)]

    assert len(own) >= number
    assert len(stopped) <= share * len(own), stopped


def test_every_title_of_the_rome_passes():
    """V3."""
    with (DATA / "rome.csv").open(encoding="utf-8") as file:
        titles = [row["label"] for row in csv.DictReader(file)]

    assert len(titles) > 1500
    assert [title for title in titles if look(title)] == []


@pytest.mark.thorough
def test_every_commune_passes_in_an_address():
    """V3: those of today, and the former ones with a name of their own."""
    with lzma.open(DATA / "communes.csv.xz", "rt", encoding="utf-8") as file:
        places = {row["code"]: row for row in csv.DictReader(file) if row["postcodes"]}
    with (DATA / "communes_anciennes.csv").open(encoding="utf-8") as file:
        former = [row for row in csv.DictReader(file) if row["name"]]
    named = [(row["postcodes"], row["name"]) for row in places.values()]
    named += [(places[row["today"]]["postcodes"], row["name"]) for row in former]
    lines = [f"12 rue Haute, {postcodes[:5]} {name}" for postcodes, name in named]

    assert len(lines) > 34_000
    assert [line for line in lines if look(line)] == []


@pytest.mark.skipif(not AGENCIES.exists(), reason="the agencies are not here")
def test_the_addresses_of_agencies_pass():
    """V3."""
    with AGENCIES.open(encoding="utf-8") as file:
        lines = [", ".join(row) for row in csv.reader(file)]

    assert len(lines) > 900
    assert [line for line in lines if categories_in(line) & {*SUBJECTS}] == []


def test_the_sentences_of_invented_offers_pass():
    """V3: the prose of offers is work."""
    offers = make_offers(300, seed=3, today=dt.date(2026, 11, 24))
    texts = [offer["description"] for offer in offers]
    sentences = {part.strip() for text in texts for part in text.split(".")}
    stopped = {text for text in sentences if categories_in(text) & {*SUBJECTS}}

    assert len(sentences) > 100
    assert len(stopped) <= 0.01 * len(sentences), stopped
