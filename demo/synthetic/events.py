"""A day of invented events, and how they travel.

``Life`` decides what happens, ``Traffic`` how it arrives: in batches, twice, late, in
the wrong order. The same seed gives the same day.
"""

import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from demo.synthetic.offers import make_offers
from demo.synthetic.randomness import Dice

# Kinds of a hundred events at a France Travail agency.
KINDS = {
    "creee": 30,
    "modifiee": 35,
    "suspendue": 13,
    "reactivee": 8,
    "pourvue": 9,
    "annulee": 5,
}
# The states in which each kind is possible.
FROM = {
    "modifiee": {"active", "suspendue"},
    "suspendue": {"active"},
    "reactivee": {"suspendue", "pourvue"},
    "pourvue": {"active"},
    "annulee": {"active", "suspendue"},
}
STATES = {
    "creee": "active",
    "suspendue": "suspendue",
    "reactivee": "active",
    "pourvue": "pourvue",
    "annulee": "annulee",
}
CHANGES = [
    "Poste à pourvoir rapidement.",
    "Une période d’essai d’un mois est prévue.",
    "Les horaires peuvent être aménagés.",
    "Le poste est accessible par les transports en commun.",
    "Une formation est assurée à l’arrivée.",
]
MANY = 10_000_000

DUPLICATED = 0.04
LATE = 0.06
# The sender repeats a delivery, its answer lost.
SENT_AGAIN = 0.02
REMEMBERED = 50

type Item = dict[str, Any]


@dataclass
class LiveOffer:
    content: Item
    state: str
    sequence: int


class Life:
    def __init__(
        self, seed: int, stock: Iterable[Item] = (), *, now: Callable[[], datetime]
    ) -> None:
        """``stock``: existing offers; ``now``: the clock of the events."""
        self.dice = Dice(seed)
        self.now = now
        self.news = make_offers(MANY, seed=seed)
        self.offers = {offer["id"]: LiveOffer(offer, "active", 0) for offer in stock}
        self.totals = list(accumulate(KINDS.values()))

    def shown(self) -> list[Item]:
        return [
            live.content
            for live in tuple(self.offers.values())
            if live.state == "active"
            and (live.content.get("opus") or {}).get("publiee") is not False
        ]

    def next_event(self) -> Item:
        kind = self.dice.weighed(list(KINDS), self.totals)
        states, offers = FROM.get(kind, ()), self.offers.items()
        references = [pk for pk, live in offers if live.state in states]
        if not references:
            return self.create()
        return self.change(kind, self.dice.pick(references))

    def create(self) -> Item:
        offer = next(self.news)
        offer["dateCreation"] = offer["dateActualisation"] = self.stamp()
        live = self.offers[offer["id"]] = LiveOffer(offer, "", 0)
        return self.emit("creee", live)

    def change(self, kind: str, reference: str) -> Item:
        live = self.offers[reference]
        if kind in {"modifiee", "reactivee"}:
            live.content = {**live.content, "dateActualisation": self.stamp()}
        if kind == "modifiee":
            self.rewrite(live.content)
        return self.emit(kind, live)

    def rewrite(self, content: Item) -> None:
        sentence = self.dice.pick(CHANGES)
        text = content.get("description") or ""
        if sentence not in text:
            content["description"] = f"{text}\n{sentence}".strip()
        else:
            content["nombrePostes"] = self.dice.number(1, 5)

    def emit(self, kind: str, live: LiveOffer) -> Item:
        live.sequence += 1
        live.state = STATES.get(kind, live.state)
        number = int(self.dice.draw() * 2**64) << 64 | int(self.dice.draw() * 2**64)
        item: Item = {
            "specversion": "1.0",
            "id": str(uuid.UUID(int=number)),
            "source": "/francetravail/offres",
            "type": f"fr.francetravail.offre.{kind}",
            "subject": live.content["id"],
            "time": self.stamp(),
            "sequence": str(live.sequence),
        }
        if kind in {"creee", "modifiee", "reactivee"}:
            item["data"] = live.content
        return item

    def stamp(self) -> str:
        return self.now().astimezone(UTC).isoformat().replace("+00:00", "Z")


class Traffic:
    """The network: some events come twice, some late."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.dice = life.dice
        self.waiting: list[tuple[int, Item]] = []
        self.recent: deque[Item] = deque(maxlen=REMEMBERED)
        self.turn = 0

    def batch(self, size: int) -> list[Item]:
        self.turn += 1
        items = [item for turn, item in self.waiting if turn <= self.turn]
        self.waiting = [late for late in self.waiting if late[0] > self.turn]
        for _ in range(size):
            item = self.life.next_event()
            if self.dice.happens(LATE):
                self.waiting.append((self.turn + self.dice.number(1, 5), item))
            else:
                items.append(item)
            if self.recent and self.dice.happens(DUPLICATED):
                items.append(self.dice.pick(self.recent))
            self.recent.append(item)
        return self.shuffled(items)

    def rest(self) -> list[Item]:
        items = [item for _, item in self.waiting]
        self.waiting = []
        return self.shuffled(items)

    def shuffled(self, items: Iterable[Item]) -> list[Item]:
        return sorted(items, key=lambda _: self.dice.draw())


def batches(traffic: Traffic, size: int, count: int) -> Iterator[list[Item]]:
    """Yield ``count`` new events in batches, then the late ones."""
    done = 0
    while not count or done < count:
        number = min(size, count - done) if count else size
        yield traffic.batch(number)
        done += number
    yield traffic.rest()
