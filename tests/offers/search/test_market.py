"""The search held against a naive filter on whole markets: invented, and the real one.

Their texts have what invented words of a test have not: stems, stop words, signs, lines
in capitals, places that moved (U1).
"""

from itertools import islice
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict

from demo.synthetic import make_offers
from offers.catalogue.models import Offer
from offers.enums import OfferState
from offers.reference.models import Commune
from offers.search.criteria import Criteria
from offers.search.results import Search
from offers.search.sql import cap
from tests.offers.helpers.files import REAL_FILES, real_offers, run_import
from tests.offers.helpers.search_oracle import Oracle, fold, needs_of

pytestmark = pytest.mark.django_db

REAL = REAL_FILES[0]
OFFERS = 1_500
QUERIES = 300
# What Unicode does not take apart, and PostgreSQL does.
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l"})
CHOICES = ("contract", "nature", "experience", "rome_code")
NAMES = {"contract": "contrat", "rome_code": "rome"}


class MarketOracle(Oracle):
    """The same reading, with French stems, each looked up once."""

    def __init__(self, market: list[Offer]) -> None:
        super().__init__(market)
        communes = {offer.commune_code for offer in market}
        self.communes = Commune.objects.exclude(latitude=None).in_bulk(communes)
        words = {offer.pk: words_of(texts_of(offer)) for offer in market}
        self.stems = stems_of(set().union(*words.values()))
        self.texts = {
            pk: {stem for word in told for stem in self.stems[word]}
            for pk, told in words.items()
        }

    def has_words(self, offer: Offer, words: str) -> bool:
        wanted = {stem for word in words_of(words) for stem in self.stems[word]}
        return wanted <= self.texts[offer.pk]

    def says(self, words: str) -> bool:
        return any(self.stems[word] for word in words_of(words))


def texts_of(offer: Offer) -> str:
    return " ".join(
        [
            offer.title, offer.appellation, offer.rome_label, offer.company,
            offer.skills_text, offer.description,
        ]
    )  # fmt: skip


def words_of(text: str) -> set[str]:
    return set(fold(text.lower().translate(LIGATURES)).split())


def stems_of(words: set[str]) -> dict[str, list[str]]:
    """By word, its French stem; none where it says nothing (« dans »)."""
    letters = sorted(word for word in words if word.isascii() and word.isalpha())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, ts_lexize('french_stem', word) FROM unnest(%s::text[]) word",
            [letters],
        )
        stems = dict(cursor.fetchall())
    return {word: stems.get(word, [word]) for word in words}


def load(source: str, write: Any) -> list[Offer]:
    """Some offers of a market, through the import; one in five of the real ones."""
    made = make_offers(OFFERS, seed=8)
    offers = real_offers(REAL, step=5) if source == "real" else made
    run_import(write(islice(offers, OFFERS)))
    market = list(Offer.objects.all())
    # Some are withdrawn since.
    gone = [offer.pk for offer in market[::40]]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL opus.sync = 'on'")
        Offer.objects.filter(pk__in=gone).update(state=OfferState.SUSPENDED)
        cursor.execute("SET LOCAL opus.sync = 'off'")
    return list(Offer.objects.order_by("pk"))


def make_query(draw: Random, oracle: MarketOracle) -> str:
    """What somebody may ask who has an offer of the market in mind, or two."""
    one, other = draw.sample(oracle.market, 2)
    asked: dict[str, str] = {}
    said = [w for w in words_of(f"{one.title} {one.description}") if len(w) > 3]
    said = sorted(w for w in said if w.isascii() and w.isalpha())
    if said and draw.random() < 0.7:
        asked["q"] = " ".join(draw.sample(said, min(len(said), draw.randint(1, 2))))
    places = [p for p in (one.department, f"r{one.region}") if p not in ("", "r")]
    if one.commune_code in oracle.communes:
        places.append(one.commune_code)
        asked["rayon"] = draw.choice(["0", "5", "30", "100"])
    if places and draw.random() < 0.5:
        asked["lieu"] = draw.choice(places)
    for column in draw.sample(CHOICES, draw.randint(0, 2)):
        values = {getattr(one, column), getattr(other, column)} - {""}
        if values:
            asked[NAMES.get(column, column)] = ",".join(sorted(values))
    needs = {name: told for name, told in needs_of(one).items() if told}
    if needs and draw.random() < 0.3:
        name = draw.choice(sorted(needs))
        asked[name] = min(needs[name])
    if "lieu" not in asked:
        asked.pop("rayon", None)
    return urlencode(asked, safe=",")


@pytest.mark.thorough
@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "market",
    [
        "synthetic",
        pytest.param(
            "real",
            marks=[
                pytest.mark.skipif(not REAL.exists(), reason="no real offers here"),
                pytest.mark.thorough,
            ],
        ),
    ],
)
def test_every_search_of_a_market_finds_what_reading_it_finds(market, write_file):
    oracle = MarketOracle(load(market, write_file))
    draw = Random(11)
    found_some = 0

    for _ in range(QUERIES):
        query = make_query(draw, oracle)
        expected = {offer.pk for offer in oracle.matches(query)}
        found = Search(Criteria.from_query(QueryDict(query)))
        told = set(found.matches().values_list("pk", flat=True))

        assert told == expected, query
        counted = min(len(expected), cap())
        is_capped = len(expected) > cap()
        assert (found.count, found.is_capped) == (counted, is_capped), query
        found_some += bool(expected)

    # Most ask for something that is there, some for what is not.
    assert QUERIES / 2 < found_some < QUERIES
