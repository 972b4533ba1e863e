"""One search for structures, persons and numbers, within a reader's territory."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Case, Count, F, Func, Q, QuerySet, Value, When, Window
from django.db.models.functions import Cast
from django.http import HttpRequest

from accounts.agreements.models.amendments import Amendment
from accounts.agreements.models.conventions import Convention, Partnership
from accounts.agreements.models.letters import Letter
from accounts.nominations.enums import OPEN_STATES
from accounts.nominations.models import Nomination
from accounts.structures.models import Agency, Structure
from accounts.users.models import User
from offers.catalogue.models import Offer
from offers.reference.trades import Plain
from opus.desk.queues import (
    DOT,
    HOLDER,
    LETTER_NUMBER,
    PERSON,
    SPACE,
    label_of,
    structure_shown,
    structure_url,
    words,
)
from opus.lib.database.queries import union_of
from opus.lib.french import plain
from opus.support.data_rights.models import RightsRequest
from opus.support.tickets.models import Ticket
from referrals.appointments.models import Appointment
from referrals.cv_requests.models import CvRequest
from referrals.direct.models import Referral
from referrals.preselection.models import ScreenedReferral

LONGEST = 100
SHORTEST = 2
SHOWN = 6
# Of one kind alone, by its own button.
SHOWN_OF_ONE = 50
TEXT = models.TextField()
SIGNS = ("n", "no", "numero", "siret", "safir")
NUMBER = re.compile(r"([A-Z]{2,4})(\d{4})(\d{6})")


class Compact(Func):
    """Letters and digits only."""

    template = "replace(opus_plain(%(expressions)s), ' ', '')"
    output_field: Any = TEXT


@dataclass(frozen=True)
class Typed:
    """What somebody typed, as columns are compared with it."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Typed":
        """Read it; apostrophes, hyphens and accents do not count."""
        first, *others = plain(text).split() or [""]
        # « n° 38-2026-004 », « SIRET 200 068 542 00017 ».
        words = others if first in SIGNS and others else [first, *others]
        return cls(tuple(filter(None, words)))

    @property
    def plain(self) -> str:
        return " ".join(self.words)

    @property
    def compact(self) -> str:
        return "".join(self.words)

    @property
    def is_number(self) -> bool:
        """Return whether it may be a number, or part of one."""
        return len(self.compact) > SHORTEST and any(map(str.isdigit, self.compact))


Condition = Callable[[Typed], Q]
NEVER = Q(pk__in=[])


def has_words(typed: Typed) -> Q:
    found = Q()
    for word in typed.words:
        found &= Q(find_plain__contains=word)
    return found


def contains_number(typed: Typed) -> Q:
    return Q(find_compact__contains=typed.compact) if typed.is_number else NEVER


def is_number(typed: Typed) -> Q:
    return Q(find_compact=typed.compact) if typed.is_number else NEVER


def is_drawn(typed: Typed) -> Q:
    """Compare with a number that Opus draws: « mec 2026 42 » is none."""
    found = NUMBER.fullmatch(typed.compact.upper())
    return Q(number="-".join(found.groups())) if found else NEVER


@dataclass(frozen=True, kw_only=True)
class Kind:
    slug: str
    label: str
    model: type[models.Model]
    name: models.Expression | F
    detail: models.Expression | F = Value("")
    # The path to the structure, which a line names.
    structure: str = ""
    # Searched for words, and for letters and digits.
    plain: models.Expression | F = Value("")
    compact: models.Expression | F = Value("")
    exact: Condition
    likely: Condition = lambda typed: NEVER
    among: Q = Q()

    @property
    def pages(self) -> Any:
        return admin.site.get_model_admin(self.model)


# A kind whose rows have a number that somebody types, whole or in part; then one
# whose number Opus draws.
by_number = partial(Kind, exact=is_number, likely=contains_number)
drawn = partial(Kind, name=F("number"), exact=is_drawn)
OFFER = F("offer__title")

