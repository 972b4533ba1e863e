from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from offers.catalogue.formatting import FIXED, number
from offers.reference.models import Rome
from offers.reference.places import Area, areas_by_code, label_around
from offers.reference.sectors import find_sectors
from offers.reference.skills import find_skills
from offers.reference.trades import find_appellations, find_trades
from offers.search.criteria import PERIODS, Criteria
from offers.search.filters import ALL_FILTERS, full_label


class Labels:
    def __init__(self, criteria: Iterable[Criteria]) -> None:
        criteria = list(criteria)
        places = sorted({code for each in criteria for code in each.places})
        trades = sorted({code for each in criteria for code in each.trades})
        self.areas: dict[str, Area] = areas_by_code(places)
        self.trades: dict[str, Rome] = {
            trade.code: trade for trade in find_trades(trades)
        }
        skills = sorted({code for each in criteria for code in each.skills})
        self.skills = labels_of(skills, find_skills(skills))
        jobs = sorted({name for each in criteria for name in each.appellations})
        self.appellations = labels_of(jobs, find_appellations(jobs))

    def parts(self, criteria: Criteria) -> list[str]:
        parts = [f"« {criteria.words} »"] if criteria.words else []
        parts += [self.trades[code].label for code in criteria.trades]
        parts += [self.place(code, criteria.radius) for code in criteria.places]
        parts += [self.appellations[name] for name in criteria.appellations]
        for each in ALL_FILTERS:
            chosen = criteria.chosen.get(each.name, ())
            parts += [full_label(each, o) for o in each.options if o.value in chosen]
        parts += [self.skills[code] for code in criteria.skills]
        parts += [sector.label for sector in find_sectors(criteria.sectors)]
        if criteria.pay:
            parts.append(f"Au moins {number(criteria.pay)}{FIXED}€ par mois")
        if criteria.days:
            parts.append(PERIODS[str(criteria.days)])
        return parts

    def place(self, code: str, radius: int) -> str:
        area = self.areas.get(code)
        return label_around(area, radius) if area else f"lieu {code}, inconnu"

    def understood(self, criteria: Criteria) -> Criteria:
        known = tuple(code for code in criteria.places if code in self.areas)
        return criteria.changed(places=known)

    def unread(self, criteria: Criteria) -> list[str]:
        return unread_of(criteria, self.areas)


def unread_of(criteria: Criteria, areas: Container[str]) -> list[str]:
    """Return what an address says that Opus does not know."""
    lost = [f"lieu = {code}" for code in criteria.places if code not in areas]
    return [*criteria.unread, *lost]


def labels_of(codes: Sequence[str], found: Sequence[object]) -> dict[str, str]:
    return {code: str(thing) for code, thing in zip(codes, found, strict=True)}
