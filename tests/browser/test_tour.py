"""The tour: every page of the URL list in a browser, role by role (A2, A4, A11, A16).

Each run opens a few pages of two roles; ``bin/test --thorough``, each kind of page
once. Axe reads it, and it is put in one of the other states by turns.
``OPUS_WHOLE_TOUR=1`` opens the pages of every role in every state, forms in error and
breakdowns with them, and writes what it found to
``opus/lib/data/accessibility.json``; ``OPUS_WHOLE_TOUR=/suivi/`` opens
again the pages whose route has that in it: docs/accessibility.md.
"""

import itertools
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser

from opus.lib import accessibility_statement
from tests.browser.conftest import AXE
from tests.browser.people import give_session
from tests.browser.tour import CALM, STATES, Tourist
from tests.pages import READERS, Look, audience, read_pages
from tests.refusals import refusals
from tests.routes import pages_without_a_look

WHOLE = os.environ.get("OPUS_WHOLE_TOUR", "")
# Of which routes: all, unless an expression names some.
SOME = "" if WHOLE == "1" else WHOLE
# What each role saw: on this machine only.
PARTS = Path(settings.BASE_DIR, ".opus-test", "tour")
# What a breakdown shows, with nothing but the template: no request, no database.
BREAKDOWNS = ("400", "405", "409", "413", "429", "500", "503")
# Of how many addresses of a role each run opens the pages, evenly along the list.
AT_EACH_RUN = {"adviser": 12, "ft_admin": 8}
# Of the other states, those that the suite takes in turn.
TURNS = ("narrow", "dark", "forced_colours", "spacing", "no_script", "keyboard")
VERSION = re.compile(r"axe v([\d.]+)")


@pytest.fixture
def tourist(chromium: Browser, live_server: Any) -> Iterator[Tourist]:
    script = chromium.new_context(**CALM)
    plain = chromium.new_context(**CALM, java_script_enabled=False)
    yield Tourist(script, plain, live_server.url)
    script.close()
    plain.close()


def let_in(tourist: Tourist, client: Client) -> None:
    """The session of the test client, without a sign-in in the browser."""
    for context in (tourist.context, tourist.plain.context):
        give_session(context, tourist.base, client)


