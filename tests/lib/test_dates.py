"""R18: working days and hours, against a counter that walks minute by minute; words."""

import datetime as dt

import pytest
import time_machine
from django.template import Context, Template
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from opus.lib import dates
from opus.lib.dates import add_months, in_paris, past_months
from opus.lib.french import of

MINUTE = dt.timedelta(minutes=1)
# The 11 national holidays of 2026, Easter's three included.
HOLIDAYS_2026 = {
    (1, 1): "Jour de l’an",
    (4, 6): "Lundi de Pâques",
    (5, 1): "Fête du Travail",
    (5, 8): "Fête de la Victoire",
    (5, 14): "Ascension",
    (5, 25): "Lundi de Pentecôte",
    (7, 14): "Fête nationale",
    (8, 15): "Assomption",
    (11, 1): "Toussaint",
    (11, 11): "Armistice",
    (12, 25): "Noël",
}


def paris(*parts: int) -> dt.datetime:
    return timezone.make_aware(dt.datetime(*parts))  # noqa: DTZ001 (made aware)


def test_the_holidays_of_a_year_are_the_eleven_national_ones():
    days = (dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(365))

    found = {
        (day.month, day.day): dates.holiday_name(day)
        for day in days
        if dates.holiday_name(day)
    }

    assert found == HOLIDAYS_2026


def test_good_friday_is_worked_as_alsace_and_moselle_are_not_counted():
    assert dates.is_working_day(dt.date(2026, 4, 3))


@pytest.mark.parametrize(
    ("came", "registered"),
    [
        (paris(2026, 11, 24, 8, 29, 59), paris(2026, 11, 24, 8, 30)),
        (paris(2026, 11, 24, 8, 30), paris(2026, 11, 24, 8, 30)),
        (paris(2026, 11, 24, 17, 59, 59), paris(2026, 11, 24, 17, 59, 59)),
        (paris(2026, 11, 24, 18, 0), paris(2026, 11, 25, 8, 30)),
        (paris(2026, 11, 27, 20, 0), paris(2026, 11, 30, 8, 30)),
        (paris(2026, 12, 25, 10, 0), paris(2026, 12, 28, 8, 30)),
    ],
)
def test_a_request_out_of_hours_is_registered_at_the_next_opening(came, registered):
    assert dates.registered_at(came) == registered


@pytest.mark.parametrize(
    ("registered", "days", "end"),
    [
        (paris(2026, 11, 24, 14, 5), 2, paris(2026, 11, 26, 14, 5)),
        # Over Easter, a Friday and a change of clock.
        (paris(2026, 3, 27, 9, 0), 2, paris(2026, 3, 31, 9, 0)),
        (paris(2026, 4, 3, 9, 0), 1, paris(2026, 4, 7, 9, 0)),
        (paris(2026, 12, 23, 9, 0), 15, paris(2027, 1, 15, 9, 0)),
    ],
)
def test_a_delay_ends_at_the_same_clock_time(registered, days, end):
    assert dates.add_working_days(registered, days) == end


@given(
    came=st.datetimes(
        min_value=dt.datetime(2026, 1, 1),  # noqa: DTZ001
        max_value=dt.datetime(2027, 12, 1),  # noqa: DTZ001
    ),
    days=st.integers(1, 15),
)
def test_a_delay_is_what_a_clock_that_walks_would_say(came, days):
    """Minute by minute: wait for an open one, then for so many more working days."""
    came = timezone.make_aware(came.replace(second=0, microsecond=0))

    registered = dates.registered_at(came)

    walker = came
    while not _is_open(walker):
        walker += MINUTE
    assert registered == walker

    end = dates.add_working_days(registered, days)
    seen = set()
    day = registered
    while len(seen) < days:
        day += dt.timedelta(hours=1)
        local = timezone.localtime(day).date()
        if local != timezone.localtime(registered).date() and _is_worked(local):
            seen.add(local)
    assert timezone.localtime(end).date() == max(seen)
    assert timezone.localtime(end).time() == timezone.localtime(registered).time()


def _is_worked(day: dt.date) -> bool:
    return day.weekday() < 5 and (
        dates.holiday_name(day) == "" and (day.month, day.day) != (12, 25)
    )


def _is_open(instant: dt.datetime) -> bool:
    local = timezone.localtime(instant)
    minutes = local.hour * 60 + local.minute
    return _is_worked(local.date()) and 8 * 60 + 30 <= minutes < 18 * 60


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


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Élodie Martin", "d’Élodie Martin"),
        ("Marc", "de Marc"),
        ("Hélène", "d’Hélène"),
        ("Hassan", "de Hassan"),
        ("Yves", "d’Yves"),
        ("Yann", "de Yann"),
        ("Œuvre de Saint-Bruno", "d’Œuvre de Saint-Bruno"),
        ("", "de "),
    ],
)
def test_de_is_elided_before_a_vowel(name: str, expected: str) -> None:
    assert of(name) == expected


def test_a_name_is_still_escaped() -> None:
    page = Template("{{ name|de }}").render(Context({"name": "<Élodie>"}))

    assert page == "de &lt;Élodie&gt;"
