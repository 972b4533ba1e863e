"""Read typed words: conditions, a place, a trade become codes; the rest stays words.

Called where the form is settled, so that addresses, saved searches, exports and e-mails
have codes. ``mots=exacts`` is the rule without reading: every word is required.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings

from offers.reference.models import Appellation, Rome
from offers.reference.places import SUGGESTIONS
from offers.reference.trades import find_trades, suggest_trades
from offers.search.conditions import Words, all_of, of_places
from offers.search.criteria import BY_NAME, Criteria, WordsRule
from offers.search.models import JobName
from offers.search.places import PlaceReading, WordContext, read_place, unknown_place
from offers.search.results import Search
from offers.search.sql import count_first
from offers.search.words import (
    Name,
    Token,
    Trade,
    correct,
    find_names,
    join,
    read_conditions,
    read_radius,
    split,
    strip_fillers,
)

# A longer text is a sentence: its first words are read.
MOST_WORDS = 30
# Wider circles around the place, if it has fewer offers than a page begins with.
WIDER_KM = (20, 30, 50)
ENOUGH = 10
# A trade is added if that part of the offers of the name have it…
LEAST_SHARE = 0.35
LEAST_SHARE_OF_A_WORD = 0.4
LEAST_OF_A_LABEL = 0.1
# … and at least that part of what the first one has.
NEAR_THE_FIRST = 0.4
MOST_TRADES = 3
MOST_EVERYDAY = 5
# Some words of titles are no name of a job below so many offers.
LEAST_OFFERS = 3


def understand(criteria: Criteria, *, department: str = "") -> Criteria:
    """Return the search with the codes that its words say.

    ``department``: the reader's own, first among towns of one name.
    """
    if not criteria.words or criteria.rule:
        return criteria
    names = names_in(criteria.words)
    found, place = read(criteria, names, department)
    if place and found.words and not place.is_announced and not finds(found):
        # A word that is a place, too: « conducteur de ligne », Ligné.
        without, _ = read(criteria, names, department, has_place=False)
        return without if finds(without.changed(trades=())) else found
    return found


def names_in(text: str) -> list[Name]:
    return find_names([token.text for token in split(text)[:MOST_WORDS]])


def finds(criteria: Criteria) -> bool:
    return bool(count_first([all_of(Search(criteria).conditions)], 1)[0])


def read(
    criteria: Criteria,
    names: Sequence[Name],
    department: str,
    *,
    has_place: bool = True,
) -> tuple[Criteria, PlaceReading | None]:
    """Return the search with what its words say, and the place read.

    ``names``: those of jobs among the words.
    """
    tokens = split(criteria.words)[:MOST_WORDS]
    jobs = [places(name) for name in names if name.is_label and name.stems > 1]
    rest, conditions = read_conditions(tokens, jobs)
    rest, radius = read_radius(rest)
    known = WordContext(
        jobs=[places(name) for name in names if name.is_label],
        long_jobs=jobs,
        titles=[places(name) for name in names if name.stems > 1 and is_sure(name)],
        words=frozenset(name.first for name in names if name.stems == 1),
        department=department,
    )
    place = read_place(strip_fillers(rest, jobs), known) if has_place else None
    rest = strip_fillers(place.others if place else rest, jobs)
    if not place and (count := lost_place(rest, names)):
        rest = strip_fillers(rest[:-count], jobs)
    words = correct(rest, frozenset().union(*known.jobs))
    # Whether words between these were read.
    is_broken = rest and rest[-1].at - rest[0].at + 1 != len(rest)
    if words != rest or is_broken:
        names = find_names([token.text for token in words])
    else:
        names = within(names, rest)
    trades = choose_trades(names)
    changes: dict[str, Any] = {}
    if conditions:
        changes["chosen"] = added(criteria, conditions)
    if radius is not None:
        changes["radius"] = radius
    if place:
        changes["places"] = tuple(area.code for area in place.areas)
    if trades:
        changes["trades"] = tuple(dict.fromkeys([*criteria.trades, *trades]))
    text = join(words)
    if not changes and text == criteria.words:
        return criteria, None
    rule = WordsRule.READ if text else None
    typed = criteria.typed or criteria.words
    changes |= {"rule": rule, "typed": typed, "unread": criteria.unread}
    found = criteria.changed(words=text, **changes)
    is_default = criteria.radius == settings.SEARCH_DEFAULT_RADIUS_KM
    if place and is_default and radius is None:
        return widen(found), place
    return found, place


def as_typed(criteria: Criteria, *, department: str = "") -> Criteria:
    """Return the search of the words as typed, without what they said."""
    bare = Criteria(words=criteria.typed)
    read = understand(bare, department=department)
    chosen = {
        name: tuple(v for v in values if v not in read.chosen.get(name, ()))
        for name, values in criteria.chosen.items()
    }
    is_same_place = criteria.places == read.places
    return criteria.changed(
        words=criteria.typed,
        typed="",
        rule=WordsRule.EXACT,
        trades=tuple(code for code in criteria.trades if code not in read.trades),
        places=() if is_same_place else criteria.places,
        radius=bare.radius if is_same_place else criteria.radius,
        chosen={name: values for name, values in chosen.items() if values},
    )


def places(name: Name) -> frozenset[int]:
    return frozenset(range(name.first, name.last))


def lost_place(tokens: Sequence[Token], names: Sequence[Name]) -> int:
    """Return how many of the last words name a place that does not exist."""
    known = {at for name in names if name.is_label for at in places(name)}
    count = unknown_place(tokens, known)
    if not count:
        return 0
    text = join(tokens[1 - count :])
    [found] = count_first([Words(text).anywhere], 1)
    return 0 if found else count


def lost_place_of(criteria: Criteria) -> str:
    """Return the place of a read search that no place is named as."""
    tokens, _ = read_conditions(split(criteria.typed), ())
    tokens = strip_fillers(tokens)
    if not tokens:
        return ""
    kept = {token.plain for token in split(criteria.words)}
    unread = {token.at for token in tokens if token.plain in kept}
    count = unknown_place(tokens, unread)
    typed = Criteria(words=criteria.typed)
    if not count or read(typed, names_in(typed.words), "")[1]:
        return ""
    return join(tokens[1 - count :])


def within(names: Sequence[Name], tokens: Sequence[Token]) -> list[Name]:
    """Return the names made of these words only."""
    kept = {token.at for token in tokens}
    return [name for name in names if places(name) <= kept]


def added(
    criteria: Criteria, conditions: dict[str, list[str]]
) -> dict[str, tuple[str, ...]]:
    """Return the filters with those that words say, in the screen's order."""
    chosen = dict(criteria.chosen)
    for parameter, values in conditions.items():
        wanted = {*chosen.get(parameter, ()), *values}
        options = BY_NAME[parameter].options
        chosen[parameter] = tuple(o.value for o in options if o.value in wanted)
    return chosen


