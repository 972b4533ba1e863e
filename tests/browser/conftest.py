"""A real Chromium on the real site: the same pages, the CSP enforced, no errors let by.

Playwright's loop runs in this thread, so Django must be told that its ORM may too.
"""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    Response,
    expect,
    sync_playwright,
)
from playwright.sync_api import TimeoutError as StuckError

from tests.conftest import find_chromium

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
NEEDS_BROWSER = pytest.mark.skipif(
    not find_chromium() and not os.environ.get("OPUS_REQUIRE_BROWSER"),
    reason="no Chromium found: apt-get install chromium, or set OPUS_CHROMIUM",
)
AXE = Axe().axe_script
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
# A whole Chromium draws a window around each page, and starts a process for the list
# under its address bar: more work than our pages. The others are Playwright's own.
ARGUMENTS = [
    "--renderer-process-limit=1",
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,"
    "SpareRendererForSitePerProcess,AvoidUnnecessaryBeforeUnloadCheckSync,"
    "DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,"
    "MediaRouter,OptimizationHints,PaintHolding,ThirdPartyStoragePartitioning",
]
# Milliseconds. Pages come within one: the rest is for a machine that is busy.
PATIENCE = 30_000
# Matches a page whose fonts and scripts are still to come.
LOADING = """({
    queryAll: () => document.readyState === "complete" ? []
        : [document.documentElement].filter(Boolean),
    query() { return this.queryAll()[0]; },
})"""
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs a browser, and empties the tables after it.

    A journey that is not marked ``phone`` is made on a phone by ``--thorough`` only.
    """
    for item in items:
        if "/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))
            item.add_marker(NEEDS_BROWSER)
            call = getattr(item, "callspec", None)
            on_a_phone = call and call.params.get("viewport") == PHONE
            if on_a_phone and not item.get_closest_marker("phone"):
                item.add_marker(pytest.mark.thorough)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say what the visitors of a failed test saw."""
    report = yield
    if call.when == "call" and report.failed:
        for name, value in getattr(item, "funcargs", {}).items():
            if isinstance(value, Visitor):
                report.sections.insert(0, (f"What {name} saw", value.describe()))
    return report


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = find_chromium()
    assert program, "no Chromium found: apt-get install chromium, or set OPUS_CHROMIUM"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        playwright.selectors.register("loading", LOADING, content_script=True)
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


