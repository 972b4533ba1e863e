"""Slots as weeks: columns are days, cells are radio buttons."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.forms import BoundField
from django.utils import timezone

from referrals.appointments.models.slots import Slot

ONE_DAY = dt.timedelta(days=1)
FRIDAY = 4


@dataclasses.dataclass(frozen=True)
class Day:
    date: dt.date
    # The radio button of each slot, and the slot.
    times: list[tuple[Any, Slot]]


@dataclasses.dataclass(frozen=True)
class Week:
    days: list[Day]
    is_open: bool

    @property
    def first(self) -> dt.date:
        return self.days[0].date

    @property
    def last(self) -> dt.date:
        return self.days[-1].date

    @property
    def count(self) -> int:
        return sum(len(day.times) for day in self.days)


def weeks_of(choice: BoundField, slots: Mapping[str, Slot]) -> list[Week]:
    """Return the weeks that have slots, Monday to Friday at least.

    The first one is open, or that of the chosen slot too.
    """
    by_day: dict[dt.date, list[tuple[Any, Slot]]] = {}
    for radio in choice:
        slot = slots.get(str(radio.data["value"]))
        if slot:
            day = timezone.localtime(slot.at).date()
            by_day.setdefault(day, []).append((radio, slot))
    weeks: list[Week] = []
    for monday in sorted({day - ONE_DAY * day.weekday() for day in by_day}):
        dates = [monday + ONE_DAY * place for place in range(7)]
        days = [
            Day(date, by_day.get(date, []))
            for date in dates
            if date in by_day or date.weekday() <= FRIDAY
        ]
        chosen = any(radio.data["selected"] for day in days for radio, _ in day.times)
        weeks.append(Week(days, is_open=chosen or not weeks))
    return weeks
