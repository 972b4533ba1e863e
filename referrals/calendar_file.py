"""An appointment as a calendar file (.ics), after RFC 5545.

It names nobody: an agenda is often shared, and read aloud by telephones (V17). Hours
are told in UTC, so that no time zone needs describing.
"""

import datetime as dt
from collections.abc import Iterator

from opus.lib import outbox
from referrals.models import MeetingMode, Summons, SummonsState

CONTENT_TYPE = "text/calendar; charset=utf-8"
LINE_OCTETS = 75


def file_of(summons: Summons) -> tuple[str, str]:
    """Its name and its text, as the document stands now."""
    document = summons.document
    content = calendar_of(
        summons,
        version=document.version if document else 1,
        at=document.created_at if document else summons.created_at,
        url=outbox.link(summons.get_absolute_url()),
    )
    return f"{summons.number}.ics", content


def calendar_of(
    summons: Summons, *, version: int, at: dt.datetime, url: str = ""
) -> str:
    """The file: one event, whose number grows with each version of the document.

    Args:
        version: of the document; a cancellation counts as one more.
        at: when that version was made.
        url: the act's page, where everything else is told; none for the person.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//France Travail//Opus//FR",
        "CALSCALE:GREGORIAN",
        "BEGIN:VEVENT",
        *_event(summons, version, at, url),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in folded(line))


def _event(summons: Summons, version: int, at: dt.datetime, url: str) -> list[str]:
    is_cancelled = summons.state == SummonsState.CANCELLED
    mode = MeetingMode(summons.mode)
    where = escaped(summons.where)
    place = [f"LOCATION:{where}"] if mode == MeetingMode.PLACE else []
    told = escaped(f"{mode.label} : {summons.where}")
    return [
        f"UID:{summons.pk}",
        f"DTSTAMP:{stamp(at)}",
        f"SEQUENCE:{version if is_cancelled else version - 1}",
        f"STATUS:{'CANCELLED' if is_cancelled else 'CONFIRMED'}",
        f"DTSTART:{stamp(summons.at)}",
        f"DTEND:{stamp(summons.ends_at)}",
        f"SUMMARY:{escaped(f'Convocation n° {summons.number}')}",
        *place,
        f"DESCRIPTION:{told[:1].upper()}{told[1:]}",
        *([f"URL:{url}"] if url else []),
    ]


def stamp(at: dt.datetime) -> str:
    """An instant, in UTC (3.3.5, form 2)."""
    return f"{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """A text's own marks, which would end the value (3.3.11)."""
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return "\\n".join(text.splitlines())


def folded(line: str) -> Iterator[str]:
    """Lines of 75 octets at most; what follows begins with a space (3.1)."""
    part, size = "", 0
    for sign in line:
        octets = len(sign.encode())
        if size + octets > LINE_OCTETS:
            yield part
            part, size = " ", 1
        part, size = part + sign, size + octets
    yield part