def choose_trades(names: Sequence[Name]) -> list[str]:
    """Return the trades of the longest name, the likeliest first."""
    named = [name for name in names if is_sure(name)]
    sure = [name for name in named if name.is_everyday or name.offers]
    if not sure:
        return []
    best = max(sure, key=precedence)
    if best.is_everyday:
        # What staff say, then trades of this very name. Others have it by chance:
        # « compta » and « grands comptes » have one stem.
        whole = (places(best), best.stems)
        same = [name for name in sure if (places(name), name.stems) == whole]
        own = [trade for name in same for trade in likely_trades(name)]
        trades = [*best.trades, *(trade for trade in own if trade.is_label)]
        return list(dict.fromkeys(trade.code for trade in trades))[:MOST_EVERYDAY]
    return [trade.code for trade in likely_trades(best)]


def precedence(name: Name) -> tuple[int, bool, int, bool]:
    """Order names: the longest, then known ones, the first (« cuisinier EHPAD »)."""
    is_known = name.is_everyday or name.is_label
    return name.stems, is_known, -name.first, name.is_everyday


def suggest_jobs(text: str) -> list[Rome | Appellation]:
    """Return trades of what people say, then labels that begin so.

    Trades with live offers come first.
    """
    said = find_trades(choose_trades(names_in(text)))
    jobs = [*said, *suggest_trades(text)]
    codes = [job.code for job in jobs if isinstance(job, Rome)]
    # As last learned.
    learned = JobName.objects.filter(rome_code__in=codes, offers__gt=0)
    live = set(learned.values_list("rome_code", flat=True))
    unique = list({(type(job), job.code): job for job in jobs}.values())
    if live:
        unique.sort(key=lambda job: isinstance(job, Rome) and job.code not in live)
    return unique[:SUGGESTIONS]


def likely_trades(name: Name) -> list[Trade]:
    """Return the trades that many offers of a name have, or that are so named."""
    live = [trade for trade in name.trades if trade.offers]
    least = NEAR_THE_FIRST * max((trade.share for trade in live), default=0.0)
    own = [trade for trade in live if trade.is_label]
    of_labels = [trade for trade in own if trade.share >= LEAST_OF_A_LABEL] or own[:1]
    others = [trade for trade in live if trade.share >= max(LEAST_SHARE, least)]
    chosen = sorted({*of_labels, *others}, key=lambda trade: -trade.share)
    return chosen[:MOST_TRADES]


def is_sure(name: Name) -> bool:
    """Return whether some words name a job: one word alone begins the text."""
    if name.is_everyday or name.is_label:
        return True
    is_word = name.stems == 1
    least = LEAST_SHARE_OF_A_WORD if is_word else LEAST_SHARE
    is_likely = name.trades[0].share >= least and name.offers >= LEAST_OFFERS
    return is_likely and not (is_word and name.first)


def widen(criteria: Criteria) -> Criteria:
    """Return the search around its place as far as it needs."""
    search = Search(criteria)
    if not search.centres:
        return criteria
    others = [each for each in search.conditions if each.name != "lieu"]
    radii = [criteria.radius, *(km for km in WIDER_KM if km > criteria.radius)]
    circles = [
        all_of([*others, *of_places(search.areas, radius)]) for radius in radii[:-1]
    ]
    counts = count_first(circles, ENOUGH)
    for radius, count in zip(radii, counts, strict=False):
        if count >= ENOUGH:
            return replace(criteria, radius=radius)
    return replace(criteria, radius=radii[-1])
