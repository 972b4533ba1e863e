"""``docs/widening.md`` says what the code decides (S39, ADR 28)."""

import datetime as dt
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.security import detection
from accounts.security.models import Alert
from accounts.signin.models import SecurityEvent, SecurityEventKind
from accounts.users.models import AddressChange, User
from opus.desk.work import Pile
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.dates import in_paris, next_working_day
from opus.lib.outbound import outbox
from referrals.caseloads import actions
from referrals.caseloads.models import CaseloadTransfer
from referrals.tasks import apply_transfers
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    FtAdminFactory,
    RgcFactory,
    StructureFactory,
)
from tests.admin.registers import action_url
from tests.cases import each_case
from tests.conftest import sign_in
from tests.referrals.factories import CandidateFactory

pytestmark = pytest.mark.django_db

PAGE = (Path(settings.BASE_DIR) / "docs/widening.md").read_text()


def rows_of(*starts: str) -> list[tuple[str, ...]]:
    return [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in PAGE.splitlines()
        if line.startswith(tuple(f"| {start}" for start in starts))
    ]


A_WEEK = dt.timedelta(days=7)
GESTURES = rows_of("hand-over", "closing", "stand-in")
OUTCOMES = rows_of("done", "waits", "runs")


def decided(gesture: str, actor: str, receiver: str) -> str:
    """Make the gesture, and say what it was, in the words of the page."""
    structure = StructureFactory()
    rgc, giver = RgcFactory(structure=structure), AdviserFactory(structure=structure)
    created_at = timezone.now() - dt.timedelta(days=1 if "new" in receiver else 20)
    to = AdviserFactory(structure=structure, created_at=created_at)
    if receiver == "himself":
        to = rgc
    by = {"RGC": rgc, "giver": giver, "staff": FtAdminFactory()}[actor]
    CandidateFactory.create_batch(21 if "many" in receiver else 20, adviser=giver)
    match gesture:
        case "hand-over":
            actions.hand_over(giver, by=by, others_to=to)
        case "closing with receivers":
            actions.close(giver, by=by, reason="depart", others_to=to)
        case "stand-in":
            days = timezone.localdate(), timezone.localdate() + dt.timedelta(days=30)
            actions.confide(giver, to=to, starts_on=days[0], ends_on=days[1], by=by)
    made = CaseloadTransfer.objects.get()
    return f"at once: {made.at_once}" if made.at_once else "waits"


def test_an_empty_caseload_waits_for_a_new_colleague_too():
    """Who is added meanwhile would open to it."""
    giver = AdviserFactory()
    to = AdviserFactory(structure=giver.structure, created_at=timezone.now())
    today = timezone.localdate()

    made = actions.confide(
        giver, to=to, starts_on=today, ends_on=today + A_WEEK, by=giver
    )

    assert (made.people, made.at_once) == (0, "")


@each_case("row", GESTURES)
def test_each_row_is_what_the_gesture_does(row):
    gesture, actor, receiver, outcome = row

    assert decided(gesture, actor, receiver) == outcome.partition(";")[0]


