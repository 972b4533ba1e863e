"""Who works through the pages alone: advisers, and France Travail's feed."""

import hashlib
import json
import re
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from django_otp.oath import totp
from standardwebhooks.webhooks import Webhook

from tests.chaos.pages import Book, Page, Visitor
from tests.forms import Form

PASSWORD = "Opus-demo-2026!"
CODE_LASTS = 30  # seconds
# Forms sent twice, the first time without waiting for the answer.
RELOADS = 0.25
# Persons whom one account may see in an hour: 60.
NEW_PERSONS = 12
EXPORTS = 3
AROUND = "/offres/?lieu=38193&rayon=30"
CV_REQUEST, APPOINTMENT = "demander-un-cv", "convoquer"
# A filter of the search, and the act that those offers want.
KINDS = {
    "sans": "mettre-en-contact",
    "deleguee": "proposer-en-preselection",
    "preselection": CV_REQUEST,
}
ACT = re.compile(
    r"^/(?:mises-en-contact|demandes-de-cv|convocations)/.*[0-9a-f-]{36}/$"
)
REFERENCE = re.compile(r"/offres/([0-9]{3}[A-Z]{4})/")
CV = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""


@dataclass
class Done:
    """What Opus acknowledged, for the verdict; other threads read it."""

    # Key of the form → path of the act that the answer names.
    acts: dict[str, str] = field(default_factory=dict)
    # Key of the form → what was answered instead.
    refused: dict[str, str] = field(default_factory=dict)
    handed: set[str] = field(default_factory=set)
    mailed: set[str] = field(default_factory=set)
    uploaded: set[str] = field(default_factory=set)
    persons: set[str] = field(default_factory=set)
    jobs: dict[str, str] = field(default_factory=dict)
    exports: dict[str, int] = field(default_factory=dict)
    events: set[str] = field(default_factory=set)
    # Offer → when its withdrawal was acknowledged.
    withdrawn: dict[str, float] = field(default_factory=dict)
    # Offers that somebody saw on a page.
    offers: set[str] = field(default_factory=set)
    signed_in: int = 0


class Member(Visitor):
    """An account with its password and its second factor."""

    def __init__(
        self, port: int, book: Book, done: Done, identifier: str, chance: Random
    ) -> None:
        super().__init__(port, book)
        self.identifier = identifier
        self.done = done
        self.chance = chance
        self.used = ""
        # The paths of acts whose document is not handed over.
        self.to_hand: list[str] = []

    def sign_in(self) -> None:
        while True:
            self.jar.clear()
            form = self.open("/connexion/", "sign-in").form("password")
            if form is None:
                continue
            given = {"identifier": self.identifier, "password": PASSWORD}
            page = self.submit(form, "sign-in", **given)
            if page.location and self.give_code(self.open(page.location, "sign-in")):
                self.done.signed_in += 1
                return
            # A code counts once. Who lost the answer to his own waits for the next.
            time.sleep(CODE_LASTS - time.time() % CODE_LASTS + 0.5)

    def give_code(self, page: Page) -> bool:
        form = page.form("code")
        if form is None:
            return False
        while (code := code_of(self.identifier)) == self.used:
            time.sleep(1)
        self.used = code
        page = self.submit(form, "sign-in", code=code)
        return bool(page.location) and not page.location.startswith("/connexion")

    def look(self, path: str, what: str = "page") -> Page:
        """Open a page inside; an open session must have lasted."""
        page = self.open(path, what)
        if page.path.startswith("/connexion"):
            self.book.faults.append(f"{self.identifier}: an open session was lost")
            self.sign_in()
            page = self.open(path, what)
        return page

    def search(self, more: str = "") -> list[str]:
        """Return the paths of offers and of their acts on a page of results.

        No offer may stand there once its withdrawal was acknowledged.
        """
        begun = time.monotonic()
        number = self.chance.randint(1, 3)
        page = self.look(f"{AROUND}{more}&page={number}", "search")
        seen = set(REFERENCE.findall(page.text))
        for one in seen:
            if self.done.withdrawn.get(one, begun) < begun:
                self.book.faults.append(
                    f"offer {one}: in a search after its withdrawal"
                )
        self.done.offers |= seen
        return page.links("/offres/")

    def fill_in(self, form: Form, what: str, **typed: str | list[str] | bytes) -> Page:
        """Submit a form; sometimes as who reloads before the answer came."""
        if self.chance.random() < RELOADS:
            self.break_off(form, self.chance.uniform(0, 0.3), **typed)
        return self.submit(form, what, **typed)


class Reader(Member):
    """Searches, opens what was withdrawn, and signs in again and again."""

    until = 0.0

    def act(self) -> None:
        if time.monotonic() > self.until:
            form = self.look("/").form(action="/deconnexion/")
            if form:
                self.submit(form, "sign-out")
            self.sign_in()
            self.until = time.monotonic() + CODE_LASTS
        links = self.search()
        if links:
            self.look(self.chance.choice(links))
        gone = dict(self.done.withdrawn)
        if gone:
            self.visit(self.chance.choice(sorted(gone)))

    def visit(self, reference: str) -> None:
        page = self.look(f"/offres/{reference}/")
        if page.status != 410:
            self.book.faults.append(
                f"offer {reference}: answered {page.status} after its withdrawal"
            )