KINDS = (
    Kind(
        slug="structures",
        label="Structures",
        model=Structure,
        name=F("name"),
        detail=words("city", Value(" · SIRET "), "siret"),
        plain=words("name", SPACE, "city"),
        compact=F("siret"),
        exact=lambda typed: Q(siret=typed.compact) | Q(find_name=typed.plain),
        likely=lambda typed: (
            has_words(typed)
            | Q(agency=typed.compact)
            | (Q(siret__startswith=typed.compact) if typed.is_number else NEVER)
        ),
    ),
    Kind(
        slug="personnes",
        label="Comptes",
        model=User,
        name=PERSON,
        detail=words("identifier", DOT, label_of(User, "role")),
        structure="structure",
        plain=words(PERSON, SPACE, "first_name", SPACE, "identifier"),
        compact=F("identifier"),
        exact=lambda typed: Q(find_compact=typed.compact) | Q(find_name=typed.plain),
        likely=has_words,
    ),
    Kind(
        slug="rgc",
        label="RGC proposés ou en fonction",
        model=Nomination,
        name=HOLDER,
        detail=label_of(Nomination, "state"),
        structure="convention__structure",
        plain=words(HOLDER, SPACE, "first_name", SPACE, "last_name"),
        exact=lambda typed: NEVER,
        likely=has_words,
        among=Q(state__in=OPEN_STATES),
    ),
    by_number(
        slug="conventions",
        label="Conventions",
        model=Convention,
        name=F("number"),
        structure="structure",
        compact=F("number"),
    ),
    by_number(
        slug="partenariats",
        label="Conventions de partenariat",
        model=Partnership,
        name=F("number"),
        detail=F("partner"),
        compact=F("number"),
    ),
    by_number(
        slug="avenants",
        label="Avenants",
        model=Amendment,
        name=F("reference"),
        structure="convention__structure",
        compact=F("reference"),
    ),
    Kind(
        slug="lettres",
        label="Lettres",
        model=Letter,
        name=LETTER_NUMBER,
        detail=label_of(Letter, "kind"),
        structure="convention__structure",
        compact=LETTER_NUMBER,
        exact=lambda typed: (
            is_number(typed)
            | Q(registered_number=typed.compact.upper()) & ~Q(registered_number="")
        ),
        likely=contains_number,
    ),
    Kind(
        slug="agences",
        label="Agences",
        model=Agency,
        name=F("name"),
        detail=words(Value("SAFIR "), "safir"),
        plain=words("name", SPACE, "city"),
        exact=lambda typed: Q(safir=typed.compact),
        likely=has_words,
    ),
    Kind(
        slug="offres",
        label="Offres",
        model=Offer,
        name=F("reference"),
        detail=F("title"),
        exact=lambda typed: Q(reference=typed.compact.upper()),
    ),
    drawn(
        slug="demandes",
        label="Assistance",
        model=Ticket,
        detail=label_of(Ticket, "topic"),
    ),
    drawn(
        slug="droits",
        label="Droits des personnes",
        model=RightsRequest,
        detail=label_of(RightsRequest, "right"),
    ),
    drawn(
        slug="mises-en-contact", label="Mises en contact", model=Referral, detail=OFFER
    ),
    drawn(
        slug="preselections",
        label="Mises en contact avec présélection",
        model=ScreenedReferral,
        detail=OFFER,
    ),
    drawn(slug="cv", label="Demandes de CV", model=CvRequest, detail=OFFER),
    drawn(slug="convocations", label="Convocations", model=Appointment, detail=OFFER),
)


@dataclass(frozen=True)
class Hit:
    name: str
    detail: str
    url: str
    structure: str
    structure_url: str
    is_exact: bool


@dataclass(frozen=True)
class Found:
    kind: Kind
    hits: list[Hit]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.hits)


def find(request: HttpRequest, text: str, only: str = "") -> list[Found]:
    """Return what this reader may open, by kind; one kind alone at more length."""
    typed = Typed.of(text[:LONGEST])
    if len(typed.compact) < SHORTEST:
        return []
    kinds = [
        kind
        for kind in KINDS
        if only in ("", kind.slug) and kind.pages.has_view_permission(request)
    ]
    if not kinds:
        return []
    shown = SHOWN_OF_ONE if only else SHOWN
    rows: dict[str, list[Any]] = {kind.slug: [] for kind in kinds}
    queries = (rows_of(kind, typed, request.user, shown) for kind in kinds)
    for slug, *row in union_of(queries, "find_kind"):
        rows[slug].append(row)
    return [found_of(kind, rows[kind.slug]) for kind in kinds if rows[kind.slug]]


def found_of(kind: Kind, rows: list[Any]) -> Found:
    rows.sort(key=lambda row: (not row[3], Typed.of(row[1]).plain, row[0]))
    hits = [
        Hit(
            *(name, detail, kind.pages.record_url(kind.model(pk=pk))),
            *(structure or "", structure_url(structure_pk), is_exact),
        )
        for pk, name, detail, is_exact, structure, structure_pk, _ in rows
    ]
    return Found(kind, hits, rows[0][-1])


def the_one(found: list[Found]) -> Hit | None:
    """Return the only hit, or the only exact one."""
    hits = [hit for one in found for hit in one.hits]
    exact = [hit for hit in hits if hit.is_exact]
    if len(exact) == 1:
        return exact[0]
    return hits[0] if len(hits) == sum(one.total for one in found) == 1 else None


def rows_of(kind: Kind, typed: Typed, user: Any, shown: int) -> QuerySet[Any, Any]:
    """Return the first rows of a kind, each with the count of all."""
    rows = kind.pages.within(kind.model._default_manager.all(), user)
    exact = kind.exact(typed)
    structure = F(f"{kind.structure}__name") if kind.structure else Value("")
    return (
        rows.filter(kind.among)
        .annotate(
            find_plain=Plain(kind.plain),
            find_compact=Compact(kind.compact),
            find_name=Plain(kind.name),
        )
        .filter(exact | kind.likely(typed))
        .annotate(
            find_kind=Cast(Value(kind.slug), TEXT),
            find_pk=Cast("pk", TEXT),
            find_title=Cast(kind.name, TEXT),
            find_detail=Cast(kind.detail, TEXT),
            find_exact=Case(When(exact, then=True), default=False),
            find_structure=Cast(structure, TEXT),
            find_structure_pk=structure_shown(kind.structure, user),
            find_total=Window(Count("*")),
        )
        .order_by("-find_exact", "find_name", "pk")
        .values_list(
            *("find_kind", "find_pk", "find_title"),
            *("find_detail", "find_exact"),
            *("find_structure", "find_structure_pk", "find_total"),
        )[:shown]
    )
