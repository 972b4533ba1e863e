"""An appointment as a calendar file (.ics), without names (V17)."""

import datetime as dt
from typing import Any

from icalendar import STATUS, Calendar, Event

from opus.lib.outbound import outbox
from referrals.acts.states import SummonsState

CONTENT_TYPE = "text/calendar; charset=utf-8"


def file_of(summons: Any) -> tuple[str, str]:
    document = summons.document
    content = calendar_of(
        summons,
        version=document.version if document else 1,
        at=document.created_at if document else summons.created_at,
        url=outbox.link(summons.get_absolute_url()),
    )
    return f"{summons.number}.ics", content


def calendar_of(summons: Any, *, version: int, at: dt.datetime, url: str = "") -> str:
    """Return one event; its sequence grows with the document's ``version``.

    A cancellation adds one. ``url``: the act's page, for its adviser only.
    """
    is_cancelled = summons.state == SummonsState.CANCELLED
    mode = summons.get_mode_display()
    event = Event.new(
        uid=str(summons.pk),
        stamp=at.astimezone(dt.UTC),
        sequence=version if is_cancelled else version - 1,
        status=STATUS.CANCELLED if is_cancelled else STATUS.CONFIRMED,
        # In UTC, so that the file needs no time zone definition.
        start=summons.at.astimezone(dt.UTC),
        end=summons.ends_at.astimezone(dt.UTC),
        summary=f"Convocation n°\u00a0{summons.number}",
        location=summons.where if summons.is_on_site else None,
        description=f"{mode[:1].upper()}{mode[1:]}\u00a0: {summons.where}",
        url=url or None,
    )
    calendar = Calendar.new(prodid="-//France Travail//Opus//FR", subcomponents=[event])
    return calendar.to_ical().decode()