@pytest.mark.skipif(bool(WHOLE), reason="the whole tour opens them")
@pytest.mark.parametrize("role", AT_EACH_RUN)
def test_some_pages_are_accessible(role: str, tourist: Tourist) -> None:
    """A2, A4, A10, A11, A16: as they open, and in one other state by turns."""
    client, found = audience(role)

    tour(tourist, role, client, found[:: len(found) // AT_EACH_RUN[role]])

    assert len(tourist.seen) >= AT_EACH_RUN[role]
    assert tourist.faults == []


@pytest.mark.thorough
@pytest.mark.timeout(300)
@pytest.mark.skipif(bool(WHOLE), reason="the whole tour opens them")
@pytest.mark.parametrize("role", READERS)
def test_every_page_is_accessible(role: str, tourist: Tourist) -> None:
    """A2, A4, A10, A11, A16: as it opens, and in one other state by turns.

    A page that holds no kind of element which the earlier ones had not is left out.
    """
    tour(tourist, role, *audience(role))

    assert tourist.faults == []


def tour(tourist: Tourist, role: str, client: Client, found: list[str]) -> None:
    """Open these pages, but those that show no new kind of element."""
    looks = [Look.of(path, page) for path, page in read_pages(client, found)]
    let_in(tourist, client)
    turns = itertools.cycle(TURNS)
    known: set[str] = set()

    for look in looks:
        if look.is_first_met_by(role) and look.kinds - known:
            known |= look.kinds
            tourist.tour(look, ["desktop", next(turns)])


@pytest.mark.timeout(3600)
@pytest.mark.skipif(not WHOLE, reason="minutes long: OPUS_WHOLE_TOUR=1")
@pytest.mark.parametrize("role", READERS)
def test_the_whole_tour_finds_nothing(
    role: str, tourist: Tourist, chromium: Browser
) -> None:
    """A1, A2, A3, A4, A5, A10, A11, A16.

    The first role that meets a page sees it in every state; another, as it opens, at
    both sizes.
    """
    client, found = audience(role)
    looks = [Look.of(path, page) for path, page in read_pages(client, found)]
    wrong = [one.look for one in refusals(client, found, SOME)]
    let_in(tourist, client)
    earlier = read_part(role) if SOME else {}

    try:
        for look in filter(is_asked, looks):
            is_first = look.is_first_met_by(role)
            tourist.tour(look, STATES if is_first else ("desktop", "narrow"))
            keep(role, tourist, earlier)
        for look in filter(is_asked, wrong):
            tourist.show(look, "error")
            keep(role, tourist, earlier)
        for look in filter(is_asked, breakdowns() if role == "anonymous" else ()):
            tourist.show(look, "breakdown")
            keep(role, tourist, earlier)
    finally:
        write_report(chromium.version)
    assert tourist.faults == []


def is_asked(look: Look) -> bool:
    return bool(re.search(SOME, look.route))


def breakdowns() -> Iterator[Look]:
    for status in BREAKDOWNS:
        html = render_to_string(f"{status}.html", {"reason": "Cela ne se peut plus."})
        yield Look("/panne/", f"({status})", int(status), html, {})


def read_part(role: str) -> dict[str, Any]:
    """What that role saw, route by route; nothing before its first tour."""
    path = PARTS / f"{role}.json"
    part: dict[str, Any] = {}
    if path.exists():
        part = json.loads(path.read_text(encoding="utf-8"))
    return part


def keep(role: str, tourist: Tourist, earlier: dict[str, Any]) -> None:
    """What one role saw so far: a tour that is cut short is not lost."""
    part = {
        route: page for route, page in earlier.items() if not re.search(SOME, route)
    }
    for look, state in tourist.seen:
        page = part.setdefault(
            look.route, {"title": look.title, "looks": [], "faults": []}
        )
        page["toured_on"] = timezone.localdate().isoformat()
        page["looks"].append(state)
    for fault in sorted(set(tourist.faults)):
        part[fault.route]["faults"].append((fault.state, fault.words))
    PARTS.mkdir(parents=True, exist_ok=True)
    (PARTS / f"{role}.json").write_text(json.dumps(part), encoding="utf-8")


def write_report(browser: str) -> None:
    """The file of ``/accessibilite/``, of what all roles saw; dated by the oldest."""
    # A title that was written stays: some hold words drawn at random.
    earlier = json.loads(accessibility_statement.RESULTS.read_text(encoding="utf-8"))[
        "pages"
    ]
    pages: dict[str, dict[str, Any]] = {}
    dates, looks, faults = [], 0, set()
    for role in READERS:
        for route, part in read_part(role).items():
            title = earlier.get(route, {}).get("title") or part["title"]
            page = pages.setdefault(route, {"title": title, "roles": [], "states": []})
            page["roles"].append(role)
            states = {*part["looks"], *page["states"]}
            page["states"] = [
                one for one in accessibility_statement.STATES if one in states
            ]
            dates.append(part["toured_on"])
            looks += len(part["looks"])
            faults |= {(route, *fault) for fault in part["faults"]}
    axe = VERSION.search(AXE)
    told = {
        "toured_on": min(dates),
        "axe": axe[1] if axe else "",
        "chromium": browser,
        "looks": looks,
        "pages": dict(sorted(pages.items())),
        "without_a_look": pages_without_a_look(set(pages)),
        "faults": sorted(faults),
    }
    text = json.dumps(told, ensure_ascii=False, indent=1)
    accessibility_statement.RESULTS.write_text(f"{text}\n", encoding="utf-8")
