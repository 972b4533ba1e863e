"""What Opus says of its accessibility is what two dated files hold, no more (A1)."""

import datetime as dt
from collections import Counter

import pytest
from django.template.loader import render_to_string

from opus.lib import accessibility_statement
from opus.lib.accessibility_statement import Audit, Conformity, Criterion, Reading
from tests.cases import each_case
from tests.opus.page import Page
from tests.routes import pages_without_a_look, routes

# The criteria of each theme of RGAA 4.1.2.
THEMES = [9, 2, 3, 13, 8, 2, 5, 10, 4, 14, 13, 11, 12]
DAY = dt.date(2027, 1, 31)


def read(**counts: int) -> tuple[Criterion, ...]:
    return tuple(
        Criterion("1.1", Reading[name.upper()], "")
        for name, count in counts.items()
        for _ in range(count)
    )


@pytest.mark.parametrize(
    ("criteria", "done_on", "claimed"),
    [
        (read(held=60, absent=46), DAY, Conformity.WHOLE),
        (read(held=30, broken=30, absent=46), DAY, Conformity.PARTIAL),
        (read(held=29, broken=31, absent=46), DAY, Conformity.NONE),
        (read(held=59, unread=1, absent=46), DAY, Conformity.NONE),
        (read(held=60, absent=46), None, Conformity.NONE),
    ],
)
def test_nothing_is_claimed_before_every_criterion_was_read(criteria, done_on, claimed):
    """A1: the law's three words, by its own rule."""
    assert Audit(criteria, done_on, "").conformity == claimed


def test_the_reading_has_the_106_criteria():
    """A1."""
    counts = Counter(
        one.number.partition(".")[0] for one in accessibility_statement.audit().criteria
    )

    assert list(counts.values()) == THEMES
    assert all(one.why for one in accessibility_statement.audit().criteria)


@pytest.mark.django_db
def test_the_page_says_what_the_files_say(client):
    """A1."""
    page = Page.of(client.get("/accessibilite/"))
    text = page.one("main").words()
    audit, tour = accessibility_statement.audit(), accessibility_statement.tour()

    assert f"Opus est {audit.conformity.label} avec le référentiel" in text
    for reading, count in audit.counts.items():
        assert f"{reading.label.capitalize()} : {count} critère" in text
    assert f"{len(tour.pages)} sortes de pages, {tour.looks} fois en tout" in text
    assert f"axe-core {tour.axe}" in text
    assert len(tour.faults_shown) == len(tour.faults)
    for title, state, rule in tour.faults_shown:
        told = " ".join(f"{title} », {state} : règle « {rule} »".split())
        assert told in " ".join(text.split())
    shown = {tag.words() for tag in page.all("code")}
    assert {
        accessibility_statement.PLACEHOLDER.sub("…", route) for route in tour.pages
    } <= shown
    rows = [tag.words() for tag in page.all("th", scope="row")]
    assert rows == [one.number for one in audit.criteria]


def test_every_page_was_looked_at_or_has_its_reason():
    """A1, A2: a new page is toured, or told to be new (tests/routes.py)."""
    without = pages_without_a_look(set(accessibility_statement.tour().pages))

    assert [route for route, reason in without.items() if not reason] == []


def test_no_page_is_listed_that_is_gone():
    """A1."""
    listed = {
        route for route in accessibility_statement.tour().pages if route.startswith("/")
    }

    assert listed - {route for route, _ in routes()} == set()


@each_case("status", [400, 404, 405, 413, 500, 503])
@each_case("claimed", Conformity)
def test_a_breakdown_says_it_too(status, claimed, monkeypatch):
    """A1: with neither request nor database; and the day it changes, the new word."""
    criteria = {
        Conformity.WHOLE: read(held=106),
        Conformity.PARTIAL: read(held=60, broken=46),
        Conformity.NONE: read(unread=106),
    }
    monkeypatch.setattr(
        accessibility_statement, "audit", lambda: Audit(criteria[claimed], DAY, "")
    )

    footer = Page.of(render_to_string(f"{status}.html")).one("footer").words()

    assert f"Accessibilité : {claimed.label}" in footer
