"""Demo alerts; detection reads invented log entries (S39)."""

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import Model
from django.utils import timezone

from accounts.security import detection
from accounts.security.models import Alert, AlertState, Conclusion, Rule
from accounts.security.rules import WATCHES
from accounts.users.models import User
from demo.people import ADVISER, FT_ADMIN, noon
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from referrals.candidates.models import Candidate

OFFICE = "198.51.100.7"
OFFICE_BROWSER = "Mozilla/5.0 (Windows NT 10.0; rv:150.0) Gecko/20100101 Firefox/150.0"
ELSEWHERE = "203.0.113.44"
TELEPHONE = "Mozilla/5.0 (Android 15; Mobile; rv:150.0) Gecko/150.0 Firefox/150.0"
MINUTE = dt.timedelta(minutes=1)


class Desk(NamedTuple):
    account: User
    session: str
    ip: str
    agent: str

    def line(self, action: Action, at: dt.datetime, **fields: Any) -> AuditEntry:
        place = {"session": self.session, "ip": self.ip, "agent": self.agent}
        fields = {"target": self.account, **place, **fields}
        return line(action, self.account, at, **fields)

    def read(self, candidate: Candidate, at: dt.datetime) -> AuditEntry:
        persons = {"persons": 1, "person_ids": [candidate.pk]}
        return self.line(Action.PERSON_READ, at, target=candidate, **persons)

    def sign_in(self, at: dt.datetime) -> AuditEntry:
        return self.line(Action.SIGN_IN, at, details={"factor": "totpdevice"})


def line(
    action: Action, by: User, at: dt.datetime, *, target: Model, **fields: Any
) -> AuditEntry:
    return AuditEntry(
        at=at,
        actor_id=by.pk,
        actor=by.identifier,
        role=by.role,
        structure_id=by.structure_id,
        action=action,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        **fields,
    )


def seed_alerts() -> int:
    if Alert.objects.exists():
        return 0
    claire = ADVISER.account
    today = timezone.localdate()
    closed = two_places(claire, noon(today - dt.timedelta(days=6)))
    look_into(closed, by=FT_ADMIN.account)
    moved_session(claire, noon(today - dt.timedelta(days=1)))
    return 2


def two_places(claire: User, at: dt.datetime) -> Alert:
    """Open sessions at her desk, then on her telephone."""
    desk = Desk(claire, "demo-bureau", OFFICE, OFFICE_BROWSER)
    telephone = Desk(claire, "demo-salon", ELSEWHERE, TELEPHONE)
    one, two = claire.candidates.all()[:2]
    lines = [
        desk.sign_in(at - 8 * MINUTE),
        desk.read(one, at - 6 * MINUTE),
        desk.read(two, at - 3 * MINUTE),
        telephone.sign_in(at),
        telephone.read(two, at + MINUTE),
    ]
    return alert_from(lines, Rule.TWO_PLACES, since=at - 9 * MINUTE)


def moved_session(claire: User, at: dt.datetime) -> Alert:
    desk = Desk(claire, "demo-matin", OFFICE, OFFICE_BROWSER)
    stranger = Desk(claire, "demo-matin", ELSEWHERE, TELEPHONE)
    persons = claire.candidates.all()[:4]
    lines = [
        desk.sign_in(at - 9 * MINUTE),
        *(desk.read(each, at - (7 - n) * MINUTE) for n, each in enumerate(persons[:2])),
        stranger.line(Action.SESSION_MOVED, at),
        *(stranger.read(each, at + n * MINUTE) for n, each in enumerate(persons, 1)),
    ]
    return alert_from(lines, Rule.SESSION_MOVED, since=at - 9 * MINUTE)


def alert_from(lines: list[AuditEntry], rule: Rule, *, since: dt.datetime) -> Alert:
    """Write the entries, run the rule, date the alert."""
    AuditEntry.objects.bulk_create(lines)
    watch = WATCHES[rule]
    [hit] = detection.run_query(watch, since, since + 30 * MINUTE)
    detection.raise_alert(watch, hit)
    alert = Alert.objects.get(rule=rule)
    Alert.objects.filter(pk=alert.pk).update(raised_at=alert.first_at)
    alert.steps.update(at=alert.first_at)
    return alert


def look_into(alert: Alert, *, by: User) -> None:
    alert.take_charge(by=by)
    alert.close(by=by, conclusion=Conclusion.LEGITIMATE)
    for state, action, after in [
        (AlertState.TAKEN, Action.ALERT_TAKEN, 12 * MINUTE),
        (AlertState.CLOSED, Action.ALERT_CLOSED, 27 * MINUTE),
    ]:
        at = alert.first_at + after
        alert.steps.filter(target=state).update(at=at)
        line(action, by, at, target=alert).save()
