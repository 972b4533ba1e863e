"""Render the document of article 7 (domain 5.9, U4).

Rendered once, in the act's transaction, and frozen: page and PDF show the same (A13).
The templates escape the offer's texts (S31).
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from offers.page import documents as paper
from offers.page.reach import reach_of
from opus.lib.background_files import FrozenDocument
from opus.lib.documents import pdf
from opus.lib.documents.measure import fit
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import Act
from referrals.candidates.models.candidates import Candidate
from referrals.documents import easy, tickets
from referrals.documents.models import Document, EasyDocument, EasyForm, VoidDocument

# The window: 95 mm at 12.5 points, five lines.
ADDRESS_WIDTH, ADDRESS_SIZE = 84.0, 12.5
SENDER_WIDTH, SENDER_SIZE, SENDER_LINES = 69.0, 11.5, 2
CONTACT_WIDTH, CONTACT_SIZE = 63.0, 14.0
# Between the window and the foot.
ROOM = 173.0

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
    made_at = made_at or timezone.now()
    reach = reach_of(act.offer)
    context = {
        **people_of(act),
        **tickets.words_of(act, reach, timezone.localdate(made_at)),
        "act": act,
        "kind_title": TITLES[act.KIND],
        "number": act.number,
        "version": version,
        "made_at": made_at,
        "offer": act.offer,
        "top": top,
    }
    room = ROOM - tickets.height_of(act, reach, context)
    content = paper.content_of(act.offer, room, reach)
    return render_to_string(TEMPLATES[act.KIND], context | {"sheet": content})


def people_of(act: Act) -> dict[str, Any]:
    """Return who writes to whom, without the structure's kind."""
    # Whoever made it: she calls the one who follows her now.
    adviser, structure = act.candidate.follower, act.structure
    name = adviser.get_full_name()
    contact, _ = fit(name, 1, CONTACT_WIDTH, CONTACT_SIZE, bold=True)
    sender, _ = fit(structure.sender_name, SENDER_LINES, SENDER_WIDTH, SENDER_SIZE)
    return {
        "address": address_of(act.candidate),
        "adviser": adviser,
        "contact": contact,
        "phone": tickets.phone_of(act),
        "sender": sender,
    }


def plain_body_of(act: Act) -> str:
    """Return the act in plain words (domain 3.7)."""
    context = {**people_of(act), **easy.words_of(act, reach_of(act.offer))}
    context["contact"] = easy.ended(context["contact"])
    return render_to_string("documents/plain.html", context)


def void_body_of(document: Document, since: dt.datetime) -> str:
    """Return a void document's text: number and dates, whom to call."""
    context = {
        **people_of(document.act),
        "agency": tickets.agency_of(document.act),
        "document": document,
        "since": since,
    }
    return render_to_string("documents/void.html", context)


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


def address_of(candidate: Candidate) -> list[str]:
    """Return the lines for the envelope's window."""
    parts = [
        (str(candidate), 2),
        (candidate.address, 2),
        (f"{candidate.postcode} {candidate.city}".strip(), 1),
    ]
    return [
        fit(line, most, ADDRESS_WIDTH, ADDRESS_SIZE)[0] for line, most in parts if line
    ]


def layout_of(document: FrozenDocument) -> Any:
    """Return the laid out pages of any document."""
    match document:
        case EasyDocument():
            style = "easy" if document.form == EasyForm.PLAIN else "large"
            return paper.print_sheet(document, document.title, style)
        case VoidDocument():
            title = f"Document annulé n° {document.document.number}"
        case Document():
            title = title_of(document.act)
        case _:
            raise TypeError(type(document))
    return paper.print_sheet(document, title)


def write(document: FrozenDocument, out: Any) -> None:
    out.write(pdf.write(layout_of(document)))
