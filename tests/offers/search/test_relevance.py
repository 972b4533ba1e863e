"""The everyday queries of P9, judged by hand, and the bench that reads them."""

import json
from collections import Counter

import pytest

from demo.synthetic import make_offers
from offers.reference.models import Rome
from offers.reference.places import french_gazetteer
from opus.lib.french import unaccented
from opus.lib.french_regions import departments
from tests.benches import relevance
from tests.benches.relevance import Found, Judges, mark, read_jobs, read_queries
from tests.conftest import sign_in
from tests.offers.helpers.files import run_import

KINDS = {
    "job", "feminine", "abbreviation", "old name", "typing error", "town", "department",
    "contract", "working time", "filler", "licence", "skill", "place alone", "number",
    "nonsense",
}  # fmt: skip
NEEDS = {"CDI", "CDD", "MIS", "SAI", "LIB", "alternance", "plein", "partiel", "nuit"}


def test_the_queries_are_many_of_all_kinds_and_none_stands_twice():
    queries = read_queries()
    kinds = Counter(query.kind for query in queries)

    assert len(queries) >= 400
    assert set(kinds) == KINDS
    assert min(kinds.values()) >= 10
    words = Counter(unaccented(query.words) for query in queries)
    assert [each for each, times in words.items() if times > 1] == []


@pytest.mark.django_db
def test_what_judges_name_exists():
    queries, jobs = read_queries(), read_jobs()
    named = {query.job for query in queries if query.job.strip("=") == query.job}
    codes = set().union(*(job.right | job.near for job in jobs.values()))
    places = {query.place for query in queries} - {""}

    assert named - {""} == set(jobs)
    assert codes - {"*"} <= set(Rome.objects.values_list("code", flat=True))
    assert all(job.right or job.title for job in jobs.values())
    assert all(
        code in departments() or french_gazetteer().commune(code) for code in places
    )
    assert {need for q in queries for need in q.needs} <= NEEDS | {"debutant"}
    assert all(bool(query.job) == (query.kind != "nonsense") for query in queries)


@pytest.mark.thorough
@pytest.mark.django_db
def test_the_bench_marks_the_product_and_judges_as_written(client, adviser, tmp_path):
    """P9."""
    path = tmp_path / "offres.jsonl"
    path.write_text("\n".join(json.dumps(offer) for offer in make_offers(200, seed=4)))
    run_import(str(path))
    judges = Judges()
    queries = read_queries()
    some = [query for query in queries if judges.jobs.keys() & {query.job}][::40]
    some += [query for query in queries if query.kind == "nonsense"][::15]

    answers = {query.words: judges.grades(query) for query in some if query.job}
    by_grade = {
        words: Found(len(grades), sorted(grades, key=lambda pk: -grades[pk]))
        for words, grades in answers.items()
    }
    ideal = mark(some, judges, lambda words: by_grade.get(words, Found(9, [])))[""]
    empty = mark(some, judges, lambda words: Found(0, []))[""]
    product = mark(some, judges, relevance.search_as_adviser(sign_in(client, adviser)))

    assert ideal.queries == empty.queries == empty.nothing == empty.none_right > 2
    assert (ideal.ndcg, ideal.nothing, ideal.none_right) == (ideal.queries, 0, 0)
    assert (ideal.answered, empty.answered) == (ideal.nonsense, 0)
    assert 0 < product[""].ndcg <= ideal.ndcg
    assert product["nonsense"].nonsense == 2
