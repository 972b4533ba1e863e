"""The public API for tests: the stand-in over real HTTP, and a poll of it."""

import datetime as dt
from typing import Any

from django.utils import timezone

from demo.synthetic.stand_in_api import TOKEN_PATH, Server, StandIn
from offers.catalogue.models import OfferSearch
from offers.pull.api import Access, Api, Budget, api_of
from offers.pull.poll import poll

HOUR = dt.timedelta(hours=1)


def access_of(server: Server, **changes: str) -> Access:
    parts = {
        "url": server.url,
        "token_url": server.url + TOKEN_PATH,
        "client_id": server.stand_in.client_id,
        "client_secret": server.stand_in.client_secret,
        "scope": "api_offresdemploiv2 o2dsoffre",
    }
    return Access(**parts | changes)


class Source:
    """An API whose offers the test holds in its hand.

    ``waited`` has the pauses that the client made, none of which took any time.
    """

    def __init__(self, server: Server, held: dict[str, Any]) -> None:
        self.server = server
        self.held = held
        self.waited: list[float] = []
        self.apis: list[Api] = []
        self.api = self.new_api()

    def new_api(self, **changes: str) -> Api:
        api = Api(access_of(self.server, **changes), sleep=self.waited.append)
        self.apis.append(api)
        return api

    def close(self) -> None:
        """Hang up, the task's own conversation included."""
        for api in (*self.apis, api_of(access_of(self.server))):
            api.close()
        api_of.cache_clear()

    @property
    def stand_in(self) -> StandIn:
        return self.server.stand_in

    def show(self, *offers: dict[str, Any]) -> None:
        for offer in offers:
            self.held[offer["id"]] = offer

    def drop(self, *references: str) -> None:
        for reference in references:
            del self.held[reference]

    def searches(self) -> list[str]:
        return [path for path in self.stand_in.paths if "search" in path]

    def poll(self, **options: Any) -> list[Any]:
        return poll(self.api, **options)

    def compare(self, **options: Any) -> Any:
        """A whole comparison, whatever the hour."""
        runs = poll(self.api, compare=True, **options)
        return next(run for run in runs if run.is_comparison)


class Turns:
    """A budget that ends after so many requests: a kill at a chosen moment."""

    def __init__(self, count: int) -> None:
        self.left = float(count)

    def budget(self) -> Budget:
        return Budget(1.0, clock=self.clock)

    def clock(self) -> float:
        """The time stands still, until it is over."""
        self.left -= 1
        return 0.0 if self.left >= -1 else 2.0


def ago(**length: float) -> str:
    """A date as the API writes it."""
    at = timezone.now() - dt.timedelta(**length)
    return (
        at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def seen() -> set[str]:
    """The offers that lists show."""
    return set(OfferSearch.objects.values_list("offer_id", flat=True))
