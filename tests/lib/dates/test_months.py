"""A term of months ends at midnight in Paris, whatever the length of its months."""

import datetime as dt

import pytest
import time_machine

from opus.lib.dates.months import add_months, in_paris, past_months

ONE_DAY = dt.timedelta(days=1)
# 28 to 31 days before and after, and a February of 29.
DAYS = [dt.date(2027, 1, 1) + n * ONE_DAY for n in range(800)]


def limit_on(day: dt.date, months: int) -> dt.datetime:
    with time_machine.travel(in_paris(day, dt.time(0, 1)), tick=False):
        return past_months(months)


@pytest.mark.parametrize("months", [1, 6, 13, 36])
def test_what_is_of_a_day_has_passed_the_day_after_its_term(months):
    """V9, V10."""
    for day in DAYS:
        term, noon = add_months(day, months), in_paris(day, dt.time(12))
        assert limit_on(term, months) <= noon, day
        assert limit_on(term + ONE_DAY, months) > noon, day
