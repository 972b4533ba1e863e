"""The counts, in two queries over the acts."""

import dataclasses
import datetime as dt
from collections import Counter
from typing import Any

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

from referrals.activity.periods import Period
from referrals.activity.scopes import Scope
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import Act, ActQuerySet, ActStep
from referrals.acts.models.outcomes import OutcomeKind
from referrals.acts.states import (
    PLACEMENTS,
    AppointmentState,
    CvState,
    ReferralState,
    ScreenedState,
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
    """Return one row per act; days of Paris (design 8)."""
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
            is_ended=Case(When(has_ended(), then=Value(True)), default=Value(False)),
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


def has_ended() -> Q:
    ended = Q()
    for kind, states in ENDED.items():
        ended |= Q(kind=kind, state__in=states)
    return ended


def day_known() -> Case:
    """Return the day of its outcome, else of the step that ended it."""
    cases = [When(outcome__isnull=False, then=F("outcome__on"))]
    for kind, targets in KNOWN_BY.items():
        steps = ActStep.objects.filter(act=OuterRef("pk"), target__in=targets)
        last = steps.order_by("-at", "-pk").annotate(day=TruncDate("at"))
        day = Subquery(last.values("day")[:1])
        cases.append(When(kind=kind, state__in=ENDED[kind], then=day))
    return Case(*cases, default=None, output_field=DateField())
