"""A page gone through by the Tab key alone (A3; WCAG 2.1.2, 2.4.3, 2.4.7, 2.4.11)."""

from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

LOOKS = Path(__file__).with_name("looks.js").read_text(encoding="utf-8")
# Beyond, a page is the list of itself: its first rows have told how the others are.
LONGEST = 120
# Day, month, year, hours, minutes, calendar: so many stops in one field of the browser.
PARTS_OF_A_DATE = 7


def load_looks(page: Page) -> None:
    if not page.evaluate("typeof opusLooks === 'object'"):
        page.evaluate(LOOKS)


def faults_of_tabbing(page: Page) -> Iterator[str]:
    """Each stop in the page's own order, outlined, in sight; and the end is reached."""
    load_looks(page)
    count = page.evaluate("opusLooks.begin()")
    last, stays = -1, 0
    while last + 1 < min(count, LONGEST):
        page.keyboard.press("Tab")
        stop = page.evaluate("opusLooks.stop()")
        if stop is None:
            yield f"Tab leaves the page after {last + 1} of {count} stops"
            return
        stays = stays + 1 if stop["place"] == last else 0
        if 0 < stays < PARTS_OF_A_DATE:
            continue
        if stays:
            yield f"Tab stays on {stop['name']}"
            return
        if stop["place"] != last + 1:
            yield f"Tab goes from stop {last} to {stop['place']}: {stop['name']}"
        if not stop["outlined"]:
            yield f"no outline: {stop['name']}"
        if not stop["seen"]:
            yield f"out of sight: {stop['name']}"
        last = stop["place"]