class Visitor:
    """Somebody at a browser: what went wrong on any page fails the test."""

    def __init__(
        self, context: BrowserContext, base: str, *, is_read_by_axe: bool = True
    ) -> None:
        self.is_read_by_axe = is_read_by_axe
        self.context = context
        self.base = base
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.answers: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._listen)
        self.page.on("response", self._note)
        # What comes late may move the page between a button's press and its release:
        # Chromium then sends no click, and Playwright does not tell.
        self.loading = self.page.locator("loading=any")
        self.page.add_locator_handler(self.loading, self._wait, no_wait_after=True)

    def _listen(self, message: Any) -> None:
        # A refused policy is told as an error; so is a page that answers 4xx or 5xx.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def _note(self, response: Response) -> None:
        request = response.request
        if request.is_navigation_request():
            self.answers.append(f"{request.method} {request.url} {response.status}")

    def _wait(self) -> None:
        self.page.wait_for_load_state()

    def hurry(self) -> None:
        """Act from now on before a page's scripts have come."""
        self.page.remove_locator_handler(self.loading)

    def describe(self) -> str:
        """Return the last answers, and the words on the page."""
        try:
            words = self.page.inner_text("body", timeout=5_000)[:1_500]
        except Error as error:
            words = error.message
        browser = self.context.browser
        program = f"{find_chromium()} {browser.version if browser else ''}"
        return "\n".join([program, *self.answers[-12:], self.page.url, words])

    def open(self, path: str) -> None:
        try:
            answer = self._go(path)
        except StuckError:
            # Chromium had just ended the process that the tab was given. A page that
            # the site does not answer is another matter.
            if not self.context.request.get(self.base + path, timeout=5_000).ok:
                raise
            answer = self._go(path)
        assert answer.status < 400, f"{path}: {answer.status}"

    def _go(self, path: str) -> Response:
        # goto() sometimes returns no answer on a busy machine though the page was
        # opened: the answer itself is listened to.
        with self.page.expect_response(_is_page) as answered:
            try:
                self.page.goto(self.base + path)
            except Error as error:
                # The page before was on its way elsewhere: it moves by itself.
                if "ERR_ABORTED" not in error.message:
                    raise
                self.page.goto(self.base + path)
        return answered.value

    @contextmanager
    def pdf_beside(self) -> Iterator[None]:
        """What is pressed in this block opens a PDF in a tab of its own."""
        here = self.page.url
        with (
            self.context.expect_event("response", _is_pdf) as answered,
            self.context.expect_page() as opened,
        ):
            yield
        assert answered.value.status == 200
        # Debian's chromium-headless-shell, which shows no PDF, saves it.
        opened.value.close()
        assert (self.page.url, self.context.pages) == (here, [self.page])

    def check_page(self) -> None:
        """Expect no fault that axe sees, and nothing lost on the side (A2, A11)."""
        self.expect_accessible()
        self.expect_no_sideways_scroll()

    def check_pages(self, *paths: str) -> None:
        """Open each of these addresses, and check what it shows."""
        for path in paths:
            self.open(path)
            self.check_page()

    def expect_accessible(self) -> None:
        """No fault that axe can see, against WCAG 2.1 A and AA (A2)."""
        # A click waits for the answer's first byte, not for its last.
        self.page.wait_for_load_state()
        if self.is_read_by_axe:
            assert self.axe_faults() == []

    def axe_faults(self, *more_tags: str, rules: tuple[str, ...] = ()) -> list[str]:
        """What axe finds on this page as it stands: rule by rule, all or some."""
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(AXE)
        run_only = (
            {"type": "rule", "values": rules}
            if rules
            else {"type": "tag", "values": [*AXE_TAGS, *more_tags]}
        )
        options = {"resultTypes": ["violations"], "runOnly": run_only}
        violations = self.page.evaluate("options => axe.run(options)", options)
        return [
            f"{fault['id']}: {fault['help']}: "
            + " ; ".join(
                f"{one['target']} {one['html'][:200]}" for one in fault["nodes"]
            )
            for fault in violations["violations"]
        ]

    def expect_no_sideways_scroll(self) -> None:
        """Nothing is lost at 320 to 360 pixels (A11)."""
        self.page.wait_for_load_state()
        wide = self.page.evaluate(
            """() => [...document.querySelectorAll("body *")]
                .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
                .map((one) => `${one.tagName}.${one.className}`)"""
        )
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= self.page.viewport_size["width"], wide


def _is_pdf(response: Response) -> bool:
    return response.url.endswith(".pdf")


def _is_page(response: Response) -> bool:
    """Whether this is the page asked for, at the end of its redirects."""
    is_redirect = 300 <= response.status < 400
    return response.request.is_navigation_request() and not is_redirect


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def viewport(request: pytest.FixtureRequest) -> dict[str, int]:
    return request.param


@pytest.fixture
def visitor(chromium: Browser, live_server: Any) -> Iterator[Visitor]:
    """At a desktop, with JavaScript."""
    context = chromium.new_context(locale="fr-FR", viewport=DESKTOP)
    yield from _visit(Visitor(context, live_server.url))


@pytest.fixture
def visitor_of_any_size(
    chromium: Browser,
    live_server: Any,
    viewport: dict[str, int],
    pytestconfig: pytest.Config,
) -> Iterator[Visitor]:
    """A journey on a phone is also made at a desktop: axe reads its pages there."""
    reads = viewport == DESKTOP or pytestconfig.getoption("--thorough")
    context = chromium.new_context(locale="fr-FR", viewport=viewport)
    yield from _visit(Visitor(context, live_server.url, is_read_by_axe=reads))


@pytest.fixture
def visitor_with_a_phone(chromium: Browser, live_server: Any) -> Iterator[Visitor]:
    context = chromium.new_context(locale="fr-FR", viewport=PHONE)
    yield from _visit(Visitor(context, live_server.url))


@pytest.fixture
def visitor_without_script(chromium: Browser, live_server: Any) -> Iterator[Visitor]:
    """JavaScript off, so no axe: every journey works all the same (A4)."""
    context = chromium.new_context(
        locale="fr-FR", viewport=DESKTOP, java_script_enabled=False
    )
    yield from _visit(Visitor(context, live_server.url, is_read_by_axe=False))


def _visit(visitor: Visitor) -> Iterator[Visitor]:
    visitor.context.set_default_timeout(PATIENCE)
    yield visitor
    visitor.context.close()
    assert visitor.complaints == []
