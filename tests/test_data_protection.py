"""Each measure of docs/data-protection.md is held by a test that exists (V22)."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.citations import definitions

ROOT = Path(settings.BASE_DIR)
PAGE = (ROOT / "docs" / "data-protection.md").read_text(encoding="utf-8")
LINK = re.compile(r"`(tests/[\w/]+\.py)::([\w:]+)`")
STANDARD = re.compile(r"\b[A-Z]\d{1,2}\b")


def missing(page: str) -> list[str]:
    """The tests that a page names and nobody wrote."""
    return [
        f"{path}::{name}"
        for path, name in LINK.findall(page)
        if not (ROOT / path).exists() or name not in definitions(path)
    ]


def test_each_measure_is_tied_to_a_test_that_exists() -> None:
    """V22."""
    rows = [
        line
        for line in PAGE.splitlines()
        if line.startswith("|") and line.count("|") == 4 and "held by" not in line
    ]
    measures = [row for row in rows if set(row) - set("|- ")]

    assert [row for row in measures if not LINK.search(row)] == []
    assert len(measures) >= 30
    assert missing(PAGE) == []


@pytest.mark.parametrize(
    "link",
    ["`tests/test_docs.py::test_nobody_wrote_this`", "`tests/nowhere.py::test_a`"],
)
def test_a_measure_without_its_test_would_be_seen(link: str) -> None:
    """The control."""
    assert len(missing(f"| a | b | {link} |")) == 1


def test_each_standard_that_the_page_names_is_named_by_a_test() -> None:
    """V22: an id that no test names is a promise that nobody holds."""
    texts = [path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/*.py")]
    named = {code for text in texts for code in STANDARD.findall(text)}
    told = {code for row in PAGE.splitlines() for code in STANDARD.findall(row)}

    # This very file names one alone.
    assert told - named == set()
