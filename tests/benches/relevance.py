"""Measure what a search finds (P9): everyday queries, judged by hand.

``tests/offers/search/relevance`` has the queries, and which offers are right (2) or
near (1) for each job. A place is right within 20 km, near within 50; a contract or a
working time that is not met is wrong. Beside the product: Tantivy, on the same texts.
"""

import csv
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from math import log2
from pathlib import Path
from typing import Any, NamedTuple

import tantivy
from common import ROOT, say, step
from django.conf import settings
from django.test import Client
from django.test.utils import setup_test_environment, teardown_test_environment

from offers.catalogue.models import Offer
from offers.reference.places import distance_km, french_gazetteer
from offers.search.criteria import ALTERNATING
from opus.lib.french import unaccented
from tests.accounts.factories import AdviserFactory
from tests.benches.measures import Table, print_heading
from tests.benches.million import Million
from tests.benches.search import fill, open_index
from tests.benches.site import number_accounts, open_session

FOLDER = Path(ROOT, "tests", "offers", "search", "relevance")
NONSENSE = "nonsense"
RIGHT, NEAR, WRONG = 2, 1, 0
RIGHT_KM, NEAR_KM = 20, 50
TEN = 10
# A query without meaning counts as answered above so many offers.
FEW = 5
READ = (
    *("pk", "title", "description", "skills_text", "rome_code", "contract", "nature"),
    *("full_time", "experience", "department", "latitude", "longitude"),
)


class Job(NamedTuple):
    """What is right and near: codes (« * »: any), words of titles or of texts."""

    right: frozenset[str]
    near: frozenset[str]
    title: re.Pattern[str] | None
    text: re.Pattern[str] | None


class Query(NamedTuple):
    kind: str
    words: str
    # A key of the jobs, or « = » and an offer's number.
    job: str
    # An INSEE code or a department.
    place: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Judged:
    """An offer, as far as judges look at it."""

    row: dict[str, Any] = field(repr=False)

    @property
    def pk(self) -> str:
        return str(self.row["pk"])

    @cached_property
    def title(self) -> str:
        return unaccented(self.row["title"])

    @cached_property
    def text(self) -> str:
        parts = (self.row[name] for name in ("title", "description", "skills_text"))
        return unaccented(" ".join(parts))

    def meets(self, need: str) -> bool:
        """Return whether a contract (CDI…) or a working time is met."""
        match need:
            case "plein" | "partiel":
                return self.row["full_time"] is (need == "plein")
            case "debutant":
                return bool(self.row["experience"] == "D")
            case "nuit":
                return bool(re.search(r"\bnuits?\b", self.text))
            case "alternance":
                words = r"\balternan|\bapprenti|contrat pro|professionnalisation"
                is_named = re.search(words, self.title)
                return bool(is_named) or self.row["nature"] in ALTERNATING
        return bool(self.row["contract"] == need)

    def distance_grade(self, place: str) -> int:
        if not place:
            return RIGHT
        if len(place) < 5:
            return RIGHT if self.row["department"] == place else WRONG
        commune = french_gazetteer().commune(place)
        point = (self.row["latitude"], self.row["longitude"])
        if not commune or not commune.point or None in point:
            return WRONG
        far = distance_km(*point, *commune.point)
        return RIGHT if far <= RIGHT_KM else NEAR if far <= NEAR_KM else WRONG


class Judges:
    """The corpus, graded once for each job."""

    def __init__(self) -> None:
        rows = Offer.objects.active().values(*READ)
        self.offers = {row["pk"]: Judged(row) for row in rows.iterator()}
        self.jobs = read_jobs()
        self.graded: dict[str, dict[str, int]] = {}

    def grades(self, query: Query) -> dict[str, int]:
        """Return the right and near offers of a query."""
        found = {
            pk: min(grade, self.offers[pk].distance_grade(query.place))
            for pk, grade in self.grades_of(query.job).items()
            if all(map(self.offers[pk].meets, query.needs))
        }
        return {pk: grade for pk, grade in found.items() if grade}

    def grades_of(self, name: str) -> dict[str, int]:
        if name.startswith("="):
            return {name[1:]: RIGHT} if name[1:] in self.offers else {}
        if name not in self.graded:
            job = self.jobs[name]
            each = {pk: grade(job, offer) for pk, offer in self.offers.items()}
            self.graded[name] = {pk: value for pk, value in each.items() if value}
        return self.graded[name]


def grade(job: Job, offer: Judged) -> int:
    if job.text and not job.text.search(offer.text):
        return WRONG
    code = offer.row["rome_code"]
    if "*" in job.right or code in job.right:
        return RIGHT
    if job.title and job.title.search(offer.title):
        return RIGHT
    return NEAR if code in job.near else WRONG


def read_jobs() -> dict[str, Job]:
    return {
        row["job"]: Job(
            frozenset(row["right"].split()),
            frozenset(row["near"].split()),
            re.compile(row["title"]) if row["title"] else None,
            re.compile(row["text"]) if row["text"] else None,
        )
        for row in read("jobs.tsv")
    }


