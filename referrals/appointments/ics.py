"""An appointment as a calendar file (.ics), without names (V17)."""

import datetime as dt
from typing import Any

from django.utils import timezone
from icalendar import STATUS, Calendar, Event

from opus.lib.outbound import outbox
from referrals.acts.states import AppointmentState

CONTENT_TYPE = "text/calendar; charset=utf-8"


def file_of(appointment: Any) -> tuple[str, str]:
    document = appointment.document
    content = calendar_of(
        appointment,
        version=document.version if document else 1,
        at=document.created_at if document else appointment.created_at,
        url=outbox.link(appointment.get_absolute_url()),
    )
    return f"{appointment.number}.ics", content


def calendar_of(
    appointment: Any, *, version: int, at: dt.datetime, url: str = ""
) -> str:
    """Return one event, which replaces the ones before in a calendar.

    What is off is cancelled, also by a withdrawn offer or a paper that misleads. The
    sequence grows with the document's ``version``, and by the minutes since the act was
    made: what is off and comes back is newer. ``url``: the act's page, for its adviser.
    """
    paper = appointment.document
    is_off = appointment.is_to_come and paper is not None and paper.is_void
    is_cancelled = appointment.state == AppointmentState.CANCELLED or is_off
    status = STATUS.TENTATIVE if appointment.waits_for_agency else STATUS.CONFIRMED
    # Never negative, whatever the clocks say.
    minutes = max(
        0, int((timezone.now() - appointment.created_at).total_seconds()) // 60
    )
    mode = appointment.get_mode_display()
    event = Event.new(
        uid=str(appointment.pk),
        stamp=at.astimezone(dt.UTC),
        sequence=version - 1 + is_cancelled + 2 * minutes,
        status=STATUS.CANCELLED if is_cancelled else status,
        # In UTC, so that the file needs no time zone definition.
        start=appointment.at.astimezone(dt.UTC),
        end=appointment.ends_at.astimezone(dt.UTC),
        summary=f"Convocation n°\u00a0{appointment.number}"
        + (" (à confirmer)" if appointment.waits_for_agency else ""),
        location=appointment.where if appointment.is_on_site else None,
        description=f"{mode[:1].upper()}{mode[1:]}\u00a0: {appointment.where}",
        url=url or None,
    )
    calendar = Calendar.new(prodid="-//France Travail//Opus//FR", subcomponents=[event])
    return calendar.to_ical().decode()
