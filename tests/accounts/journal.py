"""Lines of the journal in the shapes that the pages write, for the tests of detection.

``test_attacks.py`` drives the pages themselves; these lines are for what
would take a test hours of clock: a threshold from below, a month of work.
"""

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from opus.lib.audit.models import AuditEntry

PARIS = ZoneInfo("Europe/Paris")
OFFICE = "198.51.100.7"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"


def line(action: str, by: Any = None, **fields: Any) -> AuditEntry:
    """One line, not yet written; its persons are counted from their numbers."""
    persons = fields.pop("persons", [])
    return AuditEntry(
        at=fields.pop("at", None) or timezone.now(),
        actor_id=by.pk if by else None,
        actor=by.identifier if by else "",
        role=by.role if by else "",
        structure_id=by.structure_id if by else None,
        action=action,
        persons=len(persons),
        person_ids=persons,
        ip=fields.pop("ip", OFFICE),
        agent=fields.pop("agent", FIREFOX),
        session=fields.pop("session", "s1" if by else ""),
        details=fields.pop("details", {}),
        **fields,
    )


def write(*lines: AuditEntry) -> None:
    AuditEntry.objects.bulk_create(lines, batch_size=2000)


def somebody() -> uuid.UUID:
    return uuid.uuid4()


def paris(*when: int) -> dt.datetime:
    return dt.datetime(*when, tzinfo=PARIS)  # type: ignore[arg-type]
