"""Availability, against a naive count of each minute (R16)."""

import datetime as dt
import random
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from opus.lib.dates import add_months
from opus.lib.jobs import JobRun
from opus.support import tasks
from opus.support.service_status import availability
from opus.support.service_status.models import (
    MeasuredMonth,
    PlannedWork,
    Probe,
    minutes_of,
)
from tests.opus.page import Page
from tests.support.factories import PlannedWorkFactory, probe_between

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")
MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)


def paris(*parts: int) -> dt.datetime:
    """That clock time of Paris, as an instant."""
    return dt.datetime(*parts, tzinfo=PARIS).astimezone(dt.UTC)  # type: ignore[misc]


def bounds(month: dt.date) -> tuple[dt.datetime, dt.datetime]:
    end = add_months(month)
    return paris(month.year, month.month, 1), paris(end.year, end.month, 1)


def naive(month: dt.date, now: dt.datetime) -> tuple[int, int, int, int]:
    """The oracle: minute by minute, in Python."""
    rows = dict(Probe.objects.values_list("minute", "state"))
    works = list(PlannedWork.objects.filter(cancelled_at=None))
    first = min(rows)
    elapsed = planned = up = unseen = 0
    at, end = bounds(month)
    while at < min(end, now.replace(second=0, microsecond=0)):
        if at >= first:
            elapsed += 1
            if any(one.starts_at <= at < one.ends_at for one in works):
                planned += 1
            elif at not in rows:
                unseen += 1
            elif rows[at] != "down":
                up += 1
        at += MINUTE
    return elapsed, planned, up, unseen


def counted(month: dt.date, now: dt.datetime) -> tuple[int, int, int, int]:
    (found,) = availability.count([month], now=now)
    return found.elapsed, found.planned, found.up, found.unseen


MONTHS = [dt.date(2026, 2, 1), dt.date(2026, 3, 1), dt.date(2026, 10, 1)]


@pytest.mark.parametrize("month", MONTHS, ids=str)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_month_is_counted_like_its_minutes(month: dt.date, seed: int):
    """R16: with holes, breakdowns and overlapping works, over the ends of the month."""
    drawn = random.Random(seed)
    low, high = bounds(month)
    for _ in range(30):
        at = low + drawn.randrange(50_000) * MINUTE
        probe_between(at, at + drawn.randrange(90) * MINUTE, "down")
    for _ in range(20):
        at = low + drawn.randrange(50_000) * MINUTE
        probe_between(at, at + drawn.randrange(900) * MINUTE, "degraded")
    # Rows stand everywhere else but in some holes.
    at = low - HOUR
    while at < high + HOUR:
        until = at + drawn.randrange(1, 4000) * MINUTE
        probe_between(at, until)
        at = until + drawn.randrange(30) * MINUTE
    for start in [low - HOUR, high - HOUR, low + 9 * HOUR, low + 10 * HOUR]:
        PlannedWorkFactory(starts_at=start, ends_at=start + 2 * HOUR)
    PlannedWorkFactory(starts_at=low + 99 * HOUR, cancelled_at=low + 90 * HOUR)

    for now in (high + HOUR, low + 15 * 24 * HOUR + dt.timedelta(seconds=31)):
        assert counted(month, now) == naive(month, now)


@pytest.mark.parametrize(
    ("month", "minutes"),
    [
        (dt.date(2026, 3, 1), 31 * 1440 - 60),
        (dt.date(2026, 10, 1), 31 * 1440 + 60),
        (dt.date(2026, 11, 1), 30 * 1440),
        (dt.date(2028, 2, 1), 29 * 1440),
    ],
    ids=str,
)
def test_a_month_has_its_real_minutes(month: dt.date, minutes: int):
    """R16: the clocks of Paris change twice a year."""
    low, high = bounds(month)
    probe_between(low, high)

    assert counted(month, high + HOUR) == (minutes, 0, minutes, 0)
    assert minutes_of(month) == minutes


