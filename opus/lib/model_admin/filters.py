import itertools
from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db import models
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime


class ChoiceFilter(admin.SimpleListFilter):
    """A filter by choices: value → (label, queryset function)."""

    options: ClassVar[dict[str, tuple[str, Callable[[Any], Any]]]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, label) for value, (label, _) in self.options.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = self.options.get(self.value() or "")
        return chosen[1](queryset) if chosen else queryset


class DayFilter(admin.DateFieldListFilter):
    """By day, with its own title."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "date"
        is_instant = isinstance(self.field, models.DateTimeField)
        given = itertools.chain.from_iterable(
            value if isinstance(value, list) else [value]
            for value in self.used_parameters.values()
        )
        for value in given if is_instant else ():
            if isinstance(value, str) and not is_of_a_calendar(value):
                raise IncorrectLookupParameters


def is_of_a_calendar(value: str) -> bool:
    """Return whether an instant is valid in every time zone."""
    try:
        at = parse_datetime(value)
    except ValueError:
        return False
    return at is not None and at.tzinfo is not None and 1900 < at.year < 2200
