"""Whole months of Paris, by default the last twelve (R12)."""

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping
from typing import Self
from urllib.parse import urlencode

from django.utils import timezone

from opus.lib.dates import add_months, date_format

USUAL = 12
# The bars of a plot stay readable; acts are kept 24 months (domain 5.8).
MOST = 36
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)


@dataclasses.dataclass(frozen=True)
class Period:
    first: dt.date
    last: dt.date

    @classmethod
    def usual(cls) -> Self:
        last = timezone.localdate().replace(day=1)
        return cls(add_months(last, 1 - USUAL), last)

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> Self:
        """Read ``du`` and ``au``; invalid values give the usual.

        Reversed dates are swapped; of more than three years, the last three stay.
        """
        last = month_of(query.get("au", "")) or cls.usual().last
        first = month_of(query.get("du", "")) or add_months(last, 1 - USUAL)
        first, last = min(first, last), max(first, last)
        return cls(max(first, add_months(last, 1 - MOST)), last)

    @classmethod
    def of_year(cls, query: Mapping[str, str]) -> Self:
        """Return the calendar year of ``au``, until this month.

        Two such periods never overlap, so that no difference tells a masked number.
        """
        today = timezone.localdate().replace(day=1)
        last = min(month_of(query.get("au", "")) or today, today)
        return cls(last.replace(month=1), min(last.replace(month=12), today))

    @property
    def before(self) -> Self:
        """Return as many months, just before."""
        count = len(self.months)
        return type(self)(add_months(self.first, -count), add_months(self.first, -1))

    @property
    def year_before(self) -> Self:
        january = add_months(self.first.replace(month=1), -12)
        return type(self)(january, january.replace(month=12))

    @property
    def starts_at(self) -> dt.datetime:
        return midnight(self.first)

    @property
    def ends_at(self) -> dt.datetime:
        return midnight(add_months(self.last, 1))

    @property
    def months(self) -> list[dt.date]:
        count = (self.last.year - self.first.year) * 12
        count += self.last.month - self.first.month + 1
        return [add_months(self.first, number) for number in range(count)]

    @property
    def query(self) -> dict[str, str]:
        return {"du": f"{self.first:%Y-%m}", "au": f"{self.last:%Y-%m}"}

    @property
    def query_string(self) -> str:
        return urlencode(self.query)

    def __str__(self) -> str:
        if self.first == self.last:
            return date_format(self.first, "F Y")
        return f"{date_format(self.first, 'F Y')} à {date_format(self.last, 'F Y')}"


def shortcuts() -> list[tuple[str, Period]]:
    """Return the periods of one click, for exact numbers."""
    last = timezone.localdate().replace(day=1)
    return [
        ("3 mois", Period(add_months(last, -2), last)),
        ("12 mois", Period.usual()),
        *years()[:2],
    ]


def years() -> list[tuple[str, Period]]:
    """Return the last three calendar years, the only periods of masked numbers."""
    this = timezone.localdate().year
    return [
        (str(year), Period.of_year({"au": f"{year}-12"}))
        for year in range(this, this - 3, -1)
    ]


def midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def month_of(text: str) -> dt.date | None:
    found = MONTH.fullmatch(text)
    return dt.date(int(found[1]), int(found[2]), 1) if found else None


def choices(period: Period) -> list[tuple[str, str]]:
    """Return three years of months and those in use, reversed."""
    newest = max(period.last, timezone.localdate().replace(day=1))
    oldest = min(period.first, add_months(newest, 1 - MOST))
    months = Period(oldest, newest).months
    return [(f"{day:%Y-%m}", date_format(day, "F Y")) for day in reversed(months)]