def test_the_budget_of_thirty_days_is_fourteen_hours_twenty_four():
    """Art. 6."""
    november = MeasuredMonth(dt.date(2026, 11, 1), 43_200, 0, 43_200, 0)

    assert availability.hours(november.budget) == "14\xa0h\xa024"


@pytest.mark.parametrize(
    ("down", "rate", "is_kept"),
    [
        (864, "98,00\xa0%", True),
        (865, "97,99\xa0%", False),
        (868, "97,99\xa0%", False),
        (1, "99,99\xa0%", True),
        (0, "100,00\xa0%", True),
    ],
)
def test_one_minute_too_many_turns_red(down: int, rate: str, is_kept: bool):
    """R16: 14.4 h of 30 days are kept, one minute more is not, never rounded up."""
    low, high = bounds(dt.date(2026, 11, 1))
    probe_between(low, low + down * MINUTE, "down")
    probe_between(low, high)

    (month,) = availability.count([dt.date(2026, 11, 1)], now=high + HOUR)

    assert (month.down, month.rate, month.is_kept) == (down, rate, is_kept)


def test_the_page_says_in_words_that_98_was_missed(client: Client, time_machine):
    low, high = bounds(dt.date(2026, 10, 1))
    time_machine.move_to(high + 2 * HOUR)
    probe_between(low, low + 16 * HOUR, "down")
    probe_between(low, high + 2 * HOUR)

    page = Page.of(client.get("/etat-du-service/"))

    table = next(tag for tag in page.all("table") if "Disponibilité de" in tag.words())
    words = table.words()
    assert "97,85 %" in words
    assert "Sous 98 %" in words
    assert "16 h" in words
    badges = [
        tag for tag in page.all("span") if "fr-badge--error" in tag.attrs["class"]
    ]
    assert [badge.words() for badge in badges] == ["Sous 98 %"]


@pytest.mark.parametrize(
    ("down", "verdict"), [(3 * HOUR, "98 % encore possibles"), (15 * HOUR, "Sous 98 %")]
)
def test_a_month_under_way_is_judged_on_what_the_whole_month_allows(
    client: Client, time_machine, down: dt.timedelta, verdict: str
):
    """Three hours out of two days are 93,75 %, and well within the 14 h 24."""
    low, _ = bounds(dt.date(2026, 11, 1))
    time_machine.move_to(low + 48 * HOUR)
    probe_between(low, low + down, "down")
    probe_between(low, low + 48 * HOUR)

    words = Page.of(client.get("/etat-du-service/")).one("main").words()

    assert "novembre 2026, mois en cours" in words
    assert "sur 14 h 24 permises jusqu’à la fin du mois" in words
    assert "novembre 2026 (en cours)" in words
    assert verdict in words
    assert "98 % atteints" not in words


def test_a_month_measured_from_its_middle_says_so_and_has_its_own_budget(
    client: Client, time_machine
):
    low, high = bounds(dt.date(2026, 10, 1))
    time_machine.move_to(high + 2 * HOUR)
    probe_between(high - 100 * HOUR, high - 97 * HOUR, "down")
    probe_between(high - 100 * HOUR, high + 2 * HOUR)

    month = availability.shown()[0]
    words = Page.of(client.get("/etat-du-service/")).one("main").words()

    assert (month.budget, month.is_kept) == (120, False)
    assert "octobre 2026 (mesuré en partie)" in words


def test_plot_and_table_say_the_same(time_machine):
    """A14."""
    low, high = bounds(dt.date(2026, 10, 1))
    time_machine.move_to(high + 2 * HOUR)
    probe_between(low, low + 16 * HOUR, "down")
    probe_between(low, high + 2 * HOUR)

    months = availability.shown()
    plot = availability.plot_of(months)

    assert plot.series == [
        (month.label, availability.hours(month.down)) for month in months
    ]
    assert [bar.pattern for bar in plot.bars] == ["hatched", "plain"]


def test_before_the_first_row_nothing_is_counted(client: Client):
    assert availability.shown() == []
    assert "Aucune mesure" in client.get("/etat-du-service/").content.decode()


