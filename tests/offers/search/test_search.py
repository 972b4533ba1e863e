"""What the search finds, held against a search that reads offer after offer (U1)."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from functools import partial
from math import asin, atan2, cos, degrees, radians, sin
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from offers.catalogue.models import Offer
from offers.enums import OfferState
from offers.reference.models import Commune
from offers.search import sql as search_sql
from offers.search.criteria import BY_NAME, MORE_FILTERS, Criteria, Sort
from offers.search.forms import BOXES, SHOWN
from offers.search.models import EverydayWord
from offers.search.page import count_choices, counted_filters
from offers.search.results import Search
from offers.search.sql import NEAR_KM, Sample
from tests.cases import each_case
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.offers.helpers.search_oracle import (
    COLUMNS,
    EVERYDAY,
    PLACES,
    STORED,
    WORDS,
    Oracle,
    fold,
    make_market,
)

pytestmark = pytest.mark.django_db


def examples(count: int) -> hypothesis_settings:
    """So many, the same at each run; no example writes, so all share one market."""
    return hypothesis_settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


def some(values: list[str]) -> st.SearchStrategy[str]:
    """One to three of these values, separated by commas."""
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True).map(
        ",".join
    )


def spelled(word: str) -> st.SearchStrategy[str]:
    return st.sampled_from([word, fold(word), word.upper()])


PARAMETERS: dict[str, st.SearchStrategy[str]] = {
    "q": st.lists(st.sampled_from(WORDS).flatmap(spelled), min_size=1, max_size=2).map(
        " ".join
    ),
    "lieu": some(PLACES),
    "rayon": st.sampled_from(["0", "1", "5", "20", "31", "50", "100", "600"]),
    "mots": st.sampled_from(["exacts", "lus"]),
    "rome": some(["F1703", "J1501", "G1602"]),
    "contrat": some(["CDI", "CDD", "MIS", "SAI"]),
    "nature": some(["E1", "E2", "FT"]),
    "experience": some(["D", "S", "E"]),
    "temps": some(["plein", "partiel"]),
    "publiee": some(["oui", "non"]),
    "mode": some(["sans", "deleguee", "preselection"]),
    "th": st.just("oui"),
    "depuis": st.sampled_from(["1", "3", "7", "14", "31"]),
    "appellation": some([fold(word) for word in WORDS[:8]]),
    "competence": some(["101846", "300425", "999"]),
    "secteur": some(["43", "78", "01"]),
    "salaire": st.sampled_from(["1", "1499", "1500", "1501", "2400", "2401"]),
    **{
        each.name: some([option.value for option in each.options])
        for each in MORE_FILTERS
    },
    "tri": st.sampled_from(["pertinence", "date", "distance"]),
}
# A few at once: with all of them no offer would be left to tell two searches apart.
QUERIES = (
    st.lists(st.sampled_from(list(PARAMETERS)), max_size=5, unique=True)
    .flatmap(lambda names: st.fixed_dictionaries({n: PARAMETERS[n] for n in names}))
    .map(lambda asked: urlencode(asked, safe=","))
)


@pytest.fixture
def oracle() -> Oracle:
    EverydayWord.objects.all().delete()
    for word in EVERYDAY:
        EverydayWord.objects.create(words=word, trades=["F1703"])
    return Oracle(make_market(150))


def search(query: str) -> Search:
    return Search(Criteria.from_query(QueryDict(query)))


def references(found: Search) -> list[str]:
    """All pages, one after the other."""
    last = found.page().paginator.num_pages
    pages = (
        Search(found.criteria.with_page(number)).page() for number in range(1, last + 1)
    )
    return [hit.offer.pk for page in pages for hit in page]


# --- The same as reading every offer -----------------------------------------------

# The ways to an answer: all matches counted and sorted; too many to count, but sorted
# all the same; a walk along the dates once a sample proves far too many; and, where a
# walk does not go far, by index.
WAYS = {
    "counted": (10_000, 20_000),
    "sorted": (24, 20_000),
    "walked": (24, 20_000),
    "by index": (24, 0),
}
# All of the small market, as if it were half of it: it proves what is past the cap.
LARGE_SAMPLE = Sample(tuple(f"sample={n:x}" for n in range(16)), 2)


@pytest.fixture(params=WAYS)
def way(request, settings, monkeypatch) -> str:
    """One of the ways, on small data: the figures of the settings are lowered."""
    settings.SEARCH_COUNT_CAP, settings.SEARCH_WALK = WAYS[request.param]
    settings.SEARCH_PAGE_SIZE = 9
    if request.param in {"walked", "by index"}:
        monkeypatch.setattr(search_sql, "SAMPLE", LARGE_SAMPLE)
    return request.param


@examples(300)
@given(query=QUERIES)
def test_every_search_finds_what_reading_all_offers_finds(oracle, query):
    """U1."""
    expected = {offer.pk for offer in oracle.matches(query)}
    found = search(query)

    assert {row.pk for row in found.matches()} == expected
    assert (found.count, found.is_capped) == (len(expected), False)


CODES = ["appellation", "competence", "secteur", "salaire"]


@each_case("name", [*(each.name for each in MORE_FILTERS), *CODES])
def test_each_filter_alone_finds_its_offers(oracle, name):
    """U1: several values of one filter are ORed; what an offer does not say is out."""
    active = {offer.pk for offer in oracle.market if offer.state == OfferState.ACTIVE}
    values = {
        "appellation": [fold(word) for word in WORDS],
        "competence": ["101846", "300425"],
        "secteur": ["43", "78"],
        "salaire": ["1500"],
    }.get(name) or [option.value for option in BY_NAME[name].options]
    together = references(search(f"{name}={','.join(values)}"))
    alone = [references(search(f"{name}={value}")) for value in values]

    for value, found in zip(values, alone, strict=True):
        assert set(found) == {o.pk for o in oracle.matches(f"{name}={value}")}
    assert set().union(*alone) == set(together)
    assert set() < set(together) <= active


@examples(50)
@given(query=QUERIES)
def test_every_way_lists_the_same_offers_in_the_same_order(oracle, way, query):
    """U1: nothing is lost or seen twice, whatever the plan."""
    check_order(oracle, query)


@each_case("word", [*EVERYDAY, "soudeur", "béton"])
def test_every_way_lists_words_and_their_trade_in_the_same_order(oracle, way, word):
    for trades in ("F1703", "F1703,J1501,G1602"):
        check_order(oracle, f"q={word}&rome={trades}&mots=lus")


def check_order(oracle: Oracle, query: str) -> None:
    found = search(query)
    key = partial(key_of, found, oracle)
    expected = sorted(oracle.matches(query), key=key)

    most = settings.SEARCH_COUNT_CAP
    offers = {offer.pk: offer for offer in expected}
    listed = [offers[pk] for pk in references(found)]
    assert list(map(key, listed)) == list(map(key, expected[:most]))
    assert len({offer.pk for offer in listed}) == len(listed)
    assert found.count == min(len(expected), most)
    assert found.is_capped == (len(expected) > most)


def key_of(found: Search, oracle: Oracle, offer: Offer) -> tuple:
    """Where an offer stands. Of relevance: title, trade, names, then all texts.

    A short list has the nearest of a tier first, and the last tier by rank.
    """
    by_date = (-offer.created_at.timestamp(), offer.pk)
    if found.sort == Sort.DISTANCE:
        distance = oracle.distance(offer, found.criteria.places)
        return (distance is None, distance or 0, *by_date)
    if found.sort == Sort.RELEVANCE:
        criteria = found.criteria
        trades = criteria.trades if criteria.adds_trades else ()
        tier = oracle.tier(offer, criteria.words, trades)
        if found.is_capped:
            return (tier, *by_date)
        far = oracle.distance(offer, criteria.places) if found.centres else None
        # PostgreSQL sorts « unknown » last.
        band = 2 if found.centres and far is None else (far or 0) > NEAR_KM
        return (tier, band) if tier == 4 else (tier, band, *by_date)
    return by_date


@examples(30)
@given(query=QUERIES)
def test_each_choice_counts_what_it_would_leave(oracle, way, query):
    """Exactly, up to the cap."""
    found = search(query)
    truth = counts_by_reading(oracle, found)
    most = settings.SEARCH_COUNT_CAP

    for group in count_choices(found, counted_filters(found.criteria)):
        for choice in group.choices:
            expected = truth.get((group.name, choice.option.value), 0)
            assert choice.count == min(expected, most + 1)
            assert choice.is_capped == (expected > most)
            assert not (choice.is_idle and expected)


def counts_by_reading(oracle: Oracle, found: Search) -> dict[tuple[str, str], int]:
    """(filter, choice) → offers that the other filters leave and that bear it."""
    asked = found.criteria.parameters()
    counts: Counter[tuple[str, str]] = Counter()
    for name, column in COLUMNS.items():
        others = {key: value for key, value in asked.items() if key != name}
        for offer in oracle.matches(urlencode(others, safe=",")):
            stored = getattr(offer, column)
            value = {v: k for k, v in STORED.get(name, {}).items()}.get(stored, stored)
            counts[name, value] += 1
    return counts


@examples(60)
@given(query=QUERIES)
def test_a_search_survives_its_own_address(oracle, query):
    criteria = Criteria.from_query(QueryDict(query))

    again = Criteria.from_text(criteria.query_string)

    assert again == criteria
    assert again.query_string == criteria.query_string


def test_pages_are_disjoint_and_complete(as_adviser):
    """Every offer of one same instant: only the reference tells them apart."""
    now = timezone.now() - dt.timedelta(hours=1)
    made = {OfferFactory(created_at=now).pk for _ in range(45)}

    pages = [shown(as_adviser.get("/offres/", {"page": n})) for n in (1, 2, 3)]

    assert [len(page) for page in pages] == [20, 20, 5]
    assert set().union(*pages) == made
    assert sum(map(len, pages)) == len(made)


def shown(response) -> list[str]:
    """The offers that a page of results lists, in order."""
    return [hit.offer.pk for hit in response.context["page"]]


# --- Words -------------------------------------------------------------------------


@each_case(
    ("text", "words"),
    [
        ("Maçons (H/F)", "macon"),
        ("Maçons (H/F)", "maçon"),
        ("MACON", "Maçons"),
        ("Aide-soignant de nuit", "aide soignant"),
        ("Aide soignant de nuit", "aide-soignant"),
        ("Serveur/Serveuse", "serveuse"),
        ("Chef d’équipe", "chef d'équipe"),
        ("Équipe dynamique.Vous montez des murs", "vous montez des murs dynamiques"),
        ("Titulaire d’un bac+2", "bac 2"),
        ("Aide domicile", "aide à domicile (H/F)"),
        ("Œuvre et cœur", "oeuvre coeur"),
        ("3ème étage", "3eme"),
        ("Développeur C#/SQL", "c#"),
        ("Développeuse C/C++", "C++"),
        ("Programmation en C, Linux", "c programmation"),
        ("Développeur ASP.NET", ".net"),
        ("Bases de IIS,.NET", ".Net"),
        ("Statistiques (R, Python)", "r"),
        ("Ingénieur R&D", "r & d"),
        ("Permis C exigé", "permis C"),
        ("Titulaire du permis D", "permis d"),
        ("Chef d’équipe", "chef d equipe"),
    ],
)
def test_words_are_found_however_they_are_written(text, words):
    OfferFactory(title="Autre", appellation="", rome_label="", description="rien")
    offer = OfferFactory(
        title="Autre", appellation="", rome_label="", description=text, company=""
    )

    assert references(search(urlencode({"q": words}))) == [offer.pk]


@pytest.mark.parametrize(
    "column",
    ["title", "rome_label", "appellation", "company", "skills_text", "description"],
)
def test_every_text_of_an_offer_is_searched(column):
    OfferFactory()
    offer = OfferFactory(**{column: "Zingueur"})

    assert references(search("q=zingueurs")) == [offer.pk]


def test_all_words_are_wanted():
    both = OfferFactory(title="Soudeur", description="Travail sur une grue")
    OfferFactory(title="Soudeur", description="rien")
    OfferFactory(title="Conducteur de grue", description="rien")

    assert references(search("q=grue+soudeur")) == [both.pk]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("C’est à vous de jouer, c'est simple", "c#"),
        ("C’est à vous de jouer, c'est simple", "c"),
        ("Développeur C", "c#"),
        ("Développeur C#", "c++"),
        ("Salaire net, www.emploi.net", ".net"),
        ("Permis d’exploitation", "permis d"),
        ("Permis B", "permis c"),
        ("Ingénieur R&D", "r"),
    ],
)
def test_a_letter_or_a_sign_of_a_trade_is_no_other_one(text, words):
    OfferFactory(title="Autre", appellation="", rome_label="", description=text)

    assert references(search(urlencode({"q": words}))) == []


def test_words_too_common_are_left_out_and_the_page_says_so(as_adviser):
    offer = OfferFactory()

    response = as_adviser.get("/offres/", {"q": "de la"})

    assert shown(response) == [offer.pk]
    assert "ne nomme ni métier, ni lieu" in response.content.decode()


def test_a_title_comes_before_a_text_that_says_the_word_often():
    often = OfferFactory(
        title="Chef de chantier",
        appellation="",
        rome_label="",
        description="maçon " * 80,
    )
    titled = OfferFactory(created_at=often.created_at - dt.timedelta(days=20))

    assert references(search("q=macon")) == [titled.pk, often.pk]


def test_a_number_typed_as_words_shows_its_offer_first(as_adviser):
    offer = OfferFactory(reference="188VMCV")
    OfferFactory(description="voir aussi l’offre 188VMCV")

    response = as_adviser.get("/offres/", {"q": "188vmcv"})

    assert response.context["screen"].direct_hit == offer
    assert response.context["screen"].count == 1


# --- Places ------------------------------------------------------------------------


@pytest.mark.parametrize("radius", [1, 10, 50, 51, 100, 900])
def test_a_radius_ends_where_it_says_on_every_side(radius):
    """The prefilters by index and by box cost no offer, and bring none."""
    centre = Commune.objects.get(code="38193")
    inside, outside = (
        {
            OfferFactory(latitude=latitude, longitude=longitude).pk
            for latitude, longitude in ring(centre, radius * share)
        }
        for share in (0.9999, 1.0001)
    )

    found = references(search(f"lieu=38193&rayon={radius}"))

    assert set(found) == inside
    assert not outside & inside


def ring(centre: Commune, distance: float) -> Iterator[tuple[float, float]]:
    """Points at that many kilometres of a commune, all around it."""
    latitude, longitude = radians(centre.latitude), radians(centre.longitude)
    angle = distance / 6371
    for bearing in map(radians, range(0, 360, 15)):
        there = asin(
            sin(latitude) * cos(angle) + cos(latitude) * sin(angle) * cos(bearing)
        )
        across = atan2(
            sin(bearing) * sin(angle) * cos(latitude),
            cos(angle) - sin(latitude) * sin(there),
        )
        yield degrees(there), degrees(longitude + across)


def test_a_city_covers_its_arrondissements():
    inside = OfferFactory(commune_code="75113", department="75")
    city = OfferFactory(commune_code="75056", department="75")
    OfferFactory(commune_code="92012", department="92")

    found = references(search("lieu=75056&rayon=0"))

    assert set(found) == {inside.pk, city.pk}


def test_an_offer_without_a_point_is_found_by_words_and_department():
    """Item 7 of the issue: unknown communes are still found by keyword."""
    offer = OfferFactory(
        commune_code="", latitude=None, longitude=None, place_source="aucun"
    )

    assert references(search("q=macon")) == [offer.pk]
    assert references(search("lieu=38")) == [offer.pk]
    assert references(search("lieu=38193&rayon=600")) == []


def test_the_code_of_a_merged_commune_gives_the_one_that_took_over(as_adviser):
    """01033 was Bellegarde-sur-Valserine, now Valserhône."""
    offer = OfferFactory(commune_code="01033", latitude=46.1, longitude=5.82)

    response = as_adviser.get("/offres/", {"lieu": "01205", "rayon": "0"})

    assert [str(area) for area in response.context["screen"].search.areas] == [
        "Valserhône (01)"
    ]
    assert shown(response) == [offer.pk]


def test_distance_is_on_the_row(as_adviser):
    OfferFactory(latitude=45.5, longitude=5.2274)

    (hit,) = as_adviser.get("/offres/?lieu=38193&rayon=50").context["page"]

    assert round(hit.distance_km) == 14


# --- Withdrawn ---------------------------------------------------------------------


def test_a_withdrawn_offer_is_in_no_list_count_or_facet(as_adviser):
    """R1, art. 3.1."""
    offer = OfferFactory(title="Zingueur")
    assert shown(as_adviser.get("/offres/?q=zingueur")) == [offer.pk]

    withdraw(offer)

    for query in ("lieu=", "q=zingueur", f"q={offer.pk}", "lieu=38193", "rome=F1703"):
        response = as_adviser.get(f"/offres/?{query}")
        screen = response.context["screen"]
        assert (screen.count, shown(response), screen.direct_hit) == (0, [], None)
        counted = as_adviser.get(f"/offres/filtres/?{query}").context["counted"]
        assert not any(choice.count for group in counted for choice in group.choices)
        assert "Zingueur" not in response.content.decode()


def test_an_offer_withdrawn_between_two_queries_is_left_out(as_adviser):
    """R1: the rows are found, then the offers read; the second look decides."""
    offer, kept = OfferFactory(), OfferFactory()

    def withdraw_once_found(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if "ORDER BY" in sql and "offers_offersearch" in sql and offer.is_active:
            offer.state = OfferState.SUSPENDED
            withdraw(offer)
        return result

    with connection.execute_wrapper(withdraw_once_found):
        response = as_adviser.get("/offres/?lieu=")

    assert offer.state == OfferState.SUSPENDED
    assert shown(response) == [kept.pk]


# --- Odd addresses -----------------------------------------------------------------


@examples(150)
@given(
    query=st.dictionaries(
        st.sampled_from(
            ["q", "lieu", "rayon", "rome", "contrat", "nature", "experience", "temps"]
            + ["depuis", "publiee", "mode", "th", "tri", "page"]
            + ["ou", "avant", "reste", "mots", "dit", "zz"]
            + ["appellation", "competence", "secteur", "salaire", "savoir", "activite"]
            + [each.name for each in MORE_FILTERS]
        ),
        st.one_of(
            st.text(max_size=30),
            st.sampled_from(
                ["-1", "1e9", "99999999999", "٣", "²", "'", '"', "\\", "%"]
            ),
            st.sampled_from(
                ["38193,", ",", "r", "r99", "2C", "\x00", "a\x00b", "--", "*"]
            ),
        ),
        max_size=6,
    )
)
def test_odd_parameters_never_break_the_page(as_adviser, query):
    """S35."""
    response = as_adviser.get("/offres/", query or {"lieu": ""})

    assert response.status_code in {200, 302, 400}
    redirecting = {*(box.name for box in BOXES), SHOWN, "mots"}
    if not redirecting & set(query) and "\0" not in "".join(query.values()):
        assert response.status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        *("contrat=XYZ", "lieu=99999", "rayon=abc", "tri=nom"),
        *(f"salaire={odd}" for odd in ("beaucoup", "-5", "1e3", "٣", "123456")),
    ],
)
def test_a_criterion_not_understood_is_told_and_left_out(as_adviser, query):
    """S35."""
    offer = OfferFactory()

    response = as_adviser.get(f"/offres/?{query}")

    assert shown(response) == [offer.pk]
    assert query.replace("=", " = ") in response.content.decode()


@pytest.mark.parametrize(("page", "number"), [("0", 1), ("x", 1), ("99", 2), ("2", 2)])
def test_an_odd_page_number_leads_to_the_nearest_page(as_adviser, page, number):
    OfferFactory.create_batch(21)

    assert as_adviser.get(f"/offres/?page={page}").context["page"].number == number


# --- The page ----------------------------------------------------------------------


@each_case("text", ["0 offre", "1\xa0offre", "2\xa0offres"])
def test_the_count_stands_in_its_element(as_adviser, text):
    OfferFactory.create_batch(int(text[0]))

    page = as_adviser.get("/offres/?lieu=").text

    assert f'data-count="{text[0]}">{text}</h2>' in page


def test_a_row_says_what_one_decides_by(as_adviser):
    OfferFactory(reference="188VMCV", few_candidates=True, unpublished=True)

    page = as_adviser.get("/offres/?lieu=38193").content.decode()

    for text in (
        "188VMCV",
        ">L’Isle-d’Abeau<",
        ">&lt;\xa01\xa0km<",
        "2\u202f050 à 2\u202f300\xa0€</strong>/mois",
        "il y a 2\xa0j",
        "Non publiée ailleurs",
        "Peu de candidats",
        "Proposer",
    ):
        assert text in page


def test_a_choice_without_offers_stays_greyed(as_adviser):
    OfferFactory(contract="CDI")

    page = as_adviser.get("/offres/filtres/?lieu=").content.decode()

    assert (
        'id="contrat-CDD" name="contrat" value="CDD" form="recherche" disabled' in page
    )
    assert 'id="contrat-CDI" name="contrat" value="CDI" form="recherche">' in page


def test_the_orders_offered_are_those_that_mean_something(as_adviser):
    OfferFactory()

    def labels(query: str) -> list[str]:
        screen = as_adviser.get(f"/offres/?{query}").context["screen"]
        return [f"{label}{'*' * is_current}" for label, _, is_current in screen.sorts]

    assert labels("lieu=") == ["Date*"]
    assert labels("q=macon") == ["Pertinence*", "Date"]
    assert labels("q=macon&lieu=38193&tri=distance") == [
        "Pertinence",
        "Date",
        "Distance*",
    ]
    assert labels("lieu=38&tri=distance") == ["Date*"]


def test_ticking_a_filter_pushes_the_address_without_empty_boxes(as_adviser):
    OfferFactory()

    ticked = as_adviser.get(
        "/offres/?q=&lieu=&rayon=10&contrat=CDI&contrat=CDD&depuis=",
        headers={"HX-Request": "true"},
    )
    back = as_adviser.get(
        "/offres/?contrat=CDI",
        headers={"HX-Request": "true", "HX-History-Restore-Request": "true"},
    )

    assert ticked["HX-Push-Url"] == "/offres/?contrat=CDI,CDD"
    assert "HX-Push-Url" not in back


@pytest.mark.parametrize("query", ["lieu=", "q=macon&lieu=38193&rayon=30&rome=F1703"])
def test_queries_do_not_grow_with_the_list(as_adviser, query):
    """P8: at most 12 queries on a list of 20."""
    as_adviser.get(f"/offres/?{query}")  # A new connection asks for its types once.
    counts = []
    for size in (1, 2, 17):
        OfferFactory.create_batch(size)
        counts.append(queries_of(as_adviser, f"/offres/?{query}"))

    assert counts[0] == counts[1] == counts[2] <= 12


def queries_of(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def test_the_search_is_never_written_to_a_log(as_adviser, caplog):
    """S41: what an adviser looks for may tell of somebody."""
    OfferFactory()
    caplog.set_level("DEBUG")

    as_adviser.get("/offres/", {"q": "canari", "ou": "canari"})
    as_adviser.get("/offres/", {"q": "canari"})

    assert "canari" not in caplog.text
