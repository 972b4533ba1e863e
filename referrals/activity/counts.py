"""The counts of acts: which acts, of which months, in two queries."""

import dataclasses
import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Self
from urllib.parse import urlencode

from django.db import connection
from django.db.models import (
    Case,
    DateField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Left, TruncDate
from django.utils import timezone

from accounts.structures.models import Structure
from accounts.users.enums import Role
from accounts.users.models import User
from accounts.users.territory import agencies_of, within
from opus.lib.database.name_order import ByName
from opus.lib.dates import add_months, date_format, in_paris
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act, ActQuerySet, ActStep
from referrals.acts.outcomes import OutcomeKind
from referrals.acts.states import (
    PLACEMENTS,
    AppointmentState,
    CvState,
    ReferralState,
    ScreenedState,
)

USUAL = 12
# The bars of a plot stay readable; acts are kept 24 months.
MOST = 36
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)


@dataclasses.dataclass(frozen=True)
class Period:
    first: dt.date
    last: dt.date

    @classmethod
    def usual(cls) -> Self:
        last = timezone.localdate().replace(day=1)
        return cls(add_months(last, 1 - USUAL), last)

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> Self:
        """Read ``du`` and ``au``; invalid values give the usual.

        Reversed dates are swapped; of more than three years, the last three stay.
        """
        last = month_of(query.get("au", "")) or cls.usual().last
        first = month_of(query.get("du", "")) or add_months(last, 1 - USUAL)
        first, last = min(first, last), max(first, last)
        return cls(max(first, add_months(last, 1 - MOST)), last)

    @classmethod
    def of_year(cls, query: Mapping[str, str]) -> Self:
        """Return the calendar year of ``au``, until this month.

        Two such periods never overlap, so that no difference tells a masked number.
        """
        today = timezone.localdate().replace(day=1)
        last = min(month_of(query.get("au", "")) or today, today)
        return cls(last.replace(month=1), min(last.replace(month=12), today))

    @property
    def before(self) -> Self:
        """Return as many months, just before."""
        count = len(self.months)
        return type(self)(add_months(self.first, -count), add_months(self.first, -1))

    @property
    def year_before(self) -> Self:
        january = add_months(self.first.replace(month=1), -12)
        return type(self)(january, january.replace(month=12))

    @property
    def starts_at(self) -> dt.datetime:
        return in_paris(self.first)

    @property
    def ends_at(self) -> dt.datetime:
        return in_paris(add_months(self.last, 1))

    @property
    def months(self) -> list[dt.date]:
        count = (self.last.year - self.first.year) * 12
        count += self.last.month - self.first.month + 1
        return [add_months(self.first, number) for number in range(count)]

    @property
    def query(self) -> dict[str, str]:
        return {"du": f"{self.first:%Y-%m}", "au": f"{self.last:%Y-%m}"}

    @property
    def query_string(self) -> str:
        return urlencode(self.query)

    def __str__(self) -> str:
        if self.first == self.last:
            return date_format(self.first, "F Y")
        return f"{date_format(self.first, 'F Y')} à {date_format(self.last, 'F Y')}"


def shortcuts() -> list[tuple[str, Period]]:
    """Return the periods of one click, for exact numbers."""
    last = timezone.localdate().replace(day=1)
    return [
        ("3 mois", Period(add_months(last, -2), last)),
        ("12 mois", Period.usual()),
        *years()[:2],
    ]


def years() -> list[tuple[str, Period]]:
    """Return the last three calendar years, the only periods of masked numbers."""
    this = timezone.localdate().year
    return [
        (str(year), Period.of_year({"au": f"{year}-12"}))
        for year in range(this, this - 3, -1)
    ]


def month_of(text: str) -> dt.date | None:
    found = MONTH.fullmatch(text)
    return dt.date(int(found[1]), int(found[2]), 1) if found else None


