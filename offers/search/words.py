"""Words as PostgreSQL understands them: French stems, accents ignored, all wanted."""

from __future__ import annotations

import re
from typing import NamedTuple

from django.contrib.postgres.search import SearchQueryField, SearchVectorField
from django.db import connection
from django.db.models import BooleanField, F, Func, Q, Value

STEM = re.compile(r"'([a-z0-9]+)'")


class Question(Func):
    """Words as a search query."""

    function = "opus_query"
    output_field = SearchQueryField()


class Parsed(Func):
    """A search query that PostgreSQL has read already."""

    template = "(%(expressions)s)::tsquery"
    output_field = SearchQueryField()


class Answers(Func):
    """Whether a vector holds what a search query wants."""

    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()


class Names(Func):
    """What names the job: title, appellation, trade, company. It has its own index."""

    template = "ts_filter(%(expressions)s, '{a,b}')"
    output_field = SearchVectorField()


class Words(NamedTuple):
    """The words of a question, as one condition each way.

    ``stems`` is empty where the question says nothing: « de la » has no word that the
    search knows.
    """

    stems: str

    @classmethod
    def read(cls, text: str) -> Words:
        if not text:
            return cls("")
        with connection.cursor() as cursor:
            cursor.execute("SELECT opus_query(%s)::text", [text])
            return cls(cursor.fetchone()[0])

    def weighed(self, weights: str) -> Parsed:
        """The same words, wanted in the parts of these weights alone."""
        return Parsed(Value(STEM.sub(rf"'\1':{weights}", self.stems)))

    @property
    def anywhere(self) -> Q:
        return Q(Answers(F("vector"), Parsed(Value(self.stems))))

    @property
    def in_title(self) -> Q:
        """All of them in title and appellation (A), told of one row."""
        return Q(Answers(F("vector"), self.weighed("A")))

    @property
    def in_names(self) -> Q:
        """All of them in title, appellation, trade and company (A, B)."""
        return Q(Answers(F("vector"), self.weighed("AB")))

    @property
    def in_names_by_index(self) -> Q:
        return Q(Answers(Names(F("vector")), Parsed(Value(self.stems))))
