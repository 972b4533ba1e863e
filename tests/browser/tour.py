"""What the tour puts a page through: loaded once, then looked at in each state.

Sizes, colours and spacing change under the page that stands there; only "no script" and
"error" load something more. docs/accessibility.md says what each state is for.
"""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

from playwright.sync_api import BrowserContext, Page, Route

from tests.browser.conftest import DESKTOP, Visitor
from tests.browser.keyboard import faults_of_tabbing, load_looks
from tests.pages import Look

# The narrowest screen that must lose nothing: 1280 pixels at 400 % (WCAG 1.4.10).
NARROW = {"width": 320, "height": 740}
# No animation is waited for; and a page must then have none.
CALM = {"locale": "fr-FR", "reduced_motion": "reduce", "viewport": DESKTOP}
# WCAG 1.4.12, word for word.
SPACING = """
  * { line-height: 1.5 !important; letter-spacing: 0.12em !important;
      word-spacing: 0.16em !important; }
  p { margin-bottom: 2em !important; }
"""
# Rules that a colour preference can change; the rest of the page is the same.
OF_COLOURS = ["color-contrast", "link-in-text-block"]


@dataclasses.dataclass(frozen=True, order=True)
class Fault:
    """What is wrong with a page, and in which state."""

    route: str
    state: str
    words: str


class Tourist(Visitor):
    """A visitor who notes what is wrong, and goes on."""

    def __init__(
        self, context: BrowserContext, plain: BrowserContext, base: str
    ) -> None:
        super().__init__(context, base)
        self.plain = Visitor(plain, base)
        self.faults: list[Fault] = []
        # What was looked at: each look, in its order.
        self.seen: list[tuple[Look, str]] = []
        self.opened: set[str] = set()

    def tour(self, look: Look, states: Iterable[str]) -> None:
        """Open it once; put it in each of these states in turn."""
        self.complaints.clear()
        self.page.goto(f"{self.base}{look.path}")
        self.note(look, "desktop", self.complaints)
        for state in states:
            self.record(look, state)
            self.note(look, state, STATES[state](self, look))

    def record(self, look: Look, state: str) -> None:
        self.seen.append((look, state))

    def note(self, look: Look, state: str, faults: Iterable[str]) -> None:
        self.faults += [Fault(look.route, state, words) for words in faults]

    def show(self, look: Look, state: str) -> None:
        """A page that no address gives: the answer to a form, or to a breakdown."""
        self.complaints.clear()
        url = f"{self.base}{look.path}"
        headers = {"content-type": "text/html; charset=utf-8", **look.headers}

        def answer(route: Route) -> None:
            route.fulfill(status=look.status, headers=headers, body=look.html)

        self.page.route(url, answer)
        self.page.goto(url)
        self.page.unroute(url)
        self.record(look, state)
        self.note(look, state, [*self.complaints, *at_desktop(self, look)])
        if state == "error":
            self.note(look, state, evaluate_looks(self.page, "focus"))

    def rules(self, *names: str) -> list[str]:
        return self.axe_faults("wcag22aa", rules=names)


def evaluate_looks(page: Page, *looks: str) -> list[str]:
    load_looks(page)
    calls = ", ".join(f"...opusLooks.{look}()" for look in looks)
    found: list[str] = page.evaluate(f"[{calls}]")
    return found


def at_desktop(tourist: Tourist, look: Look) -> list[str]:
    return tourist.rules() + evaluate_looks(
        tourist.page, "header", "sideways", "regions", "moving"
    )


def at_320(tourist: Tourist, look: Look) -> list[str]:
    tourist.page.set_viewport_size(NARROW)
    found = tourist.rules() + evaluate_looks(
        tourist.page, "header", "sideways", "regions"
    )
    tourist.page.set_viewport_size(DESKTOP)
    return found


def in_the_dark(tourist: Tourist, look: Look) -> list[str]:
    tourist.page.emulate_media(color_scheme="dark")
    found = tourist.rules(*OF_COLOURS)
    tourist.page.emulate_media(color_scheme="light")
    return found


def in_forced_colours(tourist: Tourist, look: Look) -> list[str]:
    """axe reads the colours of the sheet, not those that the system forces."""
    tourist.page.emulate_media(forced_colors="active")
    found = evaluate_looks(tourist.page, "edgeless", "sideways")
    tourist.page.emulate_media(forced_colors="none")
    return found


def spaced(tourist: Tourist, look: Look) -> list[str]:
    """A constructed sheet: the page's policy refuses any other."""
    page, found = tourist.page, []
    page.evaluate(
        """text => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(text);
            document.adoptedStyleSheets.push(sheet);
        }""",
        SPACING,
    )
    for size in (NARROW, DESKTOP):
        page.set_viewport_size(size)
        found += evaluate_looks(page, "sideways", "cut")
    page.evaluate("document.adoptedStyleSheets.pop()")
    return found


def by_keyboard(tourist: Tourist, look: Look) -> list[str]:
    return list(faults_of_tabbing(tourist.page))


def without_script(tourist: Tourist, look: Look) -> list[str]:
    page = tourist.plain.page
    page.goto(f"{tourist.base}{look.path}")
    return evaluate_looks(page, "dead", "sideways")


def with_its_dialogs(tourist: Tourist, look: Look) -> list[str]:
    """Each window of these pages once, and the menu of a telephone."""
    page, found = tourist.page, []
    for name in page.evaluate(
        "[...document.querySelectorAll('dialog')].map(d => d.id)"
    ):
        if name not in tourist.opened:
            tourist.opened.add(name)
            page.evaluate("name => document.getElementById(name).showModal()", name)
            found += tourist.rules()
            page.evaluate("name => document.getElementById(name).close()", name)
    menu = page.locator("#bouton-menu")
    if menu.count() and "menu" not in tourist.opened:
        tourist.opened.add("menu")
        page.set_viewport_size(NARROW)
        menu.click()
        page.locator("#menu.fr-modal--opened").wait_for()
        found += tourist.rules()
        page.keyboard.press("Escape")
        page.locator("#menu:not(.fr-modal--opened)").wait_for(state="attached")
        if page.evaluate("document.activeElement.id") != "bouton-menu":
            found.append("the menu does not give the cursor back")
        page.set_viewport_size(DESKTOP)
    return found


# The order counts: the keyboard comes last, since it may open or scroll something.
STATES: dict[str, Callable[[Tourist, Any], list[str]]] = {
    "desktop": at_desktop,
    "narrow": at_320,
    "dark": in_the_dark,
    "forced_colours": in_forced_colours,
    "spacing": spaced,
    "no_script": without_script,
    "dialog": with_its_dialogs,
    "keyboard": by_keyboard,
}
