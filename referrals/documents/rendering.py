"""Render the document of article 7 (domain 5.9, U4).

Rendered once, in the act's transaction, and frozen: page and PDF show the same (A13).
The templates escape the offer's texts (S31).
"""

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from offers.page import documents as paper
from offers.page.documents import LARGE_STYLE, SHEET_STYLE, TIGHT_STYLE
from offers.page.text_fitting import fit, lines_of
from opus.lib.documents import pdf
from opus.lib.files.frozen_documents import FrozenDocument, lay_out
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import Act
from referrals.candidates.models.candidates import Candidate
from referrals.documents.models import Document, EasyDocument, VoidDocument

# The address block: 87 mm at 12 points, five lines in the window.
ADDRESS_WIDTH = 246 * 11 / 12
# The additional lines of a demande de CV: its paragraphs, and the words around its
# two addresses.
CV_LETTER_LINES = 1
CV_LETTER_SAYS = "mots " * 26
RETURN_ADDRESS_LINES = 2
# The lines for time and mode of an appointment.
APPOINTMENT_LINES = 4


TEMPLATES: Mapping[ActKind, str] = {
    ActKind.REFERRAL: "documents/referral.html",
    ActKind.SCREENED_REFERRAL: "documents/screened_referral.html",
    ActKind.CV_REQUEST: "documents/cv_request.html",
    ActKind.APPOINTMENT: "documents/appointment.html",
}
TITLES: Mapping[ActKind, str] = {
    ActKind.REFERRAL: "Proposition d’offre d’emploi",
    ActKind.SCREENED_REFERRAL: "Proposition d’offre d’emploi avec présélection",
    ActKind.CV_REQUEST: "Demande de CV",
    ActKind.APPOINTMENT: "Convocation",
}


def body_of(
    act: Act, *, version: int = 1, made_at: dt.datetime | None = None, top: int = 1
) -> str:
    """Return an act's document; ``top``: its heading level."""
    return render_to_string(
        TEMPLATES[act.KIND],
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
            "return_address": return_address_of(act),
            "top": top,
        },
    )


# The next steps need four more lines.
SCREENED_ROOM = dataclasses.replace(paper.WITH_ADDRESS, fixed=22)


def room_of(act: Any) -> paper.Room:
    """Return the lines left for the offer."""
    if act.KIND == ActKind.SCREENED_REFERRAL:
        return SCREENED_ROOM
    if act.KIND == ActKind.APPOINTMENT:
        held = APPOINTMENT_LINES + len(lines_of(act.where, paper.FACT_WIDTH))
        fixed = paper.WITH_ADDRESS.fixed + held
        return dataclasses.replace(paper.WITH_ADDRESS, fixed=fixed, profile=3)
    if act.KIND != ActKind.CV_REQUEST:
        return paper.WITH_ADDRESS
    where = f"{CV_LETTER_SAYS} {act.adviser.email} {return_address_of(act)}"
    taken = CV_LETTER_LINES + len(lines_of(where))
    return dataclasses.replace(
        paper.WITH_ADDRESS, fixed=paper.WITH_ADDRESS.fixed + taken, profile=3
    )


def return_address_of(act: Act) -> str:
    """Return the address for a CV, without the structure's kind."""
    structure = act.structure
    city = f"{structure.postcode} {structure.city}"
    address = f"{structure.sender_name}, {structure.address}, {city}"
    return fit(address, RETURN_ADDRESS_LINES)[0]


def plain_body_of(act: Act) -> str:
    """Return the act in plain words (domain 3.7)."""
    content = paper.content_of(act.offer, paper.WITH_ADDRESS)
    return render_to_string(
        "documents/plain.html",
        {
            "act": act,
            "kind": act.KIND.value,
            "candidate": act.candidate,
            "adviser": act.adviser,
            "phone": act.adviser.phone or act.structure.phone,
            "sender": act.structure.sender_name,
            "title": content.title,
            "facts": content.facts,
        },
    )


def void_body_of(document: Document, since: dt.datetime) -> str:
    """Return a void document's text: number and dates."""
    return render_to_string(
        "documents/void.html", {"document": document, "since": since}
    )


def demoted(body: str) -> str:
    """Return the body with its headings one level lower.

    Only our templates write tags there: texts are escaped.
    """
    return re.sub(
        r"(?<=<h|/h)[1-5](?=[ >])", lambda level: str(int(level[0]) + 1), body
    )


def title_of(act: Act) -> str:
    """Return the document's number, no name nor trade (V17)."""
    return f"{TITLES[act.KIND]} n° {act.number}"


def _address(candidate: Candidate) -> list[str]:
    """Return the lines for the envelope's window."""
    parts = [
        (str(candidate), 2),
        (candidate.address, 2),
        (f"{candidate.postcode} {candidate.city}".strip(), 1),
    ]
    return [fit(line, lines, width=ADDRESS_WIDTH)[0] for line, lines in parts if line]


def layout_of(document: FrozenDocument) -> Any:
    """Return the laid out pages of any document."""
    match document:
        case EasyDocument():
            return lay_out(document, document.title, SHEET_STYLE, LARGE_STYLE)
        case VoidDocument():
            title = f"Document annulé n° {document.document.number}"
        case Document():
            title = title_of(document.act)
        case _:
            raise TypeError(type(document))
    return lay_out(document, title, SHEET_STYLE, tight=TIGHT_STYLE)


def write(document: FrozenDocument, out: Any) -> None:
    out.write(pdf.write(layout_of(document)))
