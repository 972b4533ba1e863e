"""The place that typed words name or nearly spell: « boulanger à Vanes »."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from django.db.models import Q

from offers.reference.models import Commune
from offers.reference.places import (
    ARRONDISSEMENTS,
    POSTCODE,
    Area,
    Kind,
    Place,
    commune_area,
    french_gazetteer,
    named_areas,
    spell_out,
    wide_areas,
)
from offers.search.conditions import select
from offers.search.words import (
    ARTICLES,
    TIMES,
    Token,
    join,
    joined,
    look_alike,
    misspelling,
    runs,
    split,
)
from opus.lib.french import edit_distance

# A smaller town loses to a word of offers that is spelt alike, unless « à » is before;
# misspelt, it is known in the reader's own department after « à » alone.
KNOWN_TOWN = 2_000
# A larger one is known without its article: « Rochelle ».
KNOWN_CITY = 20_000
LONGEST_NAME = 4
# A name that may be misspelt.
SPELLED = re.compile(r"[a-z][a-z ]{3,39}")
# Of one text in a box.
MOST_MEANT = 5
# Offers in which a word is looked for as it is spelt.
MOST_LOOKED_AT = 200
COUNT_SPELLING = """
SELECT count(*), count(*) FILTER (WHERE opus_plain(names) ~ %s)
FROM (
    SELECT concat_ws(' ', o.title, o.appellation, o.rome_label, o.company,
        o.skills_text, o.description) AS names
    FROM offers_offersearch JOIN offers_offer AS o ON reference = offer_id
    WHERE vector @@ opus_query(%s)
    LIMIT %s
) AS found
"""
ARTICLE = re.compile(r"^(l|le|la|les) ")


def near_towns(name: str, department: str = "") -> list[tuple[Place, int]]:
    """Return towns spelt nearly so, with the number of letters that differ.

    ``department``: where small towns are known, too.
    """
    if not SPELLED.fullmatch(name):
        return []
    small = towns_of(department) if department else []
    return [
        (place, far)
        for spelling, place in [*known_towns(), *small]
        if (far := misspelling(name, spelling)) is not None
    ]


def towns_meant(text: str) -> list[Area]:
    """Return the towns that a box's text nearly spells, the likeliest first."""
    near = sorted(
        near_towns(spell_out(text)), key=lambda one: (one[1], -one[0].population)
    )
    return list(dict.fromkeys(commune_area(town) for town, _ in near))[:MOST_MEANT]


def is_another_word(text: str, town: Place, far: int, *, is_announced: bool) -> bool:
    """Return whether offers have the words, or a word as near as the town."""
    # « Marseile » has the stem of Marseille, and « Vanes » that of a van.
    spelt = [rf"\m{text}\M", text, MOST_LOOKED_AT]
    [(looked, exact)] = select(COUNT_SPELLING, spelt)
    if exact and TIMES * exact > looked:
        return True
    words = {near.plain for near in look_alike([text]).get(text, ())}
    words -= set(spell_out(town.name).split())
    least = far - (town.population >= KNOWN_CITY)
    return not is_announced and any(
        edit_distance(text, word) <= least for word in words
    )


@cache
def known_towns() -> list[tuple[str, Place]]:
    return spell_towns(french_gazetteer().towns(KNOWN_TOWN))


@lru_cache(maxsize=128)
def towns_of(department: str) -> list[tuple[str, Place]]:
    return spell_towns(french_gazetteer().towns(0, department))


def spell_towns(places: Iterable[Place]) -> list[tuple[str, Place]]:
    """Return places by name, and by name without its article."""
    named = [(spell_out(place.name), place) for place in places]
    bare = [
        (ARTICLE.sub("", name), place) for name, place in named if ARTICLE.match(name)
    ]
    return [*named, *bare]


def typed_as(area: Area, typed: str) -> str:
    """Return how a text misspells a town; empty if it does not."""
    name = spell_out(area.name)
    tokens = split(typed)
    texts = [
        (first, last, spell_out(joined(tokens[first:last])))
        for first, last in runs(tokens, LONGEST_NAME)
    ]
    if area.kind != Kind.COMMUNE or any(text == name for *_, text in texts):
        return ""
    near = [
        (far, join(tokens[first:last]))
        for first, last, text in texts
        for spelling in {name, ARTICLE.sub("", name)}
        if text and (far := misspelling(text, spelling)) is not None
    ]
    return min(near, default=(0, ""))[1]