class Adviser(Member):
    persons = exports = 0

    def act(self) -> None:
        gestures = [self.propose] * 4 + [self.hand_one_over] * 4
        gestures += [self.print, self.export, self.read]
        self.chance.choice(gestures)()

    # --- Acts --------------------------------------------------------------------

    def propose(self) -> None:
        """Choose an offer in a search, a person, then confirm."""
        mode, kind = self.chance.choice(list(KINDS.items()))
        links = [one for one in self.search(f"&mode={mode}") if kind in one]
        if not links:
            return
        start = self.chance.choice(links)
        if CV_REQUEST in start and self.chance.random() < 0.3:
            start = start.replace(CV_REQUEST, APPOINTMENT)
        confirm = self.choose_person(start)
        if not confirm:
            return
        page = self.look(confirm, "confirm")
        form = page.form("key", "version")
        if form is None:  # Withdrawn meanwhile, or proposed already.
            return
        key = form.values["key"][0]
        typed = another_date(self.chance) if APPOINTMENT in start else {}
        answer = self.fill_in(form, "act", **typed)
        if not ACT.match(answer.location):
            self.done.refused[key] = (
                f"{answer.status} {answer.location or answer.title}"
            )
            return
        self.done.acts[key] = answer.location
        if CV_REQUEST in start:
            self.hand_over(answer.location)
        elif APPOINTMENT not in start:
            self.to_hand.append(answer.location)

    def choose_person(self, start: str) -> str:
        """Return the page to confirm, for a new person or a known one."""
        page = self.look(start, "persons")
        form = page.form("last_name", "first_name")
        if form and self.persons < NEW_PERSONS and self.chance.random() < 0.5:
            self.persons += 1
            name = f"{self.identifier.partition('.')[0]} {letters(self.persons)}"
            email = f"{name.replace(' ', '.')}@personnes.example"
            given = {"first_name": "Camille", "last_name": name, "email": email}
            answer = self.fill_in(form, "person", **given)
            if answer.location:
                self.done.persons.add(name)
                self.agree_to_emails(answer.location.rstrip("/").rpartition("/")[2])
                return answer.location
            # The first of two forms made her: the second one says so.
            page = self.look(start, "persons")
        known = [one for one in page.links(start) if len(one) > len(start) + 30]
        return self.chance.choice(known) if known else ""

    def agree_to_emails(self, person: str) -> None:
        form = self.look(f"/candidats/{person}/courriels/").form("given_on", "way")
        if form:
            self.fill_in(form, "consent", way="personne")

    def hand_one_over(self) -> None:
        if self.to_hand:
            which = self.chance.randrange(len(self.to_hand))
            self.hand_over(self.to_hand.pop(which))

    def hand_over(self, path: str) -> None:
        page = self.look(path)
        form = page.form("channel", action="/remise/")
        if form is None:  # The offer is withdrawn.
            return
        # A CV comes after a hand-over that is recorded at once.
        by_mail = 'value="opus"' in page.text and "/demandes-de-cv/" not in path
        answer = self.fill_in(form, "hand-over", channel="opus" if by_mail else "main")
        if ACT.match(answer.location):
            (self.done.mailed if by_mail else self.done.handed).add(path)
            if "/demandes-de-cv/" in path:
                self.upload(path)

    def upload(self, path: str) -> None:
        form = self.look(path).form(action="/deposer/")
        if form is None:  # The offer is withdrawn.
            return
        answer = self.fill_in(form, "upload", cv=CV)
        if ACT.match(answer.location):
            self.done.uploaded.add(path)

    # --- Files -------------------------------------------------------------------

    def print(self) -> None:
        page = self.look("/mises-en-contact/")
        form = page.form("key", action="/impressions/")
        acts = re.findall(r'name="acte" value="([0-9a-f-]{36})"', page.text)
        if form is None or not acts:
            return
        ticked = self.chance.sample(acts, min(len(acts), 4))
        answer = self.fill_in(form, "print", acte=ticked)
        if answer.location.startswith("/impressions/"):
            self.done.jobs[form.values["key"][0]] = answer.location

    def export(self) -> None:
        if self.exports >= EXPORTS:
            return
        form = self.look("/suivi/exporter/?vue=").form("what", "file_format")
        if form is None:
            return
        self.exports += 1
        kinds = ("csv", "xlsx", "ods")
        answer = self.fill_in(form, "export", file_format=kinds[self.exports - 1])
        if answer.location:
            made = self.done.exports.get(self.identifier, 0)
            self.done.exports[self.identifier] = made + 1

    def read(self) -> None:
        self.look(self.chance.choice(["/", "/candidats/", "/suivi/", "/exports/"]))


def another_date(chance: Random) -> dict[str, str]:
    day = datetime.now(UTC).date() + timedelta(days=chance.randint(5, 25))
    typed = {"choice": "libre", "day": day.isoformat(), "hour": "10:00"}
    return typed | {"even_closed": "on"}


def letters(number: int) -> str:
    """Return a name without digits, which the guard of texts would read."""
    syllables = ("ba", "di", "fo", "lu", "ma", "ni", "po", "ru", "sa", "ti")
    return "".join(syllables[int(digit)] for digit in f"{number:02}").capitalize()


def code_of(identifier: str) -> str:
    """Return the code of a demonstration account now."""
    key = hashlib.sha256(f"demo {identifier}".encode()).digest()[:20]
    return f"{totp(key, CODE_LASTS):06}"


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
        self.webhook = Webhook(secret)
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
        at = datetime.now(UTC)
        return {
            "Content-Type": "application/cloudevents-batch+json",
            "webhook-id": key,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self.webhook.sign(key, at, body.decode()),
        }


def now() -> str:
    return datetime.now(UTC).isoformat()
