"""Pages gone through by the keyboard alone (A3; WCAG 2.1.2, 2.4.3, 2.4.7, 2.4.11)."""

import re
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Locator, Page

LOOKS = Path(__file__).with_name("looks.js").read_text(encoding="utf-8")
# Beyond, a page is the list of itself: its first rows have told how the others are.
LONGEST = 120
# More stops than a page has: past it, the keyboard does not get there.
MOST_STOPS = 150
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


def reach(page: Page, target: Locator) -> None:
    """Tab forward until the focus is there; from the top, past the menus.

    On the way each stop comes after the one before it, is outlined and in sight.
    """
    target.wait_for(state="attached")
    wanted = target.element_handle()
    load_looks(page)
    page.evaluate("opusLooks.step()")
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate("wanted => opusLooks.step(wanted)", wanted)
        if stop is None or stop["stays"]:
            continue
        assert stop["follows"], f"the focus goes back to {stop['name']}"
        assert stop["outlined"], f"the focus is not seen on {stop['name']}"
        assert stop["seen"], f"out of sight: {stop['name']}"
        if stop["there"]:
            return
        if stop["skips"]:
            page.keyboard.press("Enter")
            # On a busy machine the next Tab would come before the jump.
            page.locator(":target:focus").wait_for(state="attached")
    raise AssertionError(f"the keyboard does not reach {target}")


def wait_for_summary(page: Page) -> None:
    """What went wrong has the focus, and keeps it: the page's fragment was followed."""
    summary = page.locator("#erreurs:focus")
    summary.wait_for()
    page.wait_for_load_state()
    summary.wait_for()


def follow(page: Page, name: str) -> None:
    """A link, by its beginning."""
    reach(page, page.get_by_role("link", name=re.compile(f"^{name}")).first)
    page.keyboard.press("Enter")


def push(page: Page, name: str) -> None:
    reach(page, page.get_by_role("button", name=name))
    page.keyboard.press("Enter")


def tick(page: Page, label: str) -> None:
    reach(page, page.get_by_label(label))
    page.keyboard.press("Space")


def write(field: Locator, text: str) -> None:
    """In place of what the field holds."""
    reach(field.page, field)
    field.page.keyboard.press("Control+A")
    field.page.keyboard.type(text)


def pick(field: Locator, beginning: str) -> None:
    """An answer of a list that has the focus, by arrow: slow letters are forgotten."""
    texts = field.locator("option").all_inner_texts()
    place = next(n for n, text in enumerate(texts) if text.startswith(beginning))
    field.page.keyboard.press("Home")
    for _ in range(place):
        field.page.keyboard.press("ArrowDown")
    assert field.evaluate("field => field.selectedIndex") == place
