"""Ids and articles that are cited have their entry in ``docs/``, and back."""

import re

from django.urls import resolve

from tests.cases import each_case
from tests.citations import ROOT, definitions, files, prose, read

REQUIREMENTS = "docs/requirements.md"
ID = re.compile(r"(?<!\w)[A-Z]\d{1,2}(?!\w)")
ROW = re.compile(r'^\| <a id="(\w+)"></a>(\w+) \|.*\| ([^|]+) \|$', re.MULTILINE)
TARGETS = {id_: target for target, id_, _ in ROW.findall(read(REQUIREMENTS))}
TESTS = {id_: tests for _, id_, tests in ROW.findall(read(REQUIREMENTS))}
WITHOUT_TEST = {id_ for id_, tests in TESTS.items() if tests == "none yet"}

AGREEMENT = "docs/agreement.md"
ARTICLE = re.compile(
    r"(?i)\b(?:arts?\.|articles?)\s+((?:\d+(?:\.\d)?(?:, | et | à | and | to )?)+)"
)
ANNEX = re.compile(r"(?i)\bannexes?\s+(\d)")
# Near an article of another text: the GDPR's, the law of 1978's.
ANOTHER_TEXT = re.compile(r"(?i)GDPR|RGPD|\bloi\b|\blaws?\b")


# They read and write articles of any agreement: the numbers are not citations.
OF_ANY_AGREEMENT = ("accounts/agreements/models/articles.py", "demo/model_text.txt")


def cited_in(*starts: str) -> set[str]:
    """Return the ids cited in files whose names start so, the rows aside."""
    names = {name for name in files() if name.startswith(starts)} - {REQUIREMENTS}
    return {id_ for name in names for id_ in ID.findall(prose(name))}


def test_each_id_cited_has_its_row_and_each_row_is_cited_or_without_test() -> None:
    assert cited_in("") | WITHOUT_TEST == set(TESTS)


def test_the_rows_without_a_test_are_those_that_no_test_and_no_bench_cites() -> None:
    assert set(TESTS) - cited_in("tests/") == WITHOUT_TEST


def test_each_row_is_a_link_target_named_like_its_id() -> None:
    assert {id_: id_.lower() for id_ in TARGETS} == TARGETS
    assert read(REQUIREMENTS).count("<a id=") == len(TARGETS)


@each_case("id_, tests", sorted(TESTS.items()))
def test_the_tests_of_a_row_exist_and_cite_its_id(id_: str, tests: str) -> None:
    """Each itself, or the docstring of its file."""
    named = re.findall(r"`([\w/.]+)(?:::([\w:]+))?`", tests)
    assert bool(named) == (id_ not in WITHOUT_TEST)

    for path, name in named:
        text = definitions(path)
        assert id_ in ID.findall(f"{text[name]} {text['']}"), (path, name)


def entries() -> dict[str, str]:
    """Return the digest's text of each article and annexe, by number."""
    parts = re.split(r'<a id="(art|annex)-([\d-]+)"></a>', read(AGREEMENT))[1:]
    return {
        number.replace("-", ".") if kind == "art" else f"annexe {number}": text
        for kind, number, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    }


def articles_cited() -> set[str]:
    """Return the articles and annexes that the project cites, other texts' aside."""
    known, found = entries(), set()
    for name in files():
        if name == AGREEMENT or "/migrations/" in name:
            continue
        if name.startswith(OF_ANY_AGREEMENT):
            continue
        text = prose(name) if name.startswith("tests/") else read(name)
        for cited in ARTICLE.finditer(text):
            near = text[max(0, cited.start() - 400) : cited.end() + 60]
            numbers = re.findall(r"\d+(?:\.\d)?", cited[1])
            is_another = ANOTHER_TEXT.search(near)
            found |= {n for n in numbers if n in known or not is_another}
        found |= {f"annexe {number}" for number in ANNEX.findall(text)}
    return found


def test_the_articles_cited_are_those_that_have_a_place_in_opus() -> None:
    placed = {number for number, text in entries().items() if "Place: " in text}
    # An article whose parts have a place is cited as a whole too.
    placed |= {number.split(".")[0] for number in placed} & set(entries())

    assert articles_cited() == placed


def test_each_place_of_the_agreement_exists() -> None:
    places = re.findall(r"`([^`]+)`", read(AGREEMENT))

    for place in places:
        if place.startswith("/"):
            resolve(place)
        else:
            assert (ROOT / place.partition("::")[0]).exists(), place


def test_each_measure_of_data_protection_names_its_test_and_ids_that_tests_cite() -> (
    None
):
    """V22: ``tests/test_links.py`` holds that the test exists."""
    page = read("docs/data-protection.md")
    rows = [row for row in page.splitlines() if re.fullmatch(r"\|([^|]+\|){3}", row)]
    measures = [row for row in rows if set(row) - set("|- ") and "held by" not in row]

    without = [row for row in measures if not re.search("`tests/[\\w/]+.py::", row)]
    assert without == []
    assert len(measures) >= 30
    assert set(ID.findall(page)) <= cited_in("tests/")
