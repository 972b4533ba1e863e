"""The counts, in two queries over the acts."""

import dataclasses
import datetime as dt
from collections import Counter
from typing import Any

from django.db import connection
from django.db.models import (
    Case,
    CharField,
    DateField,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Left, TruncDate

from referrals.activity.periods import Period
from referrals.activity.scopes import Scope
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import Act
from referrals.acts.models.outcomes import OutcomeKind
from referrals.acts.models.placements import Placement
from referrals.acts.registry import acts_of
from referrals.acts.states import (
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
# Mises en contact: their good result is a hire.
PLACEMENTS = (ActKind.REFERRAL, ActKind.SCREENED_REFERRAL)
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
    first, *others = (facts_of_kind(kind, scope, period) for kind in ActKind)
    return first.union(*others, all=True).order_by()


def facts_of_kind(kind: ActKind, scope: Scope, period: Period) -> QuerySet[Any, Any]:
    """Return one row per act; days of Paris (design 8)."""
    acts = acts_in(kind, scope, period)
    code: Any = Value(None, output_field=CharField())
    ended_on: Any = day_known(kind) if kind in KNOWN_BY else F("outcome__on")
    is_good: Any = When(state__in=KEPT, then=Value(True))
    if issubclass(acts.model, Placement):
        code = F("outcome__code_id")
        ended_on = Case(
            When(outcome__isnull=False, then=F("outcome__on")),
            default=ended_on if kind in KNOWN_BY else None,
            output_field=DateField(),
        )
        is_good = When(outcome__code__kind=OutcomeKind.HIRED, then=Value(True))
    return acts.order_by().values(
        kind=Value(kind.value),
        made_on=TruncDate("created_at"),
        # Not ``state``: an act has a field of that name.
        standing=F("state"),
        code=code,
        handed_on=F("handed_over_on"),
        ended_on=ended_on,
        is_ended=Case(
            When(state__in=ENDED[kind], then=Value(True)), default=Value(False)
        ),
        is_good=Case(is_good, default=Value(False)),
        domain=Left("offer__rome_code", 1),
        commune=F("offer__commune_code"),
        by=F("adviser_id"),
        of=F("structure_id"),
    )


def acts_in(kind: ActKind, scope: Scope, period: Period) -> QuerySet[Any]:
    return scope.pick(acts_of(kind)).filter(
        created_at__gte=period.starts_at, created_at__lt=period.ends_at
    )


def day_known(kind: ActKind) -> Case:
    relation: Any = acts_of(kind).model._meta.get_field("steps")
    steps = relation.related_model.objects.filter(
        **{relation.field.name: OuterRef("pk")}, target__in=KNOWN_BY[kind]
    )
    last = steps.order_by("-at", "-pk").annotate(day=TruncDate("at")).values("day")[:1]
    return Case(
        When(state__in=ENDED[kind], then=Subquery(last)),
        default=None,
        output_field=DateField(),
    )