def choices(period: Period) -> list[tuple[str, str]]:
    """Return three years of months and those in use, reversed."""
    newest = max(period.last, timezone.localdate().replace(day=1))
    oldest = min(period.first, add_months(newest, 1 - MOST))
    months = Period(oldest, newest).months
    return [(f"{day:%Y-%m}", date_format(day, "F Y")) for day in reversed(months)]


@dataclasses.dataclass(frozen=True)
class Scope:
    """A set of acts, and how they may be shown.

    ``slug`` in addresses and exports: « miens », « structure », « territoire », or the
    number of a structure.
    """

    slug: str
    label: str
    pick: Callable[[ActQuerySet[Any]], ActQuerySet[Any]]
    is_own: bool = False
    is_masked: bool = True
    # Its name among the others of the reader, if shorter.
    choice: str = ""
    # Advisers' names are shown only to the RGC of their structure.
    has_advisers: bool = False
    has_structures: bool = False
    # Where the acts are of one structure.
    structure: int | None = None

    @property
    def for_both_parties(self) -> Self:
        """Return it as France Travail may read it: masked, no adviser."""
        return dataclasses.replace(self, is_masked=True, has_advisers=False)

    def period_of(self, query: Mapping[str, str]) -> Period:
        return Period.of_year(query) if self.is_masked else Period.of_query(query)


MINE, TEAM, TERRITORY = "miens", "structure", "territoire"


def scopes_of(user: User) -> list[Scope]:
    if user.is_staff:
        return [territory_of(user)]
    # His own caseload only: a confided one counts for its owner.
    mine = Scope(
        MINE,
        "Mes propositions",
        lambda acts: acts.filter(
            structure=user.structure_id, candidate__adviser=user.pk
        ),
        is_own=True,
        is_masked=False,
    )
    if user.role != Role.RGC:
        return [mine]
    team = Scope(
        TEAM,
        str(user.structure),
        lambda acts: acts.filter(structure=user.structure_id),
        choice="Ma structure",
        is_masked=False,
        has_advisers=True,
        structure=user.structure_id,
    )
    return [team, mine]


def territory_of(user: User) -> Scope:
    """Return the acts that staff may count."""
    agencies = agencies_of(user)
    if agencies is None:
        return Scope(
            TERRITORY, "Toute la France", lambda acts: acts, has_structures=True
        )
    offers = Q(offer__agency_safir__in=agencies.values("safir"))
    structures = Q(structure__agency__in=agencies.values("pk"))
    return Scope(
        TERRITORY,
        str(user.agency),
        lambda acts: acts.filter(offers | structures),
        has_structures=True,
    )


def structures_of(user: User) -> QuerySet[Structure]:
    return within(Structure.objects.order_by(ByName("name"), "pk"), user, "agency")


def scope_of(user: User, slug: str) -> Scope | None:
    known = scopes_of(user)
    if not slug:
        return known[0]
    if found := next((scope for scope in known if scope.slug == slug), None):
        return found
    if not user.is_staff or not slug.isascii() or not slug.isdigit():
        return None
    structure = structures_of(user).filter(pk=int(slug[:9])).first()
    if structure is None:
        return None
    # One structure, for its review (art. 11).
    pk = structure.pk
    return Scope(
        str(pk), str(structure), lambda acts: acts.filter(structure=pk), structure=pk
    )


