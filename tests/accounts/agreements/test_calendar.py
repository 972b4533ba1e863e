"""Months clipped to their end."""

import datetime as dt

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from opus.lib.dates import add_months, days_until

DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))


@given(day=DAYS)
def test_a_month_later_is_in_the_next_month_and_never_a_later_day_number(day):
    later = add_months(day)

    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == 1
    assert later.day <= day.day
    assert later.day == day.day or (later + dt.timedelta(days=1)).day == 1


@pytest.mark.django_db
def test_postgresql_counts_months_as_we_do():
    """The constraints of an early end say ``+ interval '1 month'``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT day::date, (day::date + interval '1 month')::date"
            " FROM generate_series(date '2026-01-01', date '2029-12-31', '1 day') day"
        )
        rows = cursor.fetchall()

    assert len(rows) == 4 * 365 + 1
    assert [later for _, later in rows] == [add_months(day) for day, _ in rows]


def test_days_are_counted_by_midnights():
    assert days_until(dt.date(2027, 3, 1), since=dt.date(2027, 2, 27)) == 2
    assert days_until(dt.date(2027, 2, 27), since=dt.date(2027, 3, 1)) == -2