LONGEST_PLACE = 7
# Of one text: « Vannes, Auray ou Lorient ».
MOST_PLACES = 3
# Between two places.
BETWEEN = frozenset(["", "ou", "et", "puis"])
# Words before a place: « dans le secteur de Vannes ».
BEFORE = frozenset(
    {
        *("a", "au", "aux", "sur", "vers", "pres", "proche", "autour", "dans", "en"),
        *("region", "departement", "dep", "dpt", "dept", "secteur", "ville", "commune"),
        *("agglomeration", "bassin", "environs", "alentours", "cote", "chez", "vivant"),
        *("habite", "habitant", "rayon", "km"),
    }
)
# After these a number is no department: « CACES 38 », « bac 2 ».
NOT_BEFORE_A_NUMBER = frozenset(
    {
        *("caces", "bac", "r", "niveau", "cap", "bts", "type", "classe", "categorie"),
        *("ssiap", "echelon", "n", "no", "permis", "taux", "coefficient", "annexe"),
    }
)
DEPARTMENT = re.compile(r"\d{2}|2[ab]|97\d|98\d")
DISTRICT = re.compile(r"(paris|lyon|marseille) 0?(\d{1,2})(?:e|er|eme)?")
# A name that begins so: « Thonon » for Thonon-les-Bains.
SHORTEST_BEGINNING = 5
ALIASES = {"idf": "ile de france", "paca": "provence alpes cote d azur"}
# Directions as much as places.
DIRECTIONS = frozenset(["nord", "centre", "sud", "est", "ouest"])


class PlaceReading(NamedTuple):
    """Places, and the words left without them."""

    areas: list[Area]
    others: list[Token]
    # « à Vannes », and not just « Vannes ».
    is_announced: bool


class WordContext(NamedTuple):
    """What else the typed words may be, by their places; and where the reader is."""

    jobs: Sequence[frozenset[int]]
    # Jobs of several words.
    long_jobs: Sequence[frozenset[int]]
    # Several words that titles of offers have.
    titles: Sequence[frozenset[int]]
    # Words of titles.
    words: frozenset[int]
    # First among towns of one name.
    department: str


class Candidate(NamedTuple):
    first: int
    last: int
    name: str
    # After « à » or the like.
    is_announced: bool
    # At an end of the words, or announced: the others are places beside a place.
    is_edge: bool
    # Department of « Vannes (56) ».
    department: str = ""


class PlaceMatch(NamedTuple):
    """A run of words that is a place."""

    run: Candidate
    area: Area
    population: int


def read_place(tokens: Sequence[Token], known: WordContext) -> PlaceReading | None:
    """Return the place at the end of the words, else after « à ».

    With the places beside it: « Vannes ou Lorient », « Lyon Villeurbanne ».
    """
    candidates = list(possible(tokens))
    if not candidates:
        return None
    communes = named_communes(candidates)
    meant = [
        PlaceMatch(run, *place)
        for run in candidates
        if (place := choose(run, communes, known.department))
        and is_meant(run, place, tokens, known)
    ]
    of_edges = [one for one in meant if one.run.is_edge]
    if not of_edges:
        return misspelt_place(tokens, candidates, communes, known)
    chosen = [max(of_edges, key=rank)]
    while len(chosen) < MOST_PLACES and (more := beside(tokens, chosen, meant, known)):
        chosen.append(more)
    chosen.sort(key=lambda one: one.run.first)
    runs = [one.run for one in chosen]
    head = before(tokens[: runs[0].first])
    others = [*head, *tokens[max(run.last for run in runs) :]]
    is_announced = any(run.is_announced for run in runs)
    areas = dict.fromkeys(one.area for one in chosen)
    # The places that contain no other: « Vannes, Morbihan ».
    narrowest = [area for area in areas if not any(map(area.contains, areas))]
    return PlaceReading(narrowest, others, is_announced)


def rank(meant: PlaceMatch) -> tuple[int, bool, int]:
    run = meant.run
    return run.last - run.first, run.is_announced, run.last


