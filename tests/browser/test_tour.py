"""The tour: every page of the URL list in a browser, role by role (A2, A4, A11, A16).

A page is read by axe at 1280 and at 320 pixels; and with a dark preference, in
forced colours and without JavaScript. It costs minutes, so it is asked for:
``OPUS_WHOLE_TOUR=1``, docs/accessibility.md.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext

from tests.browser.conftest import DESKTOP, Visitor
from tests.pages import READERS, paths, read_pages
from tests.test_access_matrix import Cast

IS_WHOLE = bool(os.environ.get("OPUS_WHOLE_TOUR"))
# The narrowest screen that must lose nothing (WCAG 1.4.10).
NARROW = {"width": 320, "height": 740}
# Nothing outside this machine is loaded, and no animation is waited for.
CALM = {"locale": "fr-FR", "reduced_motion": "reduce", "viewport": DESKTOP}
VARIANTS = ("dark", "forced colours", "no script")


class Tourist(Visitor):
    """A visitor who notes what is wrong, and goes on."""

    def __init__(self, contexts: dict[str, BrowserContext], base: str) -> None:
        super().__init__(contexts["script"], base)
        self.plain = Visitor(contexts["plain"], base)
        self.faults: list[tuple[str, str, str]] = []

    def tour(self, path: str, variants: tuple[str, ...]) -> None:
        self.go(path)
        self.look(path, "1280 px")
        self.page.set_viewport_size(NARROW)
        self.look(path, "320 px")
        self.page.set_viewport_size(DESKTOP)
        if "dark" in variants:
            self.page.emulate_media(color_scheme="dark")
            self.look(path, "dark")
            self.page.emulate_media(color_scheme="light")
        if "forced colours" in variants:
            self.page.emulate_media(forced_colors="active")
            # axe reads the colours of the sheet, not those that the system forces.
            self.look_at_width(path, "forced colours")
            self.page.emulate_media(forced_colors="none")
        if "no script" in variants:
            self.look_without_script(path)

    def go(self, path: str) -> None:
        self.complaints.clear()
        self.page.goto(f"{self.base}{path}")
        self.faults += [(path, "console", words) for words in self.complaints]

    def look(self, path: str, how: str) -> None:
        self.faults += [(path, how, fault) for fault in self.axe_faults("wcag22aa")]
        self.look_at_width(path, how)

    def look_at_width(self, path: str, how: str) -> None:
        width = self.page.evaluate("document.documentElement.scrollWidth")
        if width > self.page.viewport_size["width"]:
            self.faults.append((path, how, f"scrolls sideways: {width} px"))

    def look_without_script(self, path: str) -> None:
        """axe is a script itself: here it is enough that the page is all there."""
        page = self.plain.page
        page.goto(f"{self.base}{path}")
        if not page.locator("h1").is_visible():
            self.faults.append((path, "no script", "its title is not shown"))
        for busy in page.locator("main [aria-busy=true]").all():
            self.faults.append((path, "no script", f"waits: {busy.inner_text()}"))


@pytest.fixture
def contexts(chromium: Browser) -> Iterator[dict[str, BrowserContext]]:
    made = {
        "script": chromium.new_context(**CALM),
        "plain": chromium.new_context(**CALM, java_script_enabled=False),
    }
    yield made
    for context in made.values():
        context.close()


@pytest.mark.timeout(1800)
@pytest.mark.skipif(not IS_WHOLE, reason="minutes long: OPUS_WHOLE_TOUR=1")
@pytest.mark.parametrize("role", READERS)
def test_every_page_is_accessible(
    role: str, contexts: dict[str, BrowserContext], live_server: Any
) -> None:
    """A2, A4, A10, A11, A16."""
    cast = Cast()
    client = cast.client(role)
    pages = [path for path, _ in read_pages(client, paths(role, cast))]
    for context in contexts.values():
        if cookie := client.cookies.get(settings.SESSION_COOKIE_NAME):
            context.add_cookies(
                [
                    {
                        "name": cookie.key,
                        "value": cookie.value,
                        # A __Host- cookie is set by https only.
                        "url": live_server.url.replace("http:", "https:"),
                        "secure": True,
                    }
                ]
            )
    tourist = Tourist(contexts, live_server.url)

    for path in pages:
        tourist.tour(path, VARIANTS)

    assert tourist.faults == []