def read_queries() -> list[Query]:
    return [
        Query(
            row["kind"],
            row["query"],
            row["job"],
            row["place"],
            tuple(row["needs"].split()),
        )
        for row in read("queries.tsv")
    ]


def read(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        # The empty ends of lines are left out.
        yield from csv.DictReader(
            file, delimiter="\t", quoting=csv.QUOTE_NONE, restval=""
        )


# --- Marks ----------------------------------------------------------------------------


class Found(NamedTuple):
    """How many offers were found, and the numbers of the first ten."""

    number: int
    first: Sequence[str]


@dataclass
class Marks:
    """The sums of one kind of query."""

    queries: int = 0
    ndcg: float = 0.0
    nothing: int = 0
    none_right: int = 0
    nonsense: int = 0
    answered: int = 0

    def count(self, found: Found, grades: dict[str, int]) -> None:
        got = [grades.get(pk, WRONG) for pk in found.first[:TEN]]
        best = sorted(grades.values(), reverse=True)[:TEN]
        self.queries += 1
        self.ndcg += gain(got) / gain(best)
        self.nothing += not got
        self.none_right += RIGHT not in got

    def count_nonsense(self, found: Found) -> None:
        self.nonsense += 1
        self.answered += found.number > FEW

    def cells(self) -> list[object]:
        of_all, of_nonsense = self.queries or 1, self.nonsense or 1
        return [
            self.queries or self.nonsense,
            f"{self.ndcg / of_all:.2f}" if self.queries else "",
            f"{100 * self.nothing / of_all:.0f} %" if self.queries else "",
            f"{100 * self.none_right / of_all:.0f} %" if self.queries else "",
            f"{100 * self.answered / of_nonsense:.0f} %" if self.nonsense else "",
        ]


def gain(grades: Sequence[int]) -> float:
    """Return the discounted gain; the first offer counts most."""
    return sum((2**each - 1) / log2(i + 2) for i, each in enumerate(grades))


def mark(
    queries: Sequence[Query], judges: Judges, search: Callable[[str], Found]
) -> dict[str, Marks]:
    """Return marks by kind, "" for all; a query without right offers is left out."""
    marks = {kind: Marks() for kind in ("", *(query.kind for query in queries))}
    for query in queries:
        grades = judges.grades(query) if query.job else {}
        if query.kind != NONSENSE and RIGHT not in grades.values():
            continue
        found = search(query.words)
        for kind in ("", query.kind):
            if query.kind == NONSENSE:
                marks[kind].count_nonsense(found)
            else:
                marks[kind].count(found, grades)
    return marks


# --- Ways to search -------------------------------------------------------------------


class BoxReader(HTMLParser):
    """The fields of the form that has the box of words, as the page opens."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.is_found = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, kind = given.get("name"), given.get("type") or "text"
        if tag == "form" and not self.is_found:
            self.fields = {}
        elif tag == "input" and name and kind in {"text", "search", "hidden"}:
            self.fields[name] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        self.is_found |= tag == "form" and "q" in self.fields and "ou" in self.fields


def search_as_adviser(client: Client) -> Callable[[str], Found]:
    """Return a search by the form of the page of all offers, everywhere."""
    page = client.get("/offres/?tri=date", secure=True).content.decode()
    fields = dict.fromkeys(BoxReader(page).fields, "")

    def search(words: str) -> Found:
        data = fields | {"q": words}
        response = client.get("/offres/", data, follow=True, secure=True)
        if offer := response.context.get("offer"):
            return Found(1, [offer.pk])
        screen = response.context["screen"]
        if not screen.is_answered:
            return Found(0, [])
        return Found(screen.count, [hit.offer.pk for hit in screen.page.object_list])

    return search


def search_tantivy(index: tantivy.Index, *, every: bool) -> Callable[[str], Found]:
    def search(words: str) -> Found:
        question, _ = index.parse_query_lenient(
            words, ["text"], conjunction_by_default=every
        )
        searcher = index.searcher()
        hits = searcher.search(question, TEN).hits
        found = [searcher.doc(address)["reference"][0] for _, address in hits]
        return Found(len(found), found)

    return search


def run(_: Million) -> None:
    print_heading("Relevance of searches")
    queries = read_queries()
    with step("Reading the offers"):
        judges = Judges()
    say(f"  {len(judges.offers):,} offers, {len(queries)} queries")
    index = open_index()
    with step("Making the index of Tantivy"):
        fill(index)
        index.reload()
    logging.disable()
    setup_test_environment()
    number_accounts()
    try:
        client = Client()
        session = open_session(AdviserFactory())
        client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
        ways = {
            "Opus": search_as_adviser(client),
            "Tantivy, all words": search_tantivy(index, every=True),
            "Tantivy, any word": search_tantivy(index, every=False),
        }
        for name, search in ways.items():
            with step(name):
                marks = mark(queries, judges, search)
            print_marks(name, marks)
    finally:
        teardown_test_environment()


def print_marks(name: str, marks: dict[str, Marks]) -> None:
    table = Table(
        name, "queries", "nDCG@10", "nothing found", "no right in ten", "answered"
    )
    for kind, each in marks.items():
        if kind:
            table.add(kind, *each.cells())
    table.add("all", *marks[""].cells())
    table.print()