def beside(
    tokens: Sequence[Token],
    chosen: Sequence[PlaceMatch],
    meant: Sequence[PlaceMatch],
    known: WordContext,
) -> PlaceMatch | None:
    """Return the longest place right before or after those chosen."""
    first = min(one.run.first for one in chosen)
    last = max(one.run.last for one in chosen)
    end, start = first, last
    while end and tokens[end - 1].plain in BETWEEN | BEFORE:
        end -= 1
    while start < len(tokens) and tokens[start].plain in BETWEEN | {"a"}:
        start += 1
    near = [
        one
        for one in meant
        if one.run.last == end or one.run.first == start
        if end < first or start > last or is_place_alone(one, tokens, known)
        if not one.run.name.isdigit() or POSTCODE.fullmatch(one.run.name)
    ]
    return max(near, key=rank, default=None)


def is_place_alone(
    one: PlaceMatch, tokens: Sequence[Token], known: WordContext
) -> bool:
    """Return whether words are a place without « ou »: not « de ligne »."""
    run = one.run
    places = places_of(run, tokens)
    is_complement = run.first and tokens[run.first - 1].plain in ARTICLES
    is_word = is_complement or places & known.words
    return one.population >= KNOWN_CITY or not is_word


def places_of(run: Candidate, tokens: Sequence[Token]) -> frozenset[int]:
    return frozenset(token.at for token in tokens[run.first : run.last])


def misspelt_place(
    tokens: Sequence[Token],
    candidates: Sequence[Candidate],
    communes: dict[str, list[Commune]],
    known: WordContext,
) -> PlaceReading | None:
    """Return the town that the last words, or those after « à », nearly spell.

    The words name no town and no job.
    """
    best: tuple[tuple[int, bool, bool, int], Candidate, Place] | None = None
    for run in candidates:
        places = places_of(run, tokens)
        is_last = run.is_announced or run.last == len(tokens)
        is_job = any(places <= name for name in known.jobs)
        exists = any(name in communes for name in spelled(run))
        if not is_last or is_job or exists:
            continue
        department = known.department if run.is_announced else ""
        for place, far in near_towns(run.name, department):
            is_far = place.department != known.department
            order = (far, not run.is_announced, is_far, -place.population)
            if best is None or order < best[0]:
                best = order, run, place
    if best is None:
        return None
    (far, *_), run, place = best
    text = joined(tokens[run.first : run.last])
    if is_another_word(text, place, far, is_announced=run.is_announced):
        return None
    others = [*before(tokens[: run.first]), *tokens[run.last :]]
    # The words mean nothing else.
    return PlaceReading([commune_area(place)], others, is_announced=True)


def possible(tokens: Sequence[Token]) -> Iterator[Candidate]:
    """Return the runs of words that may be a place."""
    count = len(tokens)
    for first in range(count):
        is_announced = is_before(tokens[:first])
        for last in range(first + 1, min(count, first + LONGEST_PLACE) + 1):
            text = joined(tokens[first:last])
            name = text if text.isdigit() else spell_out(ALIASES.get(text, text))
            if not name or tokens[first].plain in BEFORE - {"cote", "ville"}:
                continue
            number = tokens[last].plain if last < count else ""
            is_numbered = DEPARTMENT.fullmatch(number) and not name.isdigit()
            if is_numbered and (is_announced or first == 0 or last + 1 == count):
                yield Candidate(
                    first, last + 1, name, is_announced, True, number.upper()
                )
            is_edge = is_announced or first == 0 or last == count
            yield Candidate(first, last, name, is_announced, is_edge)


def is_before(tokens: Sequence[Token]) -> bool:
    """Return whether these words announce a place."""
    rest = list(tokens)
    while rest and rest[-1].plain in ARTICLES:
        rest.pop()
    return bool(rest) and rest[-1].plain in BEFORE


def before(tokens: Sequence[Token]) -> list[Token]:
    """Return the words without those that announce a place."""
    kept = list(tokens)
    if is_before(kept):
        while kept and kept[-1].plain in BEFORE | ARTICLES:
            kept.pop()
    return kept


