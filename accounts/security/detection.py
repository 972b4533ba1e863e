"""Turn unusual journal entries into alerts within a minute (S39).

Every twenty seconds a pass runs each rule over the new entries. A rule is
one query: account or address, first hit, last hit, count. Hits closer than the rule's
delay make one burst, and one alert.

An entry is dated before its transaction commits, so a pass reads again the two minutes
before its cursor; reading twice changes nothing. After an interruption, passes catch up
by slices of a minute, each in one transaction with its alerts.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import time

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.security import emails
from accounts.security.models import AT_ONCE, SIGNALS, Alert, DetectionCursor, Level
from accounts.security.rules import HOUR, MINUTE, WATCHES, Watch
from accounts.users.models import User
from opus.lib.audit.models import AuditEntry

# Longer than any transaction of Opus.
OVERLAP = 2 * MINUTE
SLICE = MINUTE
# The first pass reads back this far.
FIRST_LOOK = HOUR
# After this time a pass leaves the rest to the next (Celery's limit is 20 s).
PASS_LASTS = 10.0  # seconds


@dataclasses.dataclass(frozen=True)
class Hit:
    who: str
    first_at: dt.datetime
    last_at: dt.datetime
    count: int


def watch() -> None:
    began = time.monotonic()
    while time.monotonic() - began < PASS_LASTS:
        if not read_slice():
            return


@transaction.atomic
def read_slice() -> bool:
    """Read one slice; return whether more is left."""
    now = timezone.now()
    DetectionCursor.objects.get_or_create(
        pk=True, defaults={"read_until": now - FIRST_LOOK}
    )
    cursor = DetectionCursor.objects.select_for_update(skip_locked=True).first()
    if cursor is None or cursor.read_until >= now:
        return False
    since = cursor.read_until - OVERLAP
    until = min(now, cursor.read_until + SLICE)
    later = AuditEntry.objects.filter(at__gt=since)
    if until < now and not later.filter(at__lte=until).exists():
        # No activity: skip to the next entry, or to now.
        until = later.order_by("at").values_list("at", flat=True).first() or now
        since = max(since, until - OVERLAP - SLICE)
    for each in WATCHES.values():
        for hit in run_query(each, since, until):
            raise_alert(each, hit)
    cursor.read_until = until
    cursor.save(update_fields=["read_until"])
    return until < now


def run_query(each: Watch, since: dt.datetime, until: dt.datetime) -> list[Hit]:
    with connection.cursor() as cursor:
        cursor.execute(each.query, each.parameters(since, until))
        return [Hit(*row) for row in cursor.fetchall()]


def raise_alert(each: Watch, hit: Hit) -> None:
    # The cursor's lock orders passes; the database also refuses two alerts of one
    # burst.
    subject = f"{each.subject}:{hit.who}"
    quiet_at = hit.last_at + (each.quiet or each.window)
    alerts = Alert.objects.filter(rule=each.rule, subject=subject)
    burst = alerts.filter(first_at__lt=quiet_at, quiet_at__gt=hit.first_at)
    if running := burst.order_by("first_at").last():
        # One more hit; a late entry never extends into the next burst.
        alerts.filter(pk=running.pk).update(
            last_at=Greatest(F("last_at"), hit.last_at),
            quiet_at=Greatest(F("quiet_at"), quiet_at),
            peak=Greatest(F("peak"), hit.count),
        )
        return
    account = None
    if each.subject == "compte":
        account = User.objects.filter(pk=int(hit.who)).first()
        if account is None:
            return
    alert = Alert.objects.create(
        rule=each.rule,
        level=Level.SOFT if each.rule in SIGNALS else Level.GRAVE,
        subject=subject,
        account=account,
        structure_id=account.structure_id if account else None,
        address=hit.who.partition("/")[0] if each.subject == "adresse" else None,
        first_at=hit.first_at,
        last_at=hit.last_at,
        quiet_at=quiet_at,
        peak=hit.count,
    )
    alert.steps.create(origin="", target=alert.state, by=None)
    if alert.level == Level.GRAVE or alert.rule in AT_ONCE:
        emails.notify(alert)
