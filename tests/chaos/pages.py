"""A browser without a screen: cookies, links, forms, and the same request again.

Standard library only: it knows Opus by its addresses and its pages alone.
"""

import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPException
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from tests.benches.browser import Browser
from tests.forms import Form, read_forms

# As behind a proxy that ends TLS.
ORIGIN = "https://localhost"
AS_A_PROXY = {"Host": "localhost", "X-Forwarded-Proto": "https", "Origin": ORIGIN}
# Seconds in which a request that is sent again and again must be answered.
PATIENCE = 120.0
NO_ANSWER = 0
# Of a form that was sent before, by a process that may have died: for a minute at most.
NOT_YET = "Votre premier envoi n’a pas encore de réponse"
EVERY = 0.3  # seconds between two gestures
LINK = re.compile(r'<a\b[^>]*\bhref="([^"]+)"')


@dataclass(frozen=True)
class Sent:
    """One request, as its sender saw it; times of ``time.monotonic``."""

    part: str
    what: str
    begun: float
    ended: float
    status: int

    @property
    def seconds(self) -> float:
        return self.ended - self.begun


@dataclass
class Book:
    """All that was sent and found; threads share it."""

    over: threading.Event = field(default_factory=threading.Event)
    sent: list[Sent] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def pause(self, seconds: float) -> bool:
        """Wait; return whether the work goes on."""
        return not self.over.wait(seconds)


class Unanswered(Exception):
    """No answer but 503, for as long as somebody waits."""


@dataclass(frozen=True)
class Page:
    path: str
    status: int
    location: str
    text: str

    @property
    def title(self) -> str:
        return self.text.partition("<title>")[2].partition("</title>")[0].strip()

    def links(self, part: str) -> list[str]:
        """Return the paths of the links that contain ``part``."""
        hrefs = map(unescape, LINK.findall(self.text))
        found = (urlsplit(urljoin(self.path, one)) for one in hrefs)
        return [one.path for one in found if part in one.path]

    def form(self, *names: str, action: str = "") -> Form | None:
        """Return the first form with these fields, posted to such an address."""
        for form in read_forms(self.path, self.text):
            is_there = urlsplit(form.action).path.endswith(action)
            if is_there and form.names.issuperset(names):
                return form
        return None


class Visitor(Browser):
    """A person's browser. Whoever gets no answer sends the same request again."""

    def __init__(self, port: int, book: Book, part: str = "web") -> None:
        super().__init__(f"http://127.0.0.1:{port}")
        self.book = book
        self.part = part
        self.jar: dict[str, str] = {}

    def work(self, act: Callable[[], None]) -> None:
        """Do it again and again until the end; what broke off is a fault."""
        while self.book.pause(EVERY):
            try:
                act()
            except Unanswered as error:
                self.book.faults.append(str(error))
            except Exception as error:
                self.book.faults.append(f"the work broke off: {error!r}")
                raise

    def open(self, path: str, what: str = "page") -> Page:
        """Return the page, redirects followed."""
        for _ in range(5):
            page = self.until_answered(what, "GET", path)
            if not page.location:
                return page
            path = page.location
        return page

    def submit(self, form: Form, what: str, **typed: str | list[str] | bytes) -> Page:
        """Post a form as filled in; the redirect is not followed."""
        fields = encoded(form.data(**typed))
        return self.until_answered(what, "POST", form.action, *fields)

    def break_off(
        self, form: Form, after: float, **typed: str | list[str] | bytes
    ) -> None:
        """Post a form and leave before the answer."""
        body, headers = encoded(form.data(**typed))
        try:
            self.link.request("POST", form.action, body, self.dressed(headers))
            time.sleep(after)
        except (OSError, HTTPException):
            pass
        self.close()

    def until_answered(
        self,
        what: str,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        """Send it until the answer is no 503. Raises Unanswered."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            page = self.send(what, method, path, body, headers or {})
            if page.status not in {NO_ANSWER, 503} and NOT_YET not in page.text:
                return page
            time.sleep(0.3)
        raise Unanswered(f"{method} {path}: no answer within {PATIENCE:.0f} s")

    def send(
        self,
        what: str,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> Page:
        """Send it once, and write down what came."""
        # A connection of its own: an idle one may be closed meanwhile.
        self.close()
        begun, status, text = time.monotonic(), NO_ANSWER, ""
        try:
            status, text = self.request_once(method, path, body, self.dressed(headers))
        except (OSError, HTTPException):
            self.close()
        location = ""
        if status:
            location = self.headers["Location"] or ""
            self.keep_cookies()
        self.book.sent.append(Sent(self.part, what, begun, time.monotonic(), status))
        return Page(path, status, location, text)

    def dressed(self, headers: Mapping[str, str]) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        return {**AS_A_PROXY, "Cookie": cookies, **headers}

    def keep_cookies(self) -> None:
        for line in self.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.jar[name] = value


def encoded(fields: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
    """Return body and headers: with a file, in parts."""
    pairs = list(pairs_of(fields))
    if not any(isinstance(value, bytes) for _, value in pairs):
        kind = "application/x-www-form-urlencoded"
        return urlencode(pairs).encode(), {"Content-Type": kind}
    mark = uuid.uuid4().hex
    body = b""
    for name, value in pairs:
        file = b'; filename="cv.pdf"\r\nContent-Type: application/pdf'
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        is_file = isinstance(value, bytes)
        content = value if isinstance(value, bytes) else value.encode()
        body += head + (file if is_file else b"") + b"\r\n\r\n" + content + b"\r\n"
    body += f"--{mark}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={mark}"}


def pairs_of(fields: Mapping[str, Any]) -> Iterator[tuple[str, str | bytes]]:
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            yield name, one
