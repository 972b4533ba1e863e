"""Client of the API "Offres d’emploi v2": token, pages, retries, whole windows.

A search returns 3 150 offers: a window of creation dates has no more.
"""

import datetime as dt
import email.utils
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from django.conf import settings
from django.utils import timezone

from offers.feed.events import decode
from offers.payload.text import in_utc

# Its dates have no fractions.
SECOND = dt.timedelta(seconds=1)
# Before any offer that could still be open.
BEGINNING = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Window:
    start: dt.datetime
    end: dt.datetime

    @property
    def length(self) -> dt.timedelta:
        return self.end - self.start

    @property
    def half(self) -> dt.timedelta:
        """Return half its length, one second at least."""
        return max(SECOND, dt.timedelta(0, int(self.length.total_seconds()) // 2))


def next_window(
    read_to: dt.datetime, covers_to: dt.datetime, step: dt.timedelta
) -> Window:
    """Return the next window; the last may end late."""
    end = min(read_to + max(step, SECOND), max(covers_to, read_to + SECOND))
    return Window(read_to, end)


PAGE = 150
# The index of the last offer that a search returns.
LAST_INDEX = 3149
WINDOW_HOLDS = LAST_INDEX + 1

TRIES = 5
# A run that must wait longer continues later: no worker sleeps for a minute.
PATIENCE = 20.0
# Upper limit of any ``Retry-After``.
LONGEST_PAUSE = 3_600.0
TIMEOUT = httpx2.Timeout(10, connect=5)
TOTAL = re.compile(r"/([0-9]{1,9})\s*$")
# Before any offer: the answer is short, and has the time like any other.
FIRST_SECOND = Window(BEGINNING, BEGINNING + SECOND)
OTHER_OFFER = "L’API répond au numéro d’une offre par autre chose que cette offre."
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Access:
    url: str
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str

    @classmethod
    def of_settings(cls) -> "Access | None":
        """Return the configured access; without it, nothing is pulled."""
        if not settings.API_CLIENT_ID or not settings.API_CLIENT_SECRET:
            return None
        return cls(
            url=settings.API_URL,
            token_url=settings.API_TOKEN_URL,
            client_id=settings.API_CLIENT_ID,
            client_secret=settings.API_CLIENT_SECRET,
            scope=settings.API_SCOPE,
        )


class ApiAway(Exception):
    """The API gave no proper answer; the reason is French.

    ``resume_at``: make no request before.
    """

    def __init__(self, text: str, resume_at: dt.datetime | None = None) -> None:
        super().__init__(text)
        self.resume_at = resume_at


class OddAnswer(ApiAway):
    """The API answered 200 with an unexpected body."""


class OutOfTime(Exception):
    """This run's time is over; the next one continues."""


class Budget:
    """The time limit of a run; unlimited without a number."""

    def __init__(
        self,
        seconds: float | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.clock = clock
        self.ends = None if seconds is None else clock() + seconds

    def demand(self, seconds: float = 0.0) -> None:
        """Raise OutOfTime if fewer seconds are left."""
        if self.ends is not None and self.clock() + seconds >= self.ends:
            raise OutOfTime


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a search: raw offers, and the total.

    ``sent_at``: the API's own time, if given.
    """

    offers: list[Any]
    total: int
    sent_at: dt.datetime | None = None


class Api:
    def __init__(
        self, access: Access, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.access = access
        self.sleep = sleep
        self.requests = 0
        is_near = urlsplit(access.url).hostname in LOOPBACK
        self.client = OAuth2Client(
            access.client_id,
            access.client_secret,
            token_endpoint=access.token_url,
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 - a method
            grant_type="client_credentials",
            scope=access.scope,
            timeout=TIMEOUT,
            # A proxy leads outside this machine.
            trust_env=not is_near,
        )

    def close(self) -> None:
        self.client.close()

    # --- Requests ---

    def now(self, budget: Budget) -> dt.datetime:
        """Return the API's ``Date`` in whole seconds. Raises ApiAway, OutOfTime."""
        sent_at = self.search(FIRST_SECOND, 0, budget).sent_at
        if sent_at is None or sent_at <= BEGINNING:
            raise OddAnswer("Réponse de l’API sans heure (en-tête Date).")
        return sent_at

    def search(self, window: Window, first: int, budget: Budget) -> Page:
        """Return a page, newest first. Raises ApiAway, OutOfTime."""
        query = {"sort": "1", "range": f"{first}-{first + PAGE - 1}"}
        query |= {
            "minCreationDate": stamp(window.start),
            "maxCreationDate": stamp(window.end),
        }
        response = self.get("/v2/offres/search", query, budget)
        sent_at = instant_of(response.headers.get("Date", ""))
        if response.status_code == 204:
            return Page([], 0 if first == 0 else first, sent_at)
        if response.status_code not in {200, 206}:
            raise ApiAway(refusal_of(response))
        body = body_of(response)
        offers = body.get("resultats") if isinstance(body, dict) else None
        if not isinstance(offers, list):
            raise OddAnswer("Réponse de l’API sans « resultats ».")
        found = TOTAL.search(response.headers.get("Content-Range", ""))
        if found is None and response.status_code == 206:
            raise OddAnswer("Réponse partielle de l’API sans Content-Range.")
        total = int(found[1]) if found else first + len(offers)
        return Page(offers, total, sent_at)

    def offer(self, reference: str, budget: Budget) -> Any:
        """Return an offer, None if gone. Raises ApiAway, OddAnswer, OutOfTime."""
        response = self.get(f"/v2/offres/{reference}", {}, budget)
        if response.status_code in {204, 404}:
            return None
        if response.status_code != 200:
            raise ApiAway(refusal_of(response))
        item = body_of(response)
        name = item.get("id") if isinstance(item, dict) else None
        if not isinstance(name, str) or name.strip() != reference:
            raise OddAnswer(OTHER_OFFER)
        return item

    # --- Sending ---

    def get(
        self, path: str, query: Mapping[str, str], budget: Budget
    ) -> httpx2.Response:
        """Return the answer; retry after 429, 5xx and silence.

        Raises ApiAway: it lasts, or must wait longer than the budget. OutOfTime.
        """
        trouble = ""
        is_renewed = False
        attempt = 0
        while attempt < TRIES:
            budget.demand()
            attempt += 1
            wait = 2.0 ** (attempt - 1)
            try:
                self.get_token()
                self.requests += 1
                response = self.client.get(self.access.url + path, params=query)
            except httpx2.HTTPError as error:
                trouble = f"L’API ne répond pas ({type(error).__name__})."
            except OAuthError as error:
                raise ApiAway(
                    f"L’API refuse les identifiants ({error.error})."[:300]
                ) from error
            # The last three: JSON that is no object, or has invalid parts.
            except (ValueError, TypeError, AttributeError, OverflowError) as error:
                raise ApiAway("Réponse illisible à la demande de jeton.") from error
            else:
                if response.status_code == 401 and not is_renewed:
                    # The token was revoked early: get another and try once more.
                    is_renewed = True
                    self.client.token = None
                    attempt -= 1
                    continue
                if response.status_code not in {429, 500, 502, 503, 504}:
                    return response
                trouble = refusal_of(response)
                wait = retry_after(response) or wait
            if wait > PATIENCE:
                resume_at = timezone.now() + dt.timedelta(seconds=wait)
                raise ApiAway(trouble, resume_at)
            if attempt < TRIES:
                budget.demand(wait)
                self.sleep(wait)
        raise ApiAway(trouble)

    def get_token(self) -> None:
        """Get a token if needed; the client renews it.

        Raises OAuthError: the credentials are refused. HTTPError: no answer.
        """
        if self.client.token:
            return
        response = self.client.fetch_token(
            self.access.token_url, grant_type="client_credentials"
        )
        if "access_token" not in response:
            raise OAuthError("no_access_token")


@cache
def api_of(access: Access) -> Api:
    return Api(access)


def stamp(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def body_of(response: httpx2.Response) -> Any:
    """Return the JSON, its offers unchecked. Raises OddAnswer."""
    try:
        return decode(response.content.decode())
    except (ValueError, RecursionError) as error:
        raise OddAnswer("Réponse illisible de l’API (JSON).") from error


def refusal_of(response: httpx2.Response) -> str:
    return f"L’API répond {response.status_code}."


def retry_after(response: httpx2.Response) -> float | None:
    """Return the seconds of ``Retry-After``, an hour at most.

    A date is compared with the answer's ``Date``: both use the API's clock.
    """
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_PAUSE)
    at = instant_of(text)
    sent_at = instant_of(response.headers.get("Date", ""))
    if at is None or sent_at is None:
        return None
    return min(max(0.0, (at - sent_at).total_seconds()), LONGEST_PAUSE)


def instant_of(text: str) -> dt.datetime | None:
    try:
        return in_utc(email.utils.parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


# Offers added or removed between two pages shift the rest: read again.
READINGS = 3


class TooMany(Exception):
    """The window has too many offers: halve it."""


def read_window(api: Api, window: Window, budget: Budget) -> tuple[list[Any], bool]:
    """Return the raw offers of a window, and whether they are all.

    Only then is an absent offer missing. Raises TooMany, ApiAway, OutOfTime.
    """
    offers: list[Any] = []
    is_whole = False
    for _ in range(READINGS):
        offers, is_whole = read_pages(api, window, budget)
        if is_whole:
            break
    return offers, is_whole


def read_pages(api: Api, window: Window, budget: Budget) -> tuple[list[Any], bool]:
    """Return the offers; all, if each is there once and the count stayed the same."""
    offers: list[Any] = []
    first, total = 0, None
    is_steady = True
    while first <= LAST_INDEX:
        page = api.search(window, first, budget)
        if total is None:
            total = page.total
            if total > WINDOW_HOLDS and window.length > SECOND:
                raise TooMany
        is_steady &= page.total == total
        offers.extend(page.offers)
        first += PAGE
        if first >= page.total or not page.offers:
            break
    ids = (offer.get("id") for offer in offers if isinstance(offer, dict))
    names = [name for name in ids if isinstance(name, str)]
    is_distinct = len(set(names)) == len(names)
    return offers, is_steady and is_distinct and len(offers) == total
