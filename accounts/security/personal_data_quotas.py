"""Quotas per account: persons, exports, look-ups (S25).

Persons count per hour and per day. Pages that show persons call ``show`` first, exports
call ``export``. Both count in the journal under a lock of the account, in the
transaction of the new entry: exact under concurrency, and independent of Redis.

Different persons count, each once per window, including those of lists and documents; a
person already viewed in the window stays visible. Persons that a page shows by itself
(``unasked``: home page, first page of one's list) count, but not in the *signal* at
half of the quota: it would otherwise come every morning.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Collection
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.signin.access import ProofNeeded
from accounts.signin.rate_limits import TooManyUses
from accounts.users.models import User
from opus.lib.audit import journal
from opus.lib.audit.journal import READS, Action
from opus.lib.audit.models import AuditEntry
from opus.lib.dates import date_format

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
# Codes in the journal.
PERSONS, PERSONS_DAY = "persons", "persons_day"
LOOK_UPS, EXPORTS = "look_ups", "exports"


class CeilingReached(TooManyUses):
    """Too many persons or exports; ``AccessMiddleware`` returns 429."""

    is_explained = True

    def __init__(self, ceiling: str, until: dt.datetime, limit: int) -> None:
        self.ceiling = ceiling
        sentence = render_to_string(
            f"accounts/security/ceilings.html#{ceiling}",
            {"limit": limit, "at": in_clock(until)},
        )
        super().__init__(until - timezone.now(), sentence)


class LookUpsStopped(CeilingReached):
    """Too many look-ups without result; the form keeps its input."""


def show(
    by: User,
    action: Action,
    persons: Collection[uuid.UUID],
    *,
    far: Collection[uuid.UUID] = (),
    target: models.Model | None = None,
    unasked: bool = False,
    **details: Any,
) -> None:
    """Log that an account views these persons, or refuse.

    Call it outside any transaction: the entry of a refusal must be committed. ``far``:
    persons who live far from the structure; ``unasked``: see the module.

    Raises CeilingReached, LookUpsStopped, ProofNeeded.
    """
    refusal: CeilingReached | None = None
    if persons and by.is_elsewhere:
        raise ProofNeeded
    if unasked:
        details["unasked"] = True
    with transaction.atomic(durable=True):
        if action == Action.PERSON_LOOKED_UP:
            refusal = refuse_look_ups(by)
        if persons and refusal is None:
            refusal = refuse_persons(by, set(persons))
        if refusal is None:
            journal.record(
                action, by=by, target=target, persons=persons, far=far, details=details
            )
        else:
            record_refusal(by, refusal, target=target)
    if refusal:
        raise refusal


def export[Made: models.Model](
    by: User,
    what: str,
    persons: Collection[uuid.UUID],
    *,
    target: models.Model | None = None,
    make: Callable[[], Made] | None = None,
    **details: Any,
) -> Made | None:
    """Log an export, or refuse it; return ``make()``.

    These persons do not count as viewed. Call it outside any transaction. ``what``: the
    file's code, one quota for all; ``make`` inserts the worker's row in the same
    transaction. Raises CeilingReached above ``exports_a_day``.
    """
    made = None
    with transaction.atomic(durable=True):
        refusal = refuse_export(by)
        if refusal is None:
            made = make() if make else None
            journal.record(
                Action.EXPORT_MADE,
                by=by,
                target=target or made,
                persons=persons,
                details={"what": what, **details},
            )
        else:
            record_refusal(by, refusal, target=target)
    if refusal:
        raise refusal
    return made


def exports_left(by: User) -> int:
    return max(0, most_exports() - exports_since(by, timezone.now() - DAY).count())


def most_exports() -> int:
    return settings.DETECTION.exports_a_day


def exports_since(by: User, since: dt.datetime) -> models.QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(
        actor_id=by.pk, at__gt=since, action=Action.EXPORT_MADE
    )


def refuse_persons(by: User, persons: set[uuid.UUID]) -> CeilingReached | None:
    """Return the refusal of the quota that opens last among those exceeded."""
    now, limits = timezone.now(), settings.DETECTION
    of_day = lock_persons_seen(by, now - DAY)
    of_hour = {person: at for person, at in of_day.items() if at > now - HOUR}
    open_hour = until_under(of_hour, persons, limits.persons_an_hour, HOUR)
    open_day = until_under(of_day, persons, limits.persons_a_day, DAY)
    until = max(filter(None, (open_hour, open_day)), default=None)
    if until is None:
        return None
    if until == open_hour:
        return CeilingReached(PERSONS, until, limits.persons_an_hour)
    return CeilingReached(PERSONS_DAY, until, limits.persons_a_day)


def until_under(
    seen: dict[uuid.UUID, dt.datetime],
    persons: set[uuid.UUID],
    limit: int,
    window: dt.timedelta,
) -> dt.datetime | None:
    """Return when these persons fit a quota; None is now."""
    # ``seen``: last view of each person within the window, earliest first.
    excess = len(seen.keys() | persons) - limit
    if excess <= 0 or persons <= seen.keys():
        return None
    others = [at for person, at in seen.items() if person not in persons]
    last = others[excess - 1] if excess <= len(others) else timezone.now()
    return last + window


def refuse_look_ups(by: User) -> LookUpsStopped | None:
    """Return the refusal after too many empty look-ups."""
    now = timezone.now()
    lock_persons_seen(by, now)
    empty = AuditEntry.objects.filter(
        actor_id=by.pk,
        at__gt=now - HOUR,
        action=Action.PERSON_LOOKED_UP,
        details__found=0,
    )
    limit = settings.DETECTION.empty_look_ups
    # Also after a success: a refusal would otherwise reveal who exists.
    last = empty.order_by("-at").values_list("at", flat=True)[limit - 1 : limit].first()
    if last is None:
        return None
    return LookUpsStopped(LOOK_UPS, last + HOUR, limit)


def refuse_export(by: User) -> CeilingReached | None:
    now = timezone.now()
    lock_persons_seen(by, now)
    rows = exports_since(by, now - DAY)
    made = list(rows.order_by("at").values_list("at", flat=True))
    excess = len(made) + 1 - most_exports()
    if excess <= 0:
        return None
    return CeilingReached(EXPORTS, made[excess - 1] + DAY, most_exports())


def lock_persons_seen(by: User, since: dt.datetime) -> dict[uuid.UUID, dt.datetime]:
    """Return each person's last view, earliest first, under lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person, last_at FROM opus_persons_seen(%s, %s, %s)",
            [by.pk, since, list(READS)],
        )
        return dict(cursor.fetchall())


def record_refusal(
    by: User, refusal: CeilingReached, *, target: models.Model | None
) -> None:
    journal.record(
        Action.CEILING_REACHED,
        by=by,
        target=target,
        refused="plafond atteint",
        details={"ceiling": refusal.ceiling},
    )


def in_clock(instant: dt.datetime) -> str:
    """Format « 15 h 42 », with another day's date."""
    local = timezone.localtime(instant)
    hour = date_format(local, "G \\h i")
    if local.date() == timezone.localdate():
        return hour
    return f"{hour}, {date_format(local, 'l j F')}"
