"""PostgreSQL's text search: French stems, no accents, all words required."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from django.contrib.postgres.search import SearchQueryField, SearchVectorField
from django.db import connection
from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.expressions import Combinable


class TextQuery(Func):
    function = "opus_query"
    output_field = SearchQueryField()


class Weighed(Func):
    """A search query limited to parts of these weights."""

    function = "opus_weighed"
    output_field = SearchQueryField()


class SaysNothing(Func):
    function = "opus_query"
    template = "numnode(%(function)s(%(expressions)s)) = 0"
    output_field = BooleanField()


class Matches(Func):
    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()


class Names(Func):
    """The indexed vector of title, appellation, trade, company."""

    template = "ts_filter(%(expressions)s, '{a,b}')"
    output_field = SearchVectorField()


class Read(Func):
    template = "%(expressions)s::tsquery"
    output_field = SearchQueryField()


class Reading(NamedTuple):
    """Words as literal queries, by weights; their only stem."""

    anywhere: str
    title: str
    names: str
    stem: str | None


@lru_cache(maxsize=1_000)
def read(text: str) -> Reading:
    """Parse words, with a cache: half of the planning."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT opus_query(asked)::text, opus_weighed(asked, 'A')::text,"
            " opus_weighed(asked, 'AB')::text,"
            " substring(opus_name_key(asked), '^\\S*$')"
            " FROM (SELECT %s::text) AS words (asked)",
            [text],
        )
        return Reading(*cursor.fetchone())


class Words(NamedTuple):
    """A search's words as conditions; PostgreSQL parses those unread.

    ``trades``: ROME codes whose offers are found, too.
    """

    text: str
    reading: Reading | None = None
    trades: tuple[str, ...] = ()

    def read(self) -> Words:
        return self._replace(reading=read(self.text)) if self.text else self

    @property
    def say_nothing(self) -> bool:
        return not self.text or self.reading is not None and not self.reading.anywhere

    @property
    def anywhere(self) -> Q:
        found = self.found_in(F("vector"))
        return found if self.reading else Q(SaysNothing(Value(self.text))) | found

    def found_in(self, vector: Combinable) -> Q:
        question = (
            Read(Value(self.reading.anywhere))
            if self.reading
            else TextQuery(Value(self.text))
        )
        return Q(Matches(vector, question))

    @property
    def in_title(self) -> Q:
        """Match all words in title and appellation (A)."""
        return self.weighed("A")

    @property
    def in_names(self) -> Q:
        """Match all words in title, appellation, trade, company (A, B)."""
        return self.weighed("AB")

    def weighed(self, weights: str) -> Q:
        question: Func = Weighed(Value(self.text), Value(weights))
        if self.reading:
            reading = self.reading.title if weights == "A" else self.reading.names
            question = Read(Value(reading))
        return Q(Matches(F("vector"), question))

    @property
    def in_names_by_index(self) -> Q:
        return self.found_in(Names(F("vector")))
