"""Which way PostgreSQL takes to an answer, and how many pages it reads (P1, R22).

Counts and plans, never clock times: a few thousand offers tell them as well.
"""

import json
import re
from collections.abc import Iterator
from itertools import product

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from offers.catalogue.models import OfferSearch
from offers.catalogue.writes import writing_offers
from offers.search import sql as search_sql
from offers.search.conditions import TAGGED, Words, read, tags
from offers.search.criteria import Criteria
from offers.search.map import SearchMap
from offers.search.models import JobName
from offers.search.results import Search
from offers.search.sql import Sample
from offers.search.words import FIND_NAMES
from tests.cases import each_case
from tests.tables import analyze, as_owner

pytestmark = pytest.mark.django_db

OFFERS = 6_000
SMALL, SIXTEENTH = search_sql.SAMPLE, Sample(("sample=7",), 16)
EMPTY = "TRUNCATE offers_offer, offers_offersearch CASCADE"
FILL = """
INSERT INTO offers_offer (
    reference, state, state_at, title, description, created_at, updated_at, rome_code,
    rome_label, appellation, company, contract, contract_label, nature, nature_label,
    experience, experience_label, hours_label, full_time, salary_label, place_label,
    commune_code, postcode, department, region, latitude, longitude, place_source,
    published, preselection, delegated, mode_declared, agency_safir, details,
    skills_text, content_hash
)
SELECT 'P' || n, 'active', now(),
    CASE WHEN n %% 10 = 0 THEN 'Soudeur' WHEN n %% 1000 = 1 THEN 'Zingueur'
         ELSE 'Cariste' END,
    CASE WHEN n %% 5 < 3 THEN 'Travail en équipe. ' ELSE '' END || repeat('Texte ', 9),
    now() - n * interval '10 minutes', now(), 'F' || 1000 + n %% 50, '', '', '',
    CASE WHEN n %% 500 = 3 THEN 'FRA' WHEN n %% 2 = 0 THEN 'CDI' ELSE 'CDD' END,
    '', 'E1', '', 'D', '', '', true, '', '', '', '',
    (n %% 90)::text, '84', 43 + (n %% 79) / 10.0, 1 + (n %% 53) / 10.0, 'fourni',
    true, false, false, false, '', '{}', '', decode(md5(n::text), 'hex')
FROM generate_series(1, %s) AS n
"""


