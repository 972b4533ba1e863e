"""The document of article 7: what the candidate takes away (domain 5.9, U4).

One sheet for each kind of act. Its body is rendered once, in the act's transaction,
and frozen: the HTML page shows it and the worker prints it, so both say the same
(A13). The offer's texts are data: the templates escape them all (S31). What it says of
the offer is ``offers.documents``; here is what it says of the act.
"""

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping

from django.template.loader import render_to_string
from django.utils import timezone

from offers import documents as paper
from offers.fitting import fit, lines_of
from referrals.models import (
    Act,
    Candidate,
    CvRequest,
    Document,
    Referral,
    ScreenedReferral,
    Summons,
)

SHEET_STYLE = paper.SHEET_STYLE
TIGHT_STYLE = paper.TIGHT_STYLE
# The address block: 87 mm at 12 points, five lines in the window.
ADDRESS_WIDTH = 246 * 11 / 12
# When and how an appointment is held, on its sheet.
APPOINTMENT_LINES = 4


TEMPLATES: Mapping[type[Act], str] = {
    Referral: "documents/referral.html",
    ScreenedReferral: "documents/screened_referral.html",
    CvRequest: "documents/cv_request.html",
    Summons: "documents/summons.html",
}
TITLES: Mapping[type[Act], str] = {
    Referral: "Proposition d’offre d’emploi",
    ScreenedReferral: "Proposition d’offre d’emploi avec présélection",
    CvRequest: "Demande de CV",
    Summons: "Convocation",
}


def body_of(
    act: Act,
    *,
    version: int = 1,
    made_at: dt.datetime | None = None,
    top: int = 1,
) -> str:
    """The body of an act's document, to be frozen.

    Args:
        top: the level of its heading; 2 where a page shows it before the act is made.
    """
    return render_to_string(
        TEMPLATES[type(act)],
        {
            "act": act,
            "number": act.number,
            "version": version,
            "made_at": made_at or timezone.now(),
            "offer": act.offer,
            "address": _address(act.candidate),
            "adviser": act.adviser,
            "phone": act.adviser.phone or act.structure.phone,
            "sender": act.structure.sender_name,
            "sheet": paper.content_of(act.offer, room_of(act)),
            "top": top,
        },
    )


def room_of(act: Act) -> paper.Room:
    """The lines left for the offer: an appointment takes its own first."""
    if not isinstance(act, Summons):
        return paper.WITH_ADDRESS
    taken = APPOINTMENT_LINES + len(lines_of(act.where, paper.FACT_WIDTH))
    room = paper.WITH_ADDRESS
    return dataclasses.replace(room, fixed=room.fixed + taken, profile=3)


def void_body_of(document: Document, since: dt.datetime) -> str:
    """What replaces a void document: its number and dates, nothing of the offer."""
    return render_to_string(
        "documents/void.html", {"document": document, "since": since}
    )


def demoted(body: str) -> str:
    """A frozen body with its headings one level lower: a page that shows several has
    a title of its own. Only our templates write tags there: texts are escaped.
    """
    return re.sub(
        r"(?<=<h|/h)[1-5](?=[ >])", lambda level: str(int(level[0]) + 1), body
    )


def title_of(act: Act) -> str:
    """The document's title: its number, neither a name nor a trade (V17)."""
    return f"{TITLES[type(act)]} n° {act.number}"


def _address(candidate: Candidate) -> list[str]:
    """The lines that show in the envelope's window."""
    told = [
        (str(candidate), 2),
        (candidate.address, 2),
        (f"{candidate.postcode} {candidate.city}".strip(), 1),
    ]
    return [fit(line, lines, width=ADDRESS_WIDTH)[0] for line, lines in told if line]
