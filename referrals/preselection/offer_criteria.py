"""The requirements of an offer as a checklist (domain 5.3)."""

from collections.abc import Collection, Iterable

from offers.catalogue.models import Offer
from offers.catalogue.presenter import Need, OfferPresenter, distinct

# A longer list would not be read: an offer has the main requirements first.
AT_MOST = 20
LONGEST = 200


def requirements_of(offer: Offer) -> list[str]:
    """Return its requirements, one line each."""
    page = OfferPresenter(offer)
    profile = lines_of(
        ("Expérience", [", ".join(page.experience)]),
        ("Formation", texts(page.training)),
        ("Permis", texts(page.permits)),
        ("Langue", texts(page.languages)),
        ("Compétence", page.skills_required),
    )
    conditions = lines_of(
        ("Horaires", [", ".join(distinct(map(one_line, page.hours)))]),
        ("Lieu", [page.place]),
    )
    return [*profile[: AT_MOST - len(conditions)], *conditions]


def left_of(offer: Offer, met: Collection[str]) -> list[str]:
    """Return the requirements that were not ticked, none if withdrawn."""
    if not offer.is_active:
        return []
    return [line for line in requirements_of(offer) if line not in met]


def lines_of(*parts: tuple[str, list[str]]) -> list[str]:
    """Return the non-empty lines under their names, without duplicates."""
    found = (
        cut(f"{name}\u00a0: {one_line(text)}")
        for name, lines in parts
        for text in lines
        if text.strip()
    )
    return list(dict.fromkeys(found))


def texts(needs: Iterable[Need]) -> list[str]:
    """Return each requirement, and whether it is optional."""
    return [
        need.text if need.is_required else f"{need.text} (souhaité)" for need in needs
    ]


def one_line(text: str) -> str:
    """Return the hours on one line, without the repeated ones."""
    return " ".join(text.split())


def cut(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