# The states of acts with a known result.
ENDED: dict[ActKind, tuple[str, ...]] = {
    ActKind.REFERRAL: (ReferralState.ENDED,),
    ActKind.SCREENED_REFERRAL: (ScreenedState.ENDED, ScreenedState.SET_ASIDE),
    ActKind.CV_REQUEST: (CvState.KEPT, CvState.NOT_KEPT, CvState.WITHOUT_CV),
    ActKind.APPOINTMENT: (
        AppointmentState.ATTENDED,
        AppointmentState.ABSENT,
        AppointmentState.KEPT,
        AppointmentState.NOT_KEPT,
    ),
}
# The step with the result, if it is not the outcome of a mise en contact.
KNOWN_BY = {
    ActKind.SCREENED_REFERRAL: (ScreenedState.SET_ASIDE,),
    ActKind.CV_REQUEST: ENDED[ActKind.CV_REQUEST],
    ActKind.APPOINTMENT: (AppointmentState.ATTENDED, AppointmentState.ABSENT),
}
# Good results: a CV or application that France Travail keeps. Mises en contact have
# outcomes instead: a hire.
KEPT = (CvState.KEPT, AppointmentState.KEPT)
CAME = (AppointmentState.ATTENDED, AppointmentState.KEPT, AppointmentState.NOT_KEPT)
CANCELLED = Act.CANCELLED
DELAYS = (7, 15, 30, 60)

COLUMNS = (
    "kind, made_on, state, code, handed_on, ended_on, is_ended, is_good, domain,"
    " commune, adviser, structure"
)
COUNTED = f"""
    count(*), count(*) FILTER (WHERE handed_on IS NOT NULL),
    count(*) FILTER (WHERE is_ended), count(*) FILTER (WHERE is_good),
    count(*) FILTER (WHERE state = '{CANCELLED}'),
    count(*) FILTER (
        WHERE handed_on IS NULL AND NOT is_ended AND state <> '{CANCELLED}')
"""
COUNTS = f"""
    WITH acts ({COLUMNS}) AS ({{acts}})
    SELECT kind, month, state, domain, commune, adviser, structure, code,
           GROUPING(kind, month, state, domain, commune, adviser, structure), {COUNTED}
    FROM (SELECT *, date_trunc('month', made_on)::date AS month FROM acts) AS acts
    GROUP BY GROUPING SETS (
        (), (kind), (month), (kind, state, code), (domain), (commune), (adviser),
        (structure))
"""  # noqa: S608 - no word of it comes from outside
WITHIN = ", ".join(
    f"count(*) FILTER (WHERE {name} <= {days})"
    for name in ("to_hand", "to_end")
    for days in DELAYS
)
MEDIAN = "percentile_disc(0.5) WITHIN GROUP (ORDER BY {0})"
TIMES = f"""
    WITH acts ({COLUMNS}) AS ({{acts}})
    SELECT kind, count(to_hand), count(to_end), {MEDIAN.format("to_hand")},
           {MEDIAN.format("to_end")}, {WITHIN}
    FROM (SELECT kind, handed_on - made_on AS to_hand, ended_on - made_on AS to_end
          FROM acts WHERE state <> '{CANCELLED}') AS acts
    GROUP BY GROUPING SETS ((), (kind))
"""  # noqa: S608
# The bits of GROUPING, in order: a bit is set if the row is not grouped by the column.
BITS = ("kind", "month", "state", "domain", "commune", "adviser", "structure")


@dataclasses.dataclass(frozen=True)
class Count:
    made: int = 0
    handed: int = 0
    ended: int = 0
    good: int = 0
    cancelled: int = 0
    to_hand: int = 0

    @property
    def waiting(self) -> int:
        """Return how many were handed over and still wait for a result."""
        return self.made - self.ended - self.cancelled - self.to_hand


@dataclasses.dataclass(frozen=True)
class Times:
    """Durations: count, median in days, counts within each of ``DELAYS``."""

    measured: int = 0
    median: int | None = None
    within: tuple[int, ...] = (0,) * len(DELAYS)