def test_after_the_last_row_each_minute_is_a_breakdown():
    """A prober that is dead is told like a service that is."""
    low, _ = bounds(dt.date(2026, 11, 1))
    probe_between(low, low + HOUR)

    (month,) = availability.count([dt.date(2026, 11, 1)], now=low + 3 * HOUR)

    assert (month.elapsed, month.up, month.unseen, month.down) == (180, 60, 120, 120)


def test_a_month_that_is_over_is_counted_once_and_survives_its_minutes(time_machine):
    """R16: neither a purge nor what is told later changes it."""
    october, november = dt.date(2026, 10, 1), dt.date(2026, 11, 1)
    low, high = bounds(october)
    probe_between(low, high + 3 * HOUR)
    time_machine.move_to(high + 3 * HOUR)

    tasks.close_months()
    tasks.close_months()
    assert [row.month for row in MeasuredMonth.objects.all()] == [october]

    Probe.objects.filter(minute__lt=high).delete()
    assert [month.month for month in availability.shown()] == [october, november]
    assert availability.shown()[0].up == 44_700
    assert JobRun.objects.filter(pk="close-months").exists()


def test_minutes_go_after_thirteen_months(time_machine):
    low, _ = bounds(dt.date(2025, 1, 1))
    probe_between(low, low + HOUR)
    probe_between(low + 390 * 24 * HOUR, low + 390 * 24 * HOUR + HOUR)
    time_machine.move_to(low + 401 * 24 * HOUR)

    tasks.close_months()

    assert Probe.objects.count() == 60


def test_twelve_months_cost_few_queries(client: Client, time_machine):
    """A year of minutes stands in twelve rows once its months are over."""
    now = paris(2026, 11, 20, 12, 0)
    time_machine.move_to(now)
    probe_between(paris(2026, 11, 1), now)
    for month in availability.months_before(dt.date(2026, 10, 1), 11):
        MeasuredMonth.objects.create(
            month=month, elapsed=1440, planned=0, up=1440, unseen=0
        )

    with CaptureQueriesContext(connection) as queries:
        months = availability.shown()

    assert len(months) == 12
    assert len(queries) == 2


# --- The prober -----------------------------------------------------------------------


class Service(BaseHTTPRequestHandler):
    """A service that answers what it is told to."""

    said = (200, "ok")

    def do_GET(self) -> None:
        status, body = self.said
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args: object) -> None:
        """Nothing on the error output."""


@pytest.fixture
def service(settings) -> Iterator[type[Service]]:
    server = HTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    settings.PROBE_URL = f"http://127.0.0.1:{server.server_port}/readyz"
    yield Service
    Service.said = (200, "ok")
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ((200, "ok"), "ok"),
        ((200, "degraded"), "degraded"),
        ((503, "down"), "down"),
        ((502, "ok"), "down"),
        ((200, "<h1>Entretien</h1>"), "down"),
    ],
    ids=str,
)
def test_the_prober_writes_what_the_service_says(service, said, state):
    """R16."""
    service.said = said

    tasks.probe()

    row = Probe.objects.get()
    assert (row.state, row.minute.second) == (state, 0)
    assert row.latency_ms is not None


def test_no_answer_is_down(settings):
    with HTTPServer(("127.0.0.1", 0), Service) as closed:
        settings.PROBE_URL = f"http://127.0.0.1:{closed.server_port}/readyz"

    tasks.probe()

    row = Probe.objects.get()
    assert (row.state, row.latency_ms) == ("down", None)


def test_a_minute_has_one_row_and_its_first_answer_stands(service, time_machine):
    time_machine.move_to(paris(2026, 11, 20, 12, 0), tick=False)
    tasks.probe()
    service.said = (503, "down")
    tasks.probe()
    time_machine.move_to(paris(2026, 11, 20, 12, 1), tick=False)
    tasks.probe()

    states = Probe.objects.order_by("minute").values_list("state", flat=True)
    assert list(states) == ["ok", "down"]


def test_without_an_address_nothing_is_measured(settings):
    settings.PROBE_URL = ""

    availability.probe()

    assert not Probe.objects.exists()
