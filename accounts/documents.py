"""The text of a letter: rendered once when it is prepared, then frozen.

The HTML page shows it and the worker prints it, so that both say the same (A13). One
template a kind, ``templates/letters/<kind>.html``.
"""

import datetime as dt
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from accounts.models import Agency, AgencyKind, Letter, LetterKind, Structure
from opus.lib import pdf
from opus.lib.files.documents import lay_out

STYLES = Path(__file__).parent / "print"
LETTER_STYLE = STYLES / "letter.css"
TIGHT_STYLE = STYLES / "tight.css"

# Who signs, and so whose address stands on top: the director whom the article names.
SIGNED_BY_THE_REGION = {
    LetterKind.AMENDMENT,
    LetterKind.BREACH,
    LetterKind.BREACH_UPHELD,
    LetterKind.BREACH_LIFTED,
    LetterKind.APPOINTMENT_WITHDRAWN,
    LetterKind.VACANCY,
    LetterKind.NOTICE,
    LetterKind.TERMINATION,
}


def body_of(letter: Letter, *, on: dt.date, **told: Any) -> str:
    """The body of a letter, to be frozen.

    Args:
        told: what its own template asks for beside the convention and the nomination.
    """
    convention = letter.convention
    level = (
        AgencyKind.REGION
        if letter.kind in SIGNED_BY_THE_REGION
        else AgencyKind.TERRITORY
    )
    return render_to_string(
        f"letters/{letter.kind}.html",
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
            **told,
        },
    )


def title_of(letter: Letter) -> str:
    """The PDF's title: its number and no name (V17)."""
    return f"Lettre n° {letter.number}"


def addressee_of(structure: Structure) -> list[str]:
    """The lines in the envelope's window, for a structure."""
    return [
        structure.name,
        "À l’attention de son représentant légal",
        structure.address,
        f"{structure.postcode} {structure.city}",
    ]


def above(agency: Agency, kind: AgencyKind) -> Agency:
    """The direction of that level over an agency; the agency where none is known."""
    return next((place for place in agency.upwards() if place.kind == kind), agency)


def write(letter: Letter, out: Any) -> None:
    laid_out = lay_out(letter, title_of(letter), LETTER_STYLE, tight=TIGHT_STYLE)
    out.write(pdf.write(laid_out))
