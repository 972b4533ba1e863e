"""A stand-in for the API, for tests and demonstrations.

Tokens expire, pages have 150 offers up to index 3149, statuses are 200, 206, 204, 400;
on demand 401, 429, 5xx, silence. It filters by creation date, department and ROME code.
One process, no TLS.
"""

import contextlib
import datetime as dt
import json
import re
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from offers.payload.text import in_utc

TOKEN_PATH = "/connexion/oauth2/access_token"  # noqa: S105 - an address
SEARCH_PATH = "/v2/offres/search"
OFFER_PATH = "/v2/offres/"
PAGE = 150
LAST_START, LAST_INDEX = 3_000, 3_149

RANGE = re.compile(r"(\d{1,9})-(\d{1,9})")
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

type Item = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """A planned wrong answer or delay, for the next request."""

    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    silence: float = 0.0
    body: bytes = b""


class BadRequest(ValueError):
    pass


class StandIn:
    """The API's state: offers, tokens, planned faults.

    ``offers`` is called at each request; a token lasts ``lasts`` seconds.
    """

    client_id = "PAR_opus_demo"
    client_secret = "demo"  # noqa: S105 - it guards invented offers

    def __init__(
        self, offers: Callable[[], Iterable[Item]], *, lasts: int = 1_499
    ) -> None:
        self.offers, self.lasts = offers, lasts
        # The ``Date`` of its answers: its own clock.
        self.date: Callable[[], str] = lambda: formatdate(usegmt=True)
        self.tokens: dict[str, float] = {}
        self.faults: deque[Fault] = deque()
        # Paths of the requests so far.
        self.paths: list[str] = []
        self.tokens_given = 0

    # --- Tokens ---

    def give_token(self, form: Mapping[str, str]) -> Answer:
        if form.get("grant_type") != "client_credentials":
            return Answer(400, {"error": "unsupported_grant_type"})
        known = (self.client_id, self.client_secret)
        if (form.get("client_id"), form.get("client_secret")) != known:
            return Answer(401, {"error": "invalid_client"})
        token = secrets.token_urlsafe(20)
        self.tokens[token] = time.monotonic() + self.lasts
        self.tokens_given += 1
        body: Item = {"access_token": token, "token_type": "Bearer"}
        body |= {"expires_in": self.lasts, "scope": form.get("scope", "")}
        return Answer(200, body)

    def knows(self, authorization: str) -> bool:
        token = authorization.removeprefix("Bearer ")
        return self.tokens.get(token, 0.0) > time.monotonic()

    # --- Offers ---

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        try:
            if path == SEARCH_PATH:
                return self.search(query)
            if path.startswith(OFFER_PATH):
                return self.one(unquote(path.removeprefix(OFFER_PATH)))
        except BadRequest as error:
            return Answer(400, {"message": str(error)})
        return Answer(404)

    def search(self, query: Mapping[str, str]) -> Answer:
        first, last = read_range(query.get("range", f"0-{PAGE - 1}"))
        found = [offer for offer in self.offers() if suits(offer, query)]
        found.sort(key=lambda offer: offer["id"], reverse=True)
        found.sort(key=lambda offer: stamp(offer["dateCreation"]), reverse=True)
        if first >= len(found):
            return Answer(204, headers={"Content-Range": "*/0"})
        shown = found[first : last + 1]
        end = first + len(shown) - 1
        return Answer(
            200 if len(shown) == len(found) else 206,
            {"resultats": [public(offer) for offer in shown]},
            {"Content-Range": f"offres {first}-{end}/{len(found)}"},
        )

    def one(self, reference: str) -> Answer:
        for offer in self.offers():
            if offer["id"] == reference:
                return Answer(200, public(offer))
        return Answer(204)


def read_range(text: str) -> tuple[int, int]:
    """Read « p-d », both included. Raises BadRequest."""
    found = RANGE.fullmatch(text)
    if not found:
        raise BadRequest("range")
    first, last = map(int, found.groups())
    if first > LAST_START or last > LAST_INDEX or not 0 <= last - first < PAGE:
        raise BadRequest("range")
    return first, last


def suits(offer: Item, query: Mapping[str, str]) -> bool:
    """Return whether an offer matches. Raises BadRequest: invalid dates."""
    start, end = query.get("minCreationDate"), query.get("maxCreationDate")
    if (start is None) != (end is None):
        raise BadRequest("minCreationDate, maxCreationDate")
    if start is not None and end is not None:
        if not STAMP.fullmatch(start) or not STAMP.fullmatch(end) or start > end:
            raise BadRequest("minCreationDate, maxCreationDate")
        if not start <= stamp(offer["dateCreation"])[:19] + "Z" <= end:
            return False
    place = offer.get("lieuTravail") or {}
    department = str(place.get("libelle", "")).split(" ")[0]
    return is_one_of(query.get("departement"), department) and is_one_of(
        query.get("codeROME"), str(offer.get("romeCode", ""))
    )


def is_one_of(values: str | None, value: str) -> bool:
    return values is None or value in values.split(",")


@lru_cache(maxsize=100_000)
def stamp(text: str) -> str:
    """Return a date in UTC, as comparable text."""
    at = in_utc(dt.datetime.fromisoformat(text))
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def public(offer: Item) -> Item:
    """Return the offer without its mode, as the API does."""
    return {key: value for key, value in offer.items() if key != "opus"}


# --- Over HTTP -----------------------------------------------------------------------


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        stand_in = self.server.stand_in
        stand_in.paths.append(self.path)
        if self.is_out_of_turn():
            return
        if not stand_in.knows(self.headers.get("Authorization", "")):
            self.reply(Answer(401, headers={"WWW-Authenticate": "Bearer"}))
            return
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.reply(stand_in.answer(parts.path, query))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode(errors="replace")
        is_known = urlsplit(self.path).path == TOKEN_PATH
        give = self.server.stand_in.give_token
        self.reply(give(dict(parse_qsl(body))) if is_known else Answer(404))

    def is_out_of_turn(self) -> bool:
        faults = self.server.stand_in.faults
        if not faults:
            return False
        fault = faults.popleft()
        time.sleep(fault.silence)
        self.send(fault.status, fault.body, fault.headers)
        return True

    def reply(self, answer: Answer) -> None:
        body = b""
        headers = dict(answer.headers)
        if answer.body is not None:
            body = json.dumps(answer.body, ensure_ascii=False).encode()
            headers["Content-Type"] = "application/json"
        self.send(answer.status, body, headers)

    def send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        # The client may have disconnected.
        with contextlib.suppress(ConnectionError):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return self.server.stand_in.date()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Log nothing: a comparison makes thousands of requests."""


class Server(ThreadingHTTPServer):
    """The stand-in, on this machine only."""

    daemon_threads = True

    def __init__(self, stand_in: StandIn, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.stand_in = stand_in

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextlib.contextmanager
def serving(stand_in: StandIn, port: int = 0) -> Iterator[Server]:
    with Server(stand_in, port) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
