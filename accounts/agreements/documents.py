"""Text of a letter; page and PDF match (A13)."""

import datetime as dt
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from accounts.agreements.models.letters import Letter, LetterKind
from accounts.structures.models import Agency, AgencyKind, Structure
from opus.lib.background_files import lay_out
from opus.lib.documents import pdf

STYLES = Path(__file__).parent / "print"
LETTER_STYLE = STYLES / "letter.css"
TIGHT_STYLE = STYLES / "tight.css"

# The director whom the article names signs, and that address stands on top.
SIGNED_BY_THE_TERRITORY = {
    LetterKind.APPOINTMENT_AGREED,
    LetterKind.APPOINTMENT_REFUSED,
}


def body_of(letter: Letter, *, on: dt.date, **context: Any) -> str:
    """Render the body; ``context`` feeds its own template."""
    convention = letter.convention
    level = (
        AgencyKind.TERRITORY
        if letter.kind in SIGNED_BY_THE_TERRITORY
        else AgencyKind.REGION
    )
    return render_to_string(
        f"accounts/agreements/letters/{letter.kind}.html",
        {
            "letter": letter,
            "on": on,
            "convention": convention,
            "structure": convention.structure,
            "agency": convention.agency,
            "sender": above(convention.agency, level),
            "director": "La direction régionale"
            if level == AgencyKind.REGION
            else "La direction territoriale",
            "nomination": letter.nomination,
            "breach": letter.breach,
            "amendment": letter.amendment,
            **context,
        },
    )


def title_of(letter: Letter) -> str:
    """Return the PDF's title: a number, no name (V17)."""
    return f"Lettre n° {letter.number}"


def addressee_of(structure: Structure) -> list[str]:
    """Return the address lines for the envelope's window."""
    return [
        structure.name,
        "À l’attention de son représentant légal",
        structure.address,
        f"{structure.postcode} {structure.city}",
    ]


def above(agency: Agency, kind: AgencyKind) -> Agency:
    """Return the direction of that level, else the agency."""
    return next((place for place in agency.upwards() if place.kind == kind), agency)


def pages_of(letter: Letter) -> Any:
    return lay_out(letter, title_of(letter), LETTER_STYLE, tight=TIGHT_STYLE)


def write(letter: Letter, out: Any) -> None:
    out.write(pdf.write(pages_of(letter)))