def named_communes(candidates: Sequence[Candidate]) -> dict[str, list[Commune]]:
    """Return communes by typed name or postcode, in one query."""
    names = {
        name
        for run in candidates
        for name in (spelled(run) if run.is_edge else [run.name])
    }
    codes = {run.name for run in candidates if POSTCODE.fullmatch(run.name)}
    wanted = Q(plain_name__in=names)
    beginnings = {
        run.name
        for run in candidates
        if run.is_edge and len(run.name) >= SHORTEST_BEGINNING
        if not run.name.isdigit()
    }
    for name in beginnings:
        wanted |= Q(plain_name__startswith=f"{name} ", population__gte=KNOWN_TOWN)
    for code in codes:
        wanted |= Q(postcodes__contains=[code])
    found: dict[str, list[Commune]] = {}
    rows = Commune.objects.filter(wanted).order_by("-population", "code")
    # Of a postcode, the arrondissement rather than its city.
    for commune in sorted(rows, key=lambda one: one.code in ARRONDISSEMENTS):
        for key in (commune.plain_name, *codes.intersection(commune.postcodes)):
            found.setdefault(key, []).append(commune)
        for name in beginnings:
            if commune.plain_name.startswith(f"{name} "):
                found.setdefault(f"{name} …", []).append(commune)
    return found


def spelled(run: Candidate) -> list[str]:
    """Return the names that a run may be, with an article."""
    articles = [f"{article} {run.name}" for article in ("le", "la", "les")]
    if found := DISTRICT.fullmatch(run.name):
        ordinal = "1er" if found[2] == "1" else f"{found[2]}e"
        return [run.name, *articles, f"{found[1]} {ordinal} arrondissement"]
    return [run.name, *articles]


def choose(
    run: Candidate, communes: dict[str, list[Commune]], department: str
) -> tuple[Area, int] | None:
    """Return the place so named, its population: own department first."""
    if DEPARTMENT.fullmatch(run.name):
        area = wide_areas().get(run.name.upper())
        return (area, KNOWN_CITY) if area else None
    exact, *others = spelled(run)
    named = list(communes.get(exact, ()))
    for name in others:
        some = communes.get(name, ())
        named += [c for c in some if c.population >= KNOWN_CITY or run.is_announced]
    if run.department:
        named = [c for c in named if c.department == run.department]
    own = [commune for commune in named if commune.department == department]
    if not own:
        for name, area in named_areas(None):
            if name == run.name and run.department in ("", area.code):
                return area, KNOWN_CITY
    if not named:
        named = list(communes.get(f"{run.name} …", ()))
        own = [commune for commune in named if commune.department == department]
    if not named:
        return None
    commune = (own or named)[0]
    return commune_area(commune), commune.population


def is_meant(
    run: Candidate, place: tuple[Area, int], tokens: Sequence[Token], known: WordContext
) -> bool:
    """Return whether the words are the place, and not a job."""
    places = places_of(run, tokens)
    if run.name.isdigit() or DEPARTMENT.fullmatch(run.name):
        previous = tokens[run.first - 1].plain if run.first else ""
        is_number = previous in NOT_BEFORE_A_NUMBER or previous.isdigit()
        return (
            len(run.name) == 5
            or run.is_announced
            or bool(previous and not is_number and run.last == len(tokens))
        )
    if run.name in DIRECTIONS:
        return run.is_announced
    if run.is_announced:
        # « extra en salle » is a job as a whole.
        around = places | {tokens[run.first - 1].at}
        return not any(around <= name for name in known.long_jobs)
    area, population = place
    is_city = population >= KNOWN_CITY
    names = known.jobs if is_city else [*known.jobs, *known.titles]
    if any(places <= name for name in names):
        return False
    is_known = area.department == known.department or population >= KNOWN_TOWN
    return is_known or not places & known.words


def unknown_place(tokens: Sequence[Token], words: Collection[int]) -> int:
    """Return how many of the last words are « à » and a place unknown to us.

    ``words``: the places of words of live offers.
    """
    for count in range(2, min(LONGEST_PLACE, len(tokens)) + 1):
        head, *rest = tokens[-count:]
        if head.plain in {"a", "vers", "sur"}:
            return count * (not any(token.at in words for token in rest))
    return 0