@dataclasses.dataclass
class Counts:
    whole: Count = Count()
    kinds: dict[str, Count] = dataclasses.field(default_factory=dict)
    # (kind, state, code of the outcome or "") → count.
    states: Counter[tuple[str, str, str]] = dataclasses.field(default_factory=Counter)
    months: Counter[dt.date] = dataclasses.field(default_factory=Counter)
    domains: Counter[str] = dataclasses.field(default_factory=Counter)
    communes: Counter[str] = dataclasses.field(default_factory=Counter)
    advisers: Counter[int] = dataclasses.field(default_factory=Counter)
    structures: Counter[int] = dataclasses.field(default_factory=Counter)
    # Kind, or "" for all → durations until the hand-over, and until the result.
    to_hand: dict[str, Times] = dataclasses.field(default_factory=dict)
    to_end: dict[str, Times] = dataclasses.field(default_factory=dict)

    @property
    def came(self) -> int:
        """Return how many persons came to their appointment."""
        return sum(self.states[ActKind.APPOINTMENT.value, state, ""] for state in CAME)

    @property
    def hires(self) -> int:
        return sum(self.kinds.get(kind, Count()).good for kind in PLACEMENTS)

    @property
    def placements(self) -> int:
        return sum(self.kinds.get(kind, Count()).made for kind in PLACEMENTS)


def counts_of(scope: Scope, period: Period) -> Counts:
    counts = Counts()
    statement, values = facts_of(scope, period).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(COUNTS.format(acts=statement), values)
        for row in cursor.fetchall():
            note(counts, *row)
        cursor.execute(TIMES.format(acts=statement), values)
        for kind, handed, ended, half_handed, half_ended, *within in cursor.fetchall():
            first, second = within[: len(DELAYS)], within[len(DELAYS) :]
            counts.to_hand[kind or ""] = Times(handed, half_handed, tuple(first))
            counts.to_end[kind or ""] = Times(ended, half_ended, tuple(second))
    return counts


def note(counts: Counts, *row: Any) -> None:
    values, code, count = dict(zip(BITS, row, strict=False)), row[7], Count(*row[9:])
    grouped = [name for bit, name in enumerate(reversed(BITS)) if not row[8] >> bit & 1]
    match grouped:
        case []:
            counts.whole = count
        case ["kind"]:
            counts.kinds[values["kind"]] = count
        case ["state", "kind"]:
            counts.states[values["kind"], values["state"], code or ""] = count.made
        case [name]:
            getattr(counts, f"{name}s")[values[name]] = count.made


def facts_of(scope: Scope, period: Period) -> QuerySet[Any, Any]:
    """Return one row per act; days of Paris."""
    has_ended = Q()
    for kind, states in ENDED.items():
        has_ended |= Q(kind=kind, state__in=states)
    is_good = Q(kind__in=PLACEMENTS, outcome__code__kind=OutcomeKind.HIRED) | Q(
        ~Q(kind__in=PLACEMENTS), state__in=KEPT
    )
    return (
        acts_in(scope, period)
        .order_by()
        .values(
            # Not ``kind`` nor ``state``: an act has fields of these names.
            nature=F("kind"),
            made_on=TruncDate("created_at"),
            standing=F("state"),
            code=F("outcome__code_id"),
            handed_on=F("handed_over_on"),
            ended_on=day_known(),
            is_ended=Case(When(has_ended, then=Value(True)), default=Value(False)),
            is_good=Case(When(is_good, then=Value(True)), default=Value(False)),
            domain=Left("offer__rome_code", 1),
            commune=F("offer__commune_code"),
            by=F("adviser_id"),
            of=F("structure_id"),
        )
    )


def acts_in(scope: Scope, period: Period) -> ActQuerySet[Act]:
    return scope.pick(Act.objects.all()).filter(
        created_at__gte=period.starts_at, created_at__lt=period.ends_at
    )


def day_known() -> Case:
    """Return the day of its outcome, else of the step that ended it."""
    cases = [When(outcome__isnull=False, then=F("outcome__on"))]
    for kind, targets in KNOWN_BY.items():
        steps = ActStep.objects.filter(act=OuterRef("pk"), target__in=targets)
        last = steps.order_by("-at", "-pk").annotate(day=TruncDate("at"))
        day = Subquery(last.values("day")[:1])
        cases.append(When(kind=kind, state__in=ENDED[kind], then=day))
    return Case(*cases, default=None, output_field=DateField())
