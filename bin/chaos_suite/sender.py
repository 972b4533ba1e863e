"""France Travail's side of the feed: signed batches of events."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from datetime import UTC, datetime
from random import Random
from typing import Any

from chaos_suite.pages import Book, Visitor
from chaos_suite.people import Done

PATH = "/api/offres/evenements"
CONSONANTS = "BCDFGHJKLMNPQRSTVWXZ"
TITLES = ("Maçon", "Cuisinier", "Aide-soignant", "Vendeur", "Magasinier", "Serveur")


class Sender(Visitor):
    """New offers, changes and withdrawals, each batch until its answer."""

    def __init__(
        self, port: int, book: Book, done: Done, secret: str, chance: Random
    ) -> None:
        super().__init__(port, book, part="feed")
        self.done = done
        self.key = base64.b64decode(secret.removeprefix("whsec_"))
        self.chance = chance
        self.contents: dict[str, dict[str, Any]] = {}

    def act(self) -> None:
        self.send_batch([self.draw() for _ in range(self.chance.randint(1, 5))])

    def draw(self) -> dict[str, Any]:
        """Return an event: a withdrawal only of an offer that people see."""
        seen = sorted(self.done.offers - self.done.withdrawn.keys())
        drawn = self.chance.random()
        if drawn < 0.3 and len(seen) > 20:
            return self.event("suspendue", self.chance.choice(seen))
        mine = sorted(self.contents.keys() - self.done.withdrawn.keys())
        if drawn < 0.6 and mine:
            reference = self.chance.choice(mine)
            count = self.chance.randint(2, 9)
            self.contents[reference]["nombrePostes"] = count
            return self.event("modifiee", reference)
        return self.event("creee", self.new_offer())

    def new_offer(self) -> str:
        name = "".join(self.chance.choices(CONSONANTS, k=4))
        reference = f"{self.chance.randint(200, 599)}{name}"
        self.contents[reference] = {
            "id": reference,
            "intitule": f"{self.chance.choice(TITLES)} (H/F)",
            "description": "Un poste à pourvoir rapidement.",
            "dateCreation": now(),
            "romeCode": "F1703",
            "romeLibelle": "Maçonnerie",
            "lieuTravail": {"libelle": "38 - L'Isle-d'Abeau", "commune": "38193"},
            "typeContrat": "CDI",
            "nombrePostes": 5,
        }
        return reference

    def event(self, kind: str, reference: str) -> dict[str, Any]:
        made: dict[str, Any] = {
            "specversion": "1.0",
            "id": str(uuid.UUID(int=self.chance.getrandbits(128))),
            "source": "/francetravail/offres",
            "type": f"fr.francetravail.offre.{kind}",
            "subject": reference,
            "time": now(),
            "sequence": str(time.time_ns()),
        }
        if kind != "suspendue":
            made["data"] = self.contents[reference] | {"dateActualisation": now()}
        return made

    def send_batch(self, items: list[dict[str, Any]]) -> None:
        body, key = json.dumps(items).encode(), f"msg-{uuid.uuid4()}"
        if self.chance.random() < 0.1:
            # As who lost the connection: the same batch comes again below.
            self.send("events", "POST", PATH, body, self.signed(key, body))
        page = self.until_answered("events", "POST", PATH, body, self.signed(key, body))
        if page.status != 200 or json.loads(page.text)["rejetes"]:
            self.book.faults.append(f"events: {page.status} {page.text[:200]}")
            return
        at = time.monotonic()
        for item in items:
            self.done.events.add(item["id"])
            if item["type"].endswith("suspendue"):
                self.done.withdrawn[item["subject"]] = at
            else:
                self.done.offers.add(item["subject"])

    def signed(self, key: str, body: bytes) -> dict[str, str]:
        """Return the headers of Standard Webhooks."""
        at = str(int(time.time()))
        words = f"{key}.{at}.".encode() + body
        digest = hmac.digest(self.key, words, hashlib.sha256)
        return {
            "Content-Type": "application/cloudevents-batch+json",
            "webhook-id": key,
            "webhook-timestamp": at,
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        }


def now() -> str:
    return datetime.now(UTC).isoformat()
