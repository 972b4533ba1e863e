"""A month of heavy use by a team, as lines of the journal: the same one every time.

Ten advisers and their RGC, each with as many persons as the busiest caseloads. They
open the desk and their lists many times a day, receive people one after the other, put
them in contact, print, look for somebody who is not theirs, mistype a password, work
from home on Wednesdays and one evening a week until half past ten. Their telephone is
at work beside the office, and changes its network at the door. A Friday has a hundred
persons; a week is spent in a house where they have worked before; a quarter of the
caseload has moved far away. The RGC answers the quarterly question (four left), imports
ten accounts, and now and then closes one or gives a first access anew.
``test_attacks.py`` holds these lines to the shape of those that the
pages write.
"""

import datetime as dt
import random
import uuid
from collections.abc import Iterator
from typing import Any

from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from tests.accounts.journal import PARIS, line

DAYS = 30
FIRST_DAY = dt.date(2026, 11, 2)  # A Monday.
BEFORE = 60  # days of habits

OFFICE = ["198.51.100.7", "198.51.100.8"]
HOME = "203.0.113.{}"
TELEPHONE = "2001:db8:{}::1"
OFFICE_V6 = "2001:db9::7"
FRIDAY = 25  # The last one.
BROWSER = "Mozilla/5.0 (Windows NT 10.0; rv:{v}.0) Gecko/20100101 Firefox/{v}.0"
MOBILE = "Mozilla/5.0 (Android 15; Mobile; rv:{v}.0) Gecko/{v}.0 Firefox/{v}.0"


