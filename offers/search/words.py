"""Words as PostgreSQL understands them: French stems, accents ignored, all wanted."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.postgres.search import SearchQueryField, SearchVectorField
from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.expressions import Combinable


class Question(Func):
    """Words as a search query."""

    function = "opus_query"
    output_field = SearchQueryField()


class Weighed(Func):
    """The same, its words wanted in the parts of these weights alone."""

    function = "opus_weighed"
    output_field = SearchQueryField()


class SaysNothing(Func):
    """Whether a question has no word that the search knows: « de la »."""

    function = "opus_query"
    template = "numnode(%(function)s(%(expressions)s)) = 0"
    output_field = BooleanField()


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
    """The words of a question, as conditions.

    PostgreSQL reads them while it plans: a statement shows it words of its own, and a
    question that says nothing asks nothing.
    """

    text: str

    @property
    def anywhere(self) -> Q:
        return Q(SaysNothing(Value(self.text))) | self.found_in(F("vector"))

    def found_in(self, vector: Combinable) -> Q:
        return Q(Answers(vector, Question(Value(self.text))))

    @property
    def in_title(self) -> Q:
        """All of them in title and appellation (A), told of one row."""
        return self.weighed("A")

    @property
    def in_names(self) -> Q:
        """All of them in title, appellation, trade and company (A, B)."""
        return self.weighed("AB")

    def weighed(self, weights: str) -> Q:
        question = Weighed(Value(self.text), Value(weights))
        return Q(Answers(F("vector"), question))

    @property
    def in_names_by_index(self) -> Q:
        return self.found_in(Names(F("vector")))
