"""What an offer asks of a person, as a list that an adviser ticks (domain 5.3).

The words are the offer's own: nobody's judgment of a person is typed anywhere.
"""

from collections.abc import Iterable

from offers.models import Offer
from offers.sheet import Need, Sheet, distinct

# More would not be read: an offer asks what matters first.
AT_MOST = 20
LONGEST = 200


def asked_by(offer: Offer) -> list[str]:
    """Experience, training, licences, languages, skills, hours, place: one line each.

    The hours and the place, which concern everybody, keep their lines.
    """
    sheet = Sheet(offer)
    profile = told(
        ("Expérience", [", ".join(sheet.experience)]),
        ("Formation", texts(sheet.training)),
        ("Permis", texts(sheet.permits)),
        ("Langue", texts(sheet.languages)),
        ("Compétence", sheet.skills_required),
    )
    conditions = told(
        ("Horaires", [", ".join(distinct(map(one_line, sheet.hours)))]),
        ("Lieu", [sheet.place]),
    )
    return [*profile[: AT_MOST - len(conditions)], *conditions]


def told(*parts: tuple[str, list[str]]) -> list[str]:
    """The lines under their names, each once, those that say nothing left out."""
    found = (
        cut(f"{name}\u00a0: {one_line(text)}")
        for name, lines in parts
        for text in lines
        if text.strip()
    )
    return list(dict.fromkeys(found))


def texts(needs: Iterable[Need]) -> list[str]:
    """Each need, and whether one may do without."""
    return [
        need.text if need.is_required else f"{need.text} (souhaité)" for need in needs
    ]


def one_line(text: str) -> str:
    """The hours come on several lines, with the same said twice but for the break."""
    return " ".join(text.split())


def cut(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