class Scene:
    """Twenty-one persons or fewer of Claire, whom Nadia gives to Samir by day."""

    def __init__(self) -> None:
        structure = StructureFactory(agency=AgencyFactory())
        self.giver = AdviserFactory(structure=structure)
        self.receiver = AdviserFactory(structure=structure)
        self.author = RgcFactory(structure=structure)
        self.staff = FtAdminFactory(agency=structure.agency)
        self.browser = sign_in(Client(), self.author)
        # He has signed in here before.
        AuditEntry.objects.create(
            action=Action.SIGN_IN,
            actor_id=self.author.pk,
            ip="127.0.0.1",
            at=timezone.now() - dt.timedelta(days=1),
        )

    def give(self, people: int, to: User | None = None) -> None:
        CandidateFactory.create_batch(people, adviser=self.giver)
        data = {"others_to": str((to or self.receiver).public_id)}
        page = reverse("account_hand_over", args=[self.giver.public_id])
        assert self.browser.post(page, data).status_code == 302

    def give_to_new(self, **of: Any) -> None:
        self.receiver = AdviserFactory(
            structure=self.giver.structure,
            created_at=timezone.now() - dt.timedelta(days=2),
        )
        self.give(3)

    def give_to_own(self) -> None:
        """To an account that he has just opened."""
        data = {"first_name": "Zoé", "last_name": "Durand", "email": "z@x.example"}
        self.browser.post(reverse("account_add"), data)
        self.receiver = User.objects.get(email="z@x.example")
        self.receiver.activate(by=self.receiver)
        self.give(3)

    def change_giver(self) -> None:
        AddressChange.objects.create(
            account=self.giver, former="avant@x.example", by=self.author
        )
        self.give(21)

    def change_receiver(self) -> None:
        """The letter of the request is not counted: that of its day is."""
        self.give(21)
        self.renew_receiver()
        outbox.relay()
        mail.outbox.clear()
        made = CaseloadTransfer.objects.get()
        with time_machine.travel(made.ready_at + dt.timedelta(minutes=1)):
            apply_transfers()

    def change_stand_in(self, change: Callable[[], object]) -> None:
        CandidateFactory.create_batch(3, adviser=self.giver)
        today = timezone.localdate()
        last = today + dt.timedelta(days=30)
        actions.confide(
            self.giver, to=self.receiver, starts_on=today, ends_on=last, by=self.author
        )
        outbox.relay()
        mail.outbox.clear()
        change()
        apply_transfers()

    def reopen_receiver(self) -> None:
        self.receiver.last_login = timezone.now()
        self.receiver.save()
        self.receiver.suspend(by=self.author, reason="place")
        self.receiver.reactivate(by=self.author)

    def renew_receiver(self) -> None:
        SecurityEvent.objects.create(
            account=self.receiver, kind=SecurityEventKind.FACTORS_RESET
        )

    def deny(self, people: int) -> None:
        self.give(people)
        outbox.relay()
        mail.outbox.clear()
        self.answer("inconnue")

    def answer(self, choice: str) -> None:
        Client().post(
            reverse("caseload_transfer", args=[self.made.token]), {"choix": choice}
        )

    @property
    def made(self) -> CaseloadTransfer:
        return CaseloadTransfer.objects.order_by("asked_at").last()

    # What the page says of it.

    def letters(self) -> str:
        """Who is written to, once each, in the words of the page."""
        outbox.relay()
        roles = {
            "author": self.author,
            "giver": self.giver,
            "receiver": self.receiver,
            "France Travail": self.staff,
        }
        told = {address for letter in mail.outbox for address in letter.to}
        known = {account.email for account in roles.values()} | {"avant@x.example"}
        assert told <= known
        return listed(role for role, one in roles.items() if one.email in told)

    def shown(self) -> str:
        home = sign_in(Client(), self.giver).get("/").text
        desk = sign_in(Client(), self.staff).get(reverse("admin:index"))
        queues = (pile for pile in desk.context["queues"] if isinstance(pile, Pile))
        piles = {pile.queue.slug for pile in queues if pile.total}
        return listed(
            place
            for place, is_there in (
                ("home", "J’ai vu" in home),
                ("to confirm", "suivis" in piles),
                ("to look at", "suivis-a-regarder" in piles),
            )
            if is_there
        )

    def alerts(self) -> str:
        detection.watch()
        return listed(Alert.objects.order_by("rule").values_list("rule", flat=True))

    def changed_by(self, slug: str, choice: str) -> str:
        """Who may stop it, or confirm it: each tries, then it is as before."""
        page = reverse("account_hand_over_stop", args=[self.giver.public_id])
        return listed(
            who
            for who, act in (
                ("giver", lambda: self.answer(choice)),
                ("RGC", lambda: slug == "arreter" and self.browser.post(page)),
                (
                    "France Travail",
                    lambda: sign_in(Client(), self.staff).post(
                        action_url(self.made, slug)
                    ),
                ),
            )
            if self.is_changed(act)
        )

    def is_changed(self, act: Callable[[], object]) -> bool:
        before = self.made.state
        mark = transaction.savepoint_create()
        act()
        after = self.made.state
        transaction.savepoint_rollback(mark)
        return before != after


def listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "nobody"


PLAYS = {
    "done at once": lambda scene: scene.give(20),
    "waits for its number": lambda scene: scene.give(21),
    "waits, to its author": lambda scene: scene.give(3, to=scene.author),
    "waits, to a new account": Scene.give_to_new,
    "waits, to an account that its author opened today": Scene.give_to_own,
    "waits, and the giver's address is new": Scene.change_giver,
    "waits, and the receiver's access changes": Scene.change_receiver,
    "runs for a time, and the receiver's access changes": lambda scene: (
        scene.change_stand_in(scene.renew_receiver)
    ),
    "runs for a time, and the receiver is reopened": lambda scene: (
        scene.change_stand_in(scene.reopen_receiver)
    ),
    "done, then denied": lambda scene: scene.deny(20),
    "waits, then denied": lambda scene: scene.deny(21),
}


def test_each_outcome_of_the_page_is_played():
    assert [row[0] for row in OUTCOMES] == list(PLAYS)


@each_case("row", OUTCOMES, at_each_run=4)
def test_each_row_is_who_hears_of_it_and_who_stops_it(row):
    """S39: played by requests, at ten in the morning of a working day."""
    day = next_working_day(timezone.localdate())
    with time_machine.travel(in_paris(day, dt.time(10))):
        scene = Scene()
        PLAYS[row[0]](scene)
        seen = (
            scene.letters(),
            scene.shown(),
            scene.alerts().replace("nobody", "none"),
            scene.changed_by("arreter", "arreter"),
            scene.changed_by("confirmer", "confirmer"),
        )

    assert row[1:] == seen


def test_the_page_has_every_limit_with_its_value():
    told = dict(re.findall(r"`(\w+)` = (\d+(?: \w)?)", PAGE))
    units = {"d": dt.timedelta(days=1), "h": dt.timedelta(hours=1)}
    limits = settings.HANDOVER

    def read(name: str, text: str):
        number, _, unit = text.partition(" ")
        if name == "waits_until":
            return dt.time(int(number))
        return int(number) * units[unit] if unit in units else int(number)

    assert {name: read(name, text) for name, text in told.items()} == vars(limits)