class Worker:
    """One account, its persons and its habits."""

    def __init__(self, account: Any, rank: int, seed: int = 0) -> None:
        self.account = account
        self.rank = rank
        self.random = random.Random(f"{seed}-{rank}")
        self.persons = [uuid.UUID(int=self.random.getrandbits(128)) for _ in range(140)]
        # Many moved away; few of them still come, the others stand in the lists.
        self.far = set(self.persons[:36])
        self.callers = self.persons[30:]
        self.sessions, self.session = 0, ""

    def month(self) -> Iterator[AuditEntry]:
        for day in range(-BEFORE, 0):
            yield from self.sign_in(self.clock(day, 9, 0), *self.place(day))
            if day % 5 == 0:
                yield from self.sign_in(self.clock(day, 13, 0), *self.telephone(day))
            if day % 20 == 0:
                yield from self.sign_in(self.clock(day, 19, 0), *self.holiday(day))
            if day % 20 == 1:
                place = OFFICE_V6, self.telephone(day)[1]
                yield from self.sign_in(self.clock(day, 12, 0), *place)
        for day in range(DAYS):
            if (FIRST_DAY + dt.timedelta(days=day)).weekday() < 5:
                yield from self.day(day)

    def clock(self, day: int, hour: int, minute: int) -> dt.datetime:
        date = FIRST_DAY + dt.timedelta(days=day)
        return dt.datetime.combine(date, dt.time(hour, minute), PARIS)

    def place(self, day: int) -> tuple[str, str]:
        """Office, or home on Wednesdays; the browser is updated every four weeks."""
        weekday = (FIRST_DAY + dt.timedelta(days=day)).weekday()
        if day // 7 == 2:
            return self.holiday(day)
        ip = HOME.format(self.rank + 10) if weekday == 2 else OFFICE[self.rank % 2]
        return ip, BROWSER.format(v=150 + day // 28)

    def holiday(self, day: int) -> tuple[str, str]:
        """The third week, from a house that he has worked from before."""
        return f"192.0.{self.rank}.9", BROWSER.format(v=150 + day // 28)

    def telephone(self, day: int) -> tuple[str, str]:
        return TELEPHONE.format(self.rank + 1), MOBILE.format(v=150 + day // 28)

    def write(self, action: str, at: dt.datetime, **fields: Any) -> AuditEntry:
        fields.setdefault("session", self.session)
        fields.setdefault("ip", self.ip)
        fields.setdefault("agent", self.agent)
        entry = line(action, self.account, at=at, **fields)
        entry.far_ids = [pk for pk in entry.person_ids if pk in self.far]
        return entry

    def sign_in(self, at: dt.datetime, ip: str, agent: str) -> Iterator[AuditEntry]:
        self.ip, self.agent = ip, agent
        self.sessions += 1
        self.session = f"{self.rank}-{self.sessions}"
        target = {"target_type": "accounts.user", "target_id": str(self.account.pk)}
        if self.random.random() < 0.15:  # A key mistyped.
            yield line(
                Action.SIGN_IN_REFUSED,
                at=at - dt.timedelta(seconds=30),
                ip=ip,
                agent=agent,
                refused="secret inexact",
                details={"door": "mot-de-passe"},
                **target,
            )
        door = {"door": "mot-de-passe"}
        yield self.write(Action.FIRST_FACTOR_PROVED, at, details=door, **target)
        both = at + dt.timedelta(seconds=20)
        factor = {"factor": "totpdevice"}
        yield self.write(Action.SIGN_IN, both, details=factor, **target)

    def day(self, day: int) -> Iterator[AuditEntry]:
        yield from self.sign_in(self.clock(day, 8, 30), *self.place(day))
        # The same people wait on the desk all day long; the lists are opened often.
        desk = self.random.sample(self.persons, 15)
        latest = desk[:6] + self.random.sample(self.persons, 9)
        first_names = self.persons[:20]
        for hour in [8, 10, 11, 14, 16]:
            at = self.clock(day, hour, 32)
            for n, shown in enumerate([desk, first_names, latest]):
                yield self.write(
                    Action.PERSONS_LISTED,
                    at + dt.timedelta(minutes=n),
                    persons=shown,
                    details={"unasked": True},
                )
        hours = [(9, 5), (9, 35), (10, 5), (10, 40), (11, 10), (11, 40)]
        hours += [(13, 35), (14, 5), (14, 40), (15, 10), (15, 45), (16, 20), (16, 50)]
        for when in hours:
            yield from self.appointment(self.clock(day, *when))
        if day == FRIDAY:
            yield from self.hundred_persons(day)
        if day % 7 == 0:
            yield from self.beside(day)
        if day % 7 == 3:
            yield from self.meeting(self.clock(day, 17, 10))
        if day % 7 == 1:
            yield from self.evening(day)
        yield self.write(Action.SIGN_OUT, self.clock(day, 17, 55))

    def appointment(self, at: dt.datetime) -> Iterator[AuditEntry]:
        """Somebody sits down: found, read, put in contact, printed."""
        person = self.random.choice(self.callers)
        second = dt.timedelta(seconds=40)
        if self.random.random() < 0.2:  # Typed another way than on the sheet.
            yield self.write(Action.PERSON_LOOKED_UP, at, details=found(0))
        if self.random.random() < 0.1:  # An old bookmark.
            yield self.write(Action.NOT_FOUND, at, details={"part": "candidats"})
        steps = [
            (Action.PERSON_LOOKED_UP, found(1)),
            (Action.PERSON_READ, {}),
            (Action.PERSON_READ, {}),
            (Action.REFERRAL_MADE, {"offer": "188VMCV", "document": str(person)}),
            (Action.PERSON_READ, {}),
            (Action.DOCUMENT_READ, {}),
            (Action.REFERRAL_MOVED, {"to": "remise"}),
            (Action.PERSON_READ, {}),
        ]
        for n, (action, details) in enumerate(steps):
            yield self.write(
                action, at + (n + 1) * second, persons=[person], details=details
            )

    def meeting(self, at: dt.datetime) -> Iterator[AuditEntry]:
        """The weekly review of files: twenty sheets in half an hour."""
        for n, person in enumerate(self.random.sample(self.callers, 20)):
            moment = at + n * dt.timedelta(seconds=90)
            yield self.write(Action.PERSON_READ, moment, persons=[person])

    def hundred_persons(self, day: int) -> Iterator[AuditEntry]:
        """The end of a month: nearly everybody, seven or so in half an hour."""
        for n, person in enumerate(self.persons[26:126]):
            moment = self.clock(day, 8, 40) + n * dt.timedelta(minutes=5)
            yield self.write(Action.PERSON_READ, moment, persons=[person])

    def beside(self, day: int) -> Iterator[AuditEntry]:
        """The telephone, in the corridor, while the office's session is open; then a
        further page of one's candidates, all of them far."""
        desk = self.ip, self.agent, self.session
        at = self.clock(day, 11, 50)
        yield from self.sign_in(at, *self.telephone(day))
        for n, ip in enumerate([OFFICE_V6, self.ip, OFFICE_V6, self.ip]):
            yield self.write(
                Action.SESSION_MOVED,
                at + (n + 1) * dt.timedelta(minutes=1),
                ip=ip,
                details={"only": "network"},
            )
        self.ip, self.agent, self.session = desk
        far = self.persons[:20]
        listed = self.clock(day, 12, 40)
        yield self.write(Action.PERSONS_LISTED, listed, persons=far)

    def evening(self, day: int) -> Iterator[AuditEntry]:
        """From home, after dinner: a few files, until half past ten."""
        ip, agent = HOME.format(self.rank + 10), BROWSER.format(v=150 + day // 28)
        yield from self.sign_in(self.clock(day, 20, 45), ip, agent)
        for n, person in enumerate(self.random.sample(self.callers, 9)):
            moment = self.clock(day, 21, 5) + n * dt.timedelta(minutes=10)
            yield self.write(Action.PERSON_READ, moment, persons=[person])


class Manager(Worker):
    """The RGC: the same work, and the accounts."""

    def day(self, day: int) -> Iterator[AuditEntry]:
        yield from super().day(day)
        at = self.clock(day, 14, 20)
        if day == 3:
            gone = [part("account_suspended", n) for n in range(4)]
            told = {"here": 6, "gone": 4, "parts": gone}
            yield self.write(Action.TEAM_REVIEWED, at, details=told)
        if day == 4:
            opened = [part("account_opened", n) for n in range(10)]
            yield self.write(Action.ACCOUNTS_IMPORTED, at, details={"parts": opened})
            for n in range(4):
                yield self.about(Action.ACCOUNT_OPENED, at, n)
        if day in (8, 9):
            yield self.about(Action.FIRST_ACCESS_RENEWED, at, day)
        if day == 10:
            yield self.about(Action.ACCOUNT_CLOSED, at, 1, details={"reason": "depart"})
            changed = {"fields": ["email"], "new_device": False}
            yield self.about(Action.ACCOUNT_CHANGED, at, 2, details=changed)

    def about(self, action: str, at: dt.datetime, n: int, **more: Any) -> AuditEntry:
        number = str(9_000_000 + n)
        return self.write(
            action, at, target_type="accounts.user", target_id=number, **more
        )


def part(action: str, n: int) -> dict[str, Any]:
    return {"action": action, "target": f"accounts.user {9_000_000 + n}"}


def found(count: int) -> dict[str, Any]:
    return {"found": count, "with_colleague": False}
