"""Each sentence of the agreement has its screen and its test, in one table."""

import re

from tests.citations import definitions, read
from tests.test_requirements import entries

TITLE = "Sentence, screen, test"
ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows() -> list[tuple[str, ...]]:
    table = read("docs/agreement.md").partition(TITLE)[2]
    return [row.groups() for row in ROW.finditer(table) if row[1] != "article"]


def test_each_article_has_its_rows() -> None:
    articles = {article for article, *_ in rows()}

    assert articles - set(entries()) == set()
    # An article of several parts may have its rows there.
    missing = set(entries()) - articles
    assert {
        one for one in missing if not any(a.startswith(f"{one}.") for a in articles)
    } == set()


def test_each_row_names_a_test_that_exists_or_says_why_none() -> None:
    for article, sentence, screen, test in rows():
        assert screen.strip(), (article, sentence)
        named = TEST.findall(test)
        assert named or test.startswith("none: "), (article, sentence)
        for path, name in named:
            assert name in definitions(path), (article, path, name)
        assert not TEST.sub("", test).strip(", ") or test.startswith("none: ")


def test_no_article_but_those_outside_opus_is_without_test() -> None:
    tested = {article for article, *_, test in rows() if TEST.search(test)}
    untested = {article for article, *_ in rows()} - tested

    assert untested == {"1", "2"}
