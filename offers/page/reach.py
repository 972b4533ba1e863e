"""How to reach an employer: the first thing that a printed sheet says."""

import dataclasses
import re
from collections.abc import Iterable

from offers.catalogue import formatting
from offers.catalogue.adverts import without_pictures
from offers.catalogue.formatting import plain
from offers.catalogue.models import Offer
from opus.lib.documents.measure import fit, lines_of, width_of

EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.\w{2,}")
LINK = re.compile(r"https?://\S+")
PHONE = re.compile(r"0\d{9}")
# Longer, nobody types it: the site's name and the offer's number lead there too.
LONGEST_LINK = 60
VALUE_WIDTH = 160.0
VALUE_SIZE = 16.0
OTHER_WIDTH = 150.0
OTHER_SIZE = 11.5
BESIDE_WIDTH = 70.0
NAME_SIZE = 13.0
LONGEST_NAME = 2
MOST_LINES = 4
LINES_EACH = 2


@dataclasses.dataclass(frozen=True)
class Reach:
    """The first way, and what the others need; ``way``: an icon's name."""

    way: str
    value: str = ""
    person: str = ""
    others: tuple[tuple[str, str], ...] = ()
    is_cut: bool = False

    @property
    def is_known(self) -> bool:
        return self.way != "help" or bool(self.others)

    @property
    def is_number(self) -> bool:
        return self.way == "phone"

    @property
    def beside(self) -> list[tuple[str, str]]:
        """Return what stands on the right of a number, being short."""
        return [one for one in self.others if self.is_number and is_short(one[1])]

    @property
    def below(self) -> list[tuple[str, str]]:
        return [one for one in self.others if one not in self.beside]


UNKNOWN = Reach("help")


def reach_of(offer: Offer) -> Reach:
    """Return the ways to apply, the quickest first; unknown if preselected (2.7)."""
    if not offer.shows_employer_contact:
        return UNKNOWN
    contact = {
        name: without_pictures(value) if isinstance(value, str) else value
        for name, value in (offer.details.get("contact") or {}).items()
    }
    boxes = [contact.get(f"coordonnees{n}") for n in (1, 2, 3)]
    written = [contact.get("courriel"), *boxes]
    links = [contact.get("urlPostulation"), *found_in(LINK, written)]
    emails = found_in(EMAIL, written)
    # A box that sends to a link says no more than the link.
    address = ", ".join(plain(box) for box in boxes if box and not LINK.search(box))
    address = "" if EMAIL.fullmatch(address) else address
    number = formatting.phone(contact.get("telephone") or "")
    is_number = bool(PHONE.fullmatch(number.replace(" ", "")))
    ways = [
        ("phone", "Téléphone", number if is_number else ""),
        ("mail", "Courriel", next(iter(emails), "")),
        ("web", "Sur internet", typed(next(filter(None, links), ""), offer)),
        ("pin", "Adresse", address),
        ("phone", "Téléphone", "" if is_number else number),
        ("help", "Précisions", plain(contact.get("commentaire"))),
    ]
    ways = [way for way in ways if way[2]]
    first = next((way for way in ways if way[0] != "help" and fits(way[2])), None)
    if first is None:
        first = ("help", "", "")
    name, name_cut = fit(
        plain(contact.get("nom")), LONGEST_NAME, BESIDE_WIDTH, NAME_SIZE, bold=True
    )
    return gathered(first, [way for way in ways if way != first], name, name_cut)


def gathered(
    first: tuple[str, str, str],
    rest: list[tuple[str, str, str]],
    name: str,
    is_cut: bool,
) -> Reach:
    others: list[tuple[str, str]] = []
    left = MOST_LINES
    for _, label, text in rest:
        if not left:
            is_cut = True
            break
        most = min(left, LINES_EACH)
        line, was_cut = fit(f"{label}\xa0: {text}", most, OTHER_WIDTH, OTHER_SIZE)
        left -= len(lines_of(line, OTHER_WIDTH, OTHER_SIZE))
        is_cut |= was_cut
        # Half an address is useless: print none.
        if " " in text or not was_cut:
            others.append((label, line.partition("\xa0: ")[2]))
    if first[0] == "help" and not (others or name):
        return UNKNOWN
    return Reach(first[0], first[2], name, tuple(others), is_cut)


def is_short(text: str) -> bool:
    return len(lines_of(text, BESIDE_WIDTH, OTHER_SIZE, bold=True)) <= LINES_EACH


def fits(value: str) -> bool:
    return width_of(value, VALUE_SIZE, bold=True) <= VALUE_WIDTH


def found_in(pattern: re.Pattern[str], texts: Iterable[str | None]) -> list[str]:
    return [
        found[0].rstrip(".,;:)")
        for text in texts
        if text
        for found in pattern.finditer(text)
    ]


def typed(link: str, offer: Offer) -> str:
    """Return what one types in a browser."""
    address = re.sub(r"^https?://(?:www\.)?", "", link).rstrip("/")
    if len(address) <= LONGEST_LINK:
        return address
    return f"{address.partition('/')[0]}, offre n°\xa0{offer.pk}"