@pytest.fixture(scope="module")
def filled(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Offers enough for an index to be worth its while, made once.

    Rows that other tests rolled back, and the list of what the index of words has yet
    to take in, raise what PostgreSQL reckons its plan costs: both go.
    """
    with django_db_blocker.unblock():
        run_as_owner(EMPTY)
        with connection.cursor() as cursor, writing_offers():
            cursor.execute(FILL, [OFFERS])
        run_as_owner(
            "SELECT gin_clean_pending_list('search_words_tags')",
            "ANALYZE offers_offer, offers_offersearch",
        )
        connection.close()
        yield
        run_as_owner(EMPTY)
        connection.close()


def run_as_owner(*statements: str) -> None:
    with as_owner(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def market(filled, db, settings, monkeypatch) -> None:
    """Few of them are counted, and their sample is larger."""
    monkeypatch.setattr(search_sql, "SAMPLE", SIXTEENTH)
    settings.SEARCH_COUNT_CAP = 300
    settings.SEARCH_WALK = 1_000
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '2min'")


class Plan:
    """What EXPLAIN (ANALYZE, BUFFERS) tells of all statements of one search."""

    def __init__(self, query: str, *, is_map: bool = False) -> None:
        statements: list[tuple] = []

        def keep(execute, sql, params, many, context):
            statements.append((sql, params))
            return execute(sql, params, many, context)

        search = Search(Criteria.from_query(QueryDict(query)))
        with connection.execute_wrapper(keep):
            if is_map:
                SearchMap(search)
            else:
                self.page = search.page()
        self.search = search
        self.nodes = [
            node
            for sql, params in statements
            if "offers_offersearch" in sql
            for node in walk(explain(sql, params))
        ]

    @property
    def indexes(self) -> set[str]:
        names = {node.get("Index Name", "") for node in self.nodes}
        return {name for name in names if not name.startswith(("pg_", "offers_"))} - {
            ""
        }

    @property
    def read_whole(self) -> bool:
        """Whether the table was read from end to end."""
        return any(
            node["Node Type"] == "Seq Scan"
            and node.get("Relation Name") == "offers_offersearch"
            and node["Actual Rows"] + node.get("Rows Removed by Filter", 0) >= OFFERS
            for node in self.nodes
        )

    @property
    def looked_at(self) -> int:
        """Rows of the table that were looked at, those found wanting too."""
        return sum(
            node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            for node in self.nodes
            if node.get("Relation Name") == "offers_offersearch"
        )

    @property
    def buffers(self) -> int:
        """Pages that the statements touched."""
        roots = [node for node in self.nodes if node.get("is root")]
        return sum(n["Shared Hit Blocks"] + n["Shared Read Blocks"] for n in roots)


def explain(sql: str, params: list) -> dict:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
        told = cursor.fetchone()[0]
    root = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return root | {"is root": True}


def walk(node: dict) -> Iterator[dict]:
    yield node
    for child in node.get("Plans", ()):
        yield from walk(child)


@pytest.mark.parametrize(
    "query", ["q=licorne", "q=licorne&tri=date", "q=licorne+équipe"]
)
def test_a_word_that_no_offer_has_costs_nothing(market, query):
    """The plain way walks the whole list of dates: 11 s on a million."""
    plan = Plan(query)

    assert plan.search.count == 0
    assert plan.indexes == {"search_words_tags"}
    # The pending list of the index, at most, and no row.
    assert plan.buffers < 300
    assert plan.looked_at == 0


def test_a_rare_word_is_found_by_the_index_of_words(market):
    plan = Plan("q=zingueur")

    assert (plan.search.count, plan.search.is_capped) == (6, False)
    assert plan.indexes == {"search_words_tags"}
    # Six, and those of them that a sample holds besides.
    assert 6 <= plan.looked_at <= 9


@pytest.mark.parametrize(
    "query",
    [
        "lieu=38", "rome=F1007", "contrat=FRA", "q=soudeur&lieu=38",
        "q=équipe&rome=F1007&mots=exacts", "q=zingueur&rome=F1007",
        "lieu=38185&rayon=10", "lieu=38185&rayon=100&q=zingueur",
        "contrat=FRA&q=équipe",
    ],
)  # fmt: skip
def test_conditions_meet_inside_the_index(market, query):
    plan = Plan(query)

    assert not plan.search.is_capped
    assert "search_words_tags" in plan.indexes
    assert not plan.read_whole
    assert plan.looked_at < 1_000


@pytest.mark.parametrize(
    "query", ["lieu=38185&rayon=20", "lieu=38,69", "lieu=38185&rayon=100&q=zingueur"]
)
def test_a_map_looks_at_the_offers_of_its_place_alone(market, query):
    plan = Plan(query, is_map=True)

    assert plan.indexes == {"search_words_tags"}
    assert not plan.read_whole
    assert plan.looked_at < 1_000


@pytest.mark.parametrize("query", ["", "contrat=CDI", "depuis=14", "page=9"])
def test_what_is_common_is_met_along_the_dates_without_the_table(market, query):
    plan = Plan(query)

    assert plan.search.is_capped
    # But for a sample of it.
    assert {"search_newest"} <= plan.indexes <= {"search_newest", "search_words_tags"}
    assert plan.looked_at < OFFERS / 5
    assert not plan.read_whole


# --- Lots -----------------------------------------------------------------------------


@each_case("query", ["", "q=équipe", "q=cariste", "contrat=CDI&q=équipe"])
def test_a_sample_tells_what_is_beyond_the_cap(market, query):
    plan = Plan(query)

    assert (plan.search.count, plan.search.is_capped) == (300, True)
    assert not plan.search.found.are_few
    assert not plan.read_whole


def test_the_sample_is_as_large_as_it_says(market):
    for sample in (SIXTEENTH, SMALL):
        found = OfferSearch.objects.filter(tags(sample.tags)).count()
        share = OFFERS / sample.one_in
        assert abs(found - share) < 5 * share**0.5


@pytest.mark.parametrize(
    ("query", "column"),
    [
        ("lieu=r84", "region"),
        ("lieu=38", "department"),
        ("lieu=38185&rayon=0", "commune_code"),
    ],
)
def test_a_place_without_a_radius_is_told_by_its_sign_alone(query, column):
    """Told by its column too, it was looked for by a second index: 20 ms of a million
    offers for each sample of a region.
    """
    [condition] = Search(Criteria.from_query(QueryDict(query))).conditions

    where = str(OfferSearch.objects.filter(condition.searched(is_led=True)).query)

    assert f'"{column}" =' not in where.partition("WHERE")[2]
    assert f'"{column}" IN' not in where.partition("WHERE")[2]
    assert not condition.covers


def test_a_circle_is_looked_at_row_by_row_beside_its_squares():
    query = QueryDict("lieu=38185&rayon=10")
    [condition] = Search(Criteria.from_query(query)).conditions

    assert condition.covers


def test_words_read_beforehand_find_what_unread_ones_do(market):
    texts = ["soudeur", "travail en équipe", "C++ l'offre", "zingueur \\ :* '"]
    ways = ["anywhere", "in_title", "in_names", "in_names_by_index"]
    for text, way in product(texts, ways):
        unread, done = (
            set(OfferSearch.objects.filter(getattr(words, way)).values_list("pk"))
            for words in (Words(text), Words(text).read())
        )
        assert unread == done, (text, way)
    assert Words("soudeur").read().reading == (
        "'soudeur'",
        "'soudeur':A",
        "'soudeur':AB",
        "soudeur",
    )
    assert Words("de la").read().say_nothing


def test_words_are_read_once_for_all_their_pages(django_assert_num_queries):
    read.cache_clear()
    with django_assert_num_queries(1):
        for page in (1, 2):
            query = QueryDict(f"q=soudeur&page={page}")
            assert Search(Criteria.from_query(query)).has_words


@pytest.mark.parametrize(
    ("query", "by_index_of_dates"),
    [("depuis=7", True), ("depuis=7&q=soudeur", False), ("depuis=7&lieu=38", False)],
)
def test_a_date_is_looked_for_by_its_index_only_where_nothing_else_leads(
    market, query, by_index_of_dates
):
    """Beside a word or a sign all offers of the week were put together first."""
    plan = Plan(query)

    assert ("search_newest" in plan.indexes) == by_index_of_dates
    assert plan.indexes <= {"search_newest", "search_words_tags"}
    assert "BitmapAnd" not in {node["Node Type"] for node in plan.nodes}
    where = str(Search(Criteria.from_query(QueryDict(query))).matches().query)
    assert ('"created_at" >=' in where) == by_index_of_dates


@pytest.mark.parametrize("cap", [600, 599])
def test_what_is_within_the_cap_is_counted_to_the_last(market, settings, cap):
    """Six hundred welders: whatever a sample holds of them, they are not too many."""
    settings.SEARCH_COUNT_CAP = cap

    plan = Plan("q=soudeur")

    assert (plan.search.count, plan.search.is_capped) == (cap, cap < 600)
    assert plan.search.found.are_few


def test_without_its_margin_a_sample_would_be_wrong(market, settings, monkeypatch):
    """Negative control: what the cap itself would put in a sample proves nothing."""
    monkeypatch.setattr(search_sql, "proof", lambda sample: 600 // sample.one_in)
    settings.SEARCH_COUNT_CAP = 600

    assert Plan("q=soudeur").search.is_capped


@pytest.mark.parametrize(
    "query", ["q=soudeur", "q=équipe", "q=équipe&tri=date", "q=équipe&page=15"]
)
def test_a_broad_word_stops_where_counting_stops(market, query):
    plan = Plan(query)

    assert plan.search.is_capped
    assert len(plan.page.object_list) == 20
    assert plan.looked_at < OFFERS
    assert not plan.read_whole


def test_a_list_of_a_trade_is_paged_along_its_own_dates(market):
    """P1: neither all its offers sorted nor all dates walked."""
    plan = Plan("q=soudeur&rome=F1000&mots=lus")

    assert plan.search.is_capped
    assert len(plan.page.object_list) == 20
    assert "search_rome" in plan.indexes
    # A sample, as many as are counted, and a page.
    assert plan.looked_at < 500


def test_names_of_jobs_are_found_by_their_index(db):
    """In another collation than the column's the whole table was read."""
    JobName.objects.bulk_create(
        JobName(key=f"nom{n}", rome_code="F1703", offers=1, share=1, is_label=False)
        for n in range(2_000)
    )
    analyze(JobName)
    nodes = walk(explain(FIND_NAMES, [["nom7"], 5]))

    assert "one_row_by_job_name_and_trade" in {one.get("Index Name") for one in nodes}


def test_the_tags_of_the_index_are_those_that_conditions_use(market):
    """A column that the function forgets would be asked for and never found."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('opus_tags'::regproc)")
        (text,) = cursor.fetchone()

    told = re.findall(r"\('(\w+)='::text \|\|", text)
    assert set(told) >= set(TAGGED) - {"latitude", "longitude", "offer_id"}
    assert "sample" in told


# --- Queries of a page ----------------------------------------------------------------

MIXES = [
    "",
    "contrat=CDI",
    "q=soudeur",
    "q=équipe",
    "q=équipe&page=15",
    "q=licorne&lieu=38185&rome=F1007&contrat=CDI",
    "q=équipe&lieu=r84&rome=F1007,F1008&contrat=CDI&mode=sans",
    "q=équipe&lieu=r84&contrat=CDI&page=12",
    "lieu=38185&rayon=100&tri=distance&contrat=CDI",
    "q=soudeur&lieu=38185,69123&rayon=100&tri=distance&temps=plein",
]


@each_case("query", MIXES, at_each_run=6)
@each_case("cap", [300, 10_000], at_each_run=1)
def test_no_mix_of_criteria_takes_more_than_twelve_queries(
    as_adviser, market, settings, query, cap
):
    """P8: whichever plan is taken."""
    settings.SEARCH_COUNT_CAP = cap
    as_adviser.get("/offres/?lieu=")  # A new connection asks for its types once.
    read.cache_clear()

    with CaptureQueriesContext(connection) as queries:
        assert as_adviser.get(f"/offres/?{query}&mots=lus").status_code == 200

    assert len(queries) <= 12
