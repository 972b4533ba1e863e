"""Scheduled ends of offices (art. 4.3), and code actions share."""

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction

from accounts.agreements import letters
from accounts.agreements.models.letters import LetterKind
from accounts.nominations import emails
from accounts.nominations.enums import AnnouncedEnd, NominationState
from accounts.nominations.models import Nomination
from accounts.users.models import User
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.database.states import MoveRefused


def vacate(
    nomination: Nomination,
    *,
    by: User | None,
    letter_by: User,
    on: dt.date,
    is_absence: bool,
) -> None:
    """Move the state, prepare the letter, notify France Travail."""
    if is_absence:
        nomination.end(NominationState.ABSENT, by=by, ended_on=on)
    else:
        nomination.leave(by=by, ended_on=on)
    parts = write(LetterKind.VACANCY, nomination, by=letter_by)
    warn_of_vacancy(nomination)
    verb = "be_absent" if is_absence else "leave"
    audit(nomination, verb, by=by, parts=parts, on=on)


def end_announced() -> int:
    """End offices whose announced day came; return how many."""
    due = Nomination.objects.past_their_end().order_by("pk")
    return sum(end_if_due(pk) for pk in list(due.values_list("pk", flat=True)))


@transaction.atomic
def end_if_due(pk: int) -> bool:
    """End one office, unless ended already or the day changed."""
    rows = Nomination.objects.past_their_end().select_for_update(
        no_key=True, of=("self",)
    )
    due = rows.filter(pk=pk).select_related("convention", "end_announced_by").first()
    if due is None or due.end_announced_by is None or due.end_announced_on is None:
        return False  # A constraint requires all three or none.
    vacate(
        due,
        by=None,
        letter_by=due.end_announced_by,
        on=due.end_announced_on,
        is_absence=due.end_announced_as == AnnouncedEnd.ABSENCE,
    )
    return True


def lock(nomination: Nomination) -> Nomination:
    rows = Nomination.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("convention__structure", "person").get(pk=nomination.pk)


@transaction.atomic
def record(
    nomination: Nomination, states: Iterable[str], otherwise: str, **facts: Any
) -> None:
    """Lock the row, write facts; raise MoveRefused in other states."""
    rows = Nomination._base_manager.select_for_update(no_key=True)
    nomination.state = rows.values_list("state", flat=True).get(pk=nomination.pk)
    if nomination.state not in states:
        raise MoveRefused(otherwise)
    for name, value in facts.items():
        setattr(nomination, name, value)
    nomination.save(update_fields=list(facts))


def record_throughout(
    nomination: Nomination, states: Iterable[str], otherwise: str, **facts: Any
) -> None:
    """Write facts here, and where the office goes on (art. 13)."""
    record(nomination, states, otherwise, **facts)
    for row in nomination.carried.filter(state__in=states):
        record_throughout(row, states, otherwise, **facts)


def write(
    kind: LetterKind, nomination: Nomination, *, by: User
) -> list[dict[str, Any]]:
    """Prepare the registered letter; return its audit part."""
    with journal.gathering() as parts:
        letters.prepare(kind, nomination=nomination, by=by)
    return parts


def warn_of_vacancy(nomination: Nomination) -> None:
    if nomination.office_on:  # Without it, the withdrawal came before the office.
        emails.warn(emails.post_vacant, nomination)


def audit(
    nomination: Nomination,
    verb: str,
    *,
    by: User | None,
    parts: Collection[dict[str, Any]] = (),
    **details: Any,
) -> None:
    for name, value in details.items():
        details[name] = value.isoformat() if isinstance(value, dt.date) else value
    journal.record(
        Action.NOMINATION_CHANGED,
        by=by,
        target=nomination,
        details={"verb": verb, **details},
        parts=parts,
    )


@transaction.atomic
def warn_once() -> None:
    """Warn about letters that structures owe (4.3)."""
    for nomination in Nomination.objects.letter_overdue().select_related("convention"):
        emails.warn(emails.letter_overdue, nomination)
