"""Detection rules, with the settings' thresholds (S39, design 8)."""

import dataclasses
import datetime as dt
from typing import Any

from django.conf import settings

from accounts.security import detection_queries as sql
from accounts.security.models import Rule
from opus.lib.audit.journal import READS, Action

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
DAY = 24 * HOUR


@dataclasses.dataclass(frozen=True)
class Watch:
    rule: Rule
    query: str
    # How far back a hit looks; a rule of a day or a night looks back at least that.
    window: dt.timedelta
    # A burst ends after this delay without a hit.
    quiet: dt.timedelta
    # Name of its threshold in ``settings.DETECTION``; without one, one entry is enough.
    threshold: str = ""
    parameters: dict[str, Any] = dataclasses.field(default_factory=dict)
    # Type of ``who``: an account's number, an address, or the whole service.
    subject: str = "compte"


def events(
    rule: Rule,
    actions: tuple[str, ...],
    window: dt.timedelta = HOUR,
    threshold: str = "",
    *,
    condition: str = sql.ALWAYS,
    who: str = "actor_id",
    subject: str = "compte",
    **parameters: Any,
) -> Watch:
    return Watch(
        rule,
        sql.EVENTS.format(who=who, condition=condition),
        window,
        window,
        threshold,
        {"actions": list(actions), **parameters},
        subject,
    )


def ceiling(rule: Rule, code: str, window: dt.timedelta) -> Watch:
    condition = f"details ->> 'ceiling' = '{code}'"
    return events(rule, (Action.CEILING_REACHED,), window, condition=condition)


def persons(
    rule: Rule,
    *,
    window: dt.timedelta,
    threshold: str,
    start: str = "at - %(window)s::interval",
    quiet: dt.timedelta | None = None,
    ids: str = "person_ids",
    actions: tuple[str, ...] = READS,
    every: str = "minute",
    condition: str = sql.ALWAYS,
    counted: str = sql.ALWAYS,
    **parameters: Any,
) -> Watch:
    return Watch(
        rule,
        sql.PERSONS.format(start=start, ids=ids, condition=condition, counted=counted),
        window,
        quiet or window,
        threshold,
        {"actions": list(actions), "every": every, **parameters},
    )


def watches() -> list[Watch]:
    limits = settings.DETECTION
    habits: dict[str, Any] = {
        "sign_in": Action.SIGN_IN,
        "habits_after": limits.habits_after,
        "habits_of": limits.habits_of,
    }
    return [
        ceiling(Rule.PERSONS, "persons", HOUR),
        persons(
            Rule.MANY_PERSONS,
            window=HOUR,
            threshold="persons_warned_at",
            counted="NOT entry.details ? 'unasked'",
        ),
        ceiling(Rule.PERSONS_DAY, "persons_day", DAY),
        persons(
            Rule.MANY_PERSONS_DAY,
            window=DAY,
            threshold="persons_a_day_warned_at",
            every="hour",
            condition="NOT details ? 'unasked'",
            counted="NOT entry.details ? 'unasked'",
        ),
        ceiling(Rule.EXPORTS, "exports", DAY),
        events(Rule.MANY_EXPORTS, (Action.EXPORT_MADE,), DAY, "exports_warned_at"),
        persons(
            Rule.NIGHT,
            start=sql.NIGHT_START,
            window=dt.timedelta(hours=12),
            quiet=dt.timedelta(hours=8),
            threshold="night_persons",
            condition=f"({sql.NIGHT})",
            night_from=limits.night_from,
            night_to=limits.night_to,
        ),
        persons(
            Rule.FAR,
            start=sql.DAY_START,
            window=25 * HOUR,  # A day with a clock change.
            quiet=12 * HOUR,
            threshold="far_persons",
            ids="far_ids",
            # Opened one by one: one's own list does not count, however far they live.
            actions=(Action.PERSON_READ, Action.DOCUMENT_READ),
            condition="persons = 1",
            counted="entry.persons = 1",
        ),
        events(
            Rule.LOOK_UPS,
            (Action.PERSON_LOOKED_UP,),
            condition="details ->> 'found' = '0'",
            threshold="empty_look_ups",
        ),
        events(Rule.NOT_FOUND, (Action.NOT_FOUND,), 10 * MINUTE, "unknown_addresses"),
        events(
            Rule.ADDRESS,
            (Action.SIGN_IN_REFUSED,),
            window=10 * MINUTE,
            threshold="address_failures",
            who=sql.LINE,
            subject="adresse",
        ),
        events(
            Rule.ACCOUNT,
            (Action.SIGN_IN_REFUSED,),
            window=2 * HOUR,
            # A premature try reveals nothing to its author.
            condition="target_type = 'accounts.user' AND refused <> 'trop d’essais'",
            threshold="account_failures",
            who="target_id",
        ),
        events(
            Rule.TRIES,
            (Action.SIGN_IN_REFUSED,),
            window=MINUTE,
            condition="target_type = 'accounts.user'",
            threshold="account_tries",
            who="target_id",
        ),
        Watch(
            Rule.STUFFING,
            sql.STUFFING,
            10 * MINUTE,
            10 * MINUTE,
            "single_failures",
            {
                "actions": [Action.SIGN_IN_REFUSED],
                "success": Action.FIRST_FACTOR_PROVED,
            },
            "service",
        ),
        events(Rule.SESSION_MOVED, (Action.SESSION_MOVED,), condition=sql.MOVED_BOTH),
        Watch(
            Rule.SESSION_FLIPS,
            sql.FLIPS.format(proved=sql.PROVED, moved_network=sql.MOVED_NETWORK),
            10 * MINUTE,
            HOUR,
            "session_flips",
            {"actions": [Action.SESSION_MOVED], "habits_of": limits.habits_of},
        ),
        events(
            Rule.SESSION_CHANGED, (Action.SESSION_MOVED,), condition=sql.MOVED_BROWSER
        ),
        Watch(
            Rule.TWO_PLACES,
            sql.TWO_PLACES.format(
                fresh_is_habit=sql.HABIT.format(row="fresh"),
                other_is_habit=sql.HABIT.format(row="other"),
            ),
            10 * MINUTE,
            HOUR,
            parameters={"sign_out": Action.SIGN_OUT, **habits},
        ),
        Watch(
            Rule.NEW_PLACE,
            sql.NEW_PLACE,
            limits.habits_of,
            HOUR,
            parameters={
                "proofs": [Action.SIGN_IN, Action.IDENTITY_CONFIRMED],
                **habits,
            },
        ),
        events(
            Rule.NEW_DEVICE,
            CHANGES_OF_ACCESS,
            condition=f"details ->> 'new_device' = 'true' AND {sql.WITH_ITS_ADDRESS}",
        ),
        events(Rule.SHARING, (Action.SESSION_CAPPED,)),
        events(Rule.SEARCHES, (Action.SEARCH_SURGE,)),
        events(
            Rule.FEED_FORGED,
            (Action.FEED_FORGED,),
            window=10 * MINUTE,
            threshold="forged_signatures",
            who="'flux'",
            subject="service",
        ),
        # Only entries without parts: an import opens accounts, and the quarterly
        # answer, which Opus requests and which can be undone, suspends those who left.
        events(
            Rule.RGC_GESTURES,
            (Action.ACCOUNT_CLOSED, Action.ACCOUNT_SUSPENDED, Action.ACCOUNT_CHANGED),
            condition=f"{sql.BY_RGC} AND {sql.WITH_ITS_ADDRESS}",
            threshold="rgc_gestures",
        ),
        events(
            Rule.RGC_RENEWALS,
            (Action.FIRST_ACCESS_RENEWED, Action.FACTOR_RESET_ASKED),
            condition=sql.BY_RGC,
            threshold="rgc_renewals",
        ),
        events(
            Rule.SHORT_LIVED,
            (Action.ACCOUNT_CLOSED,),
            condition=f"{sql.BY_RGC} AND {sql.JUST_OPENED}",
            closed_within=limits.closed_within,
        ),
        events(
            Rule.TRANSFER,
            (Action.CASELOAD_TRANSFER_ASKED, Action.ACCOUNT_CLOSED),
            condition=f"role = 'rgc' AND ({sql.TO_ONESELF_OR_MANY})",
            transferred_persons=limits.transferred_persons,
        ),
        events(
            Rule.NEW_RECEIVER,
            (Action.CASELOAD_TRANSFER_ASKED, Action.ACCOUNT_CLOSED),
            condition=sql.TO_NEW_WITH_A_SIGN.format(night=sql.NIGHT),
            sign_in=Action.SIGN_IN,
            opened=Action.ACCOUNT_OPENED,
            habits_of=limits.habits_of,
            lately=settings.ACCOUNT_SAFETY.new_address,
            night_from=limits.night_from,
            night_to=limits.night_to,
        ),
        events(
            Rule.DISOWNED,
            (Action.CASELOAD_TRANSFER_STOPPED,),
            condition="details ? 'disowned'",
            who="details ->> 'asked_by'",
        ),
    ]


# These give the author access to the account; their entries have ``new_device``.
CHANGES_OF_ACCESS = (
    Action.FACTOR_ENROLLED,
    Action.FACTOR_REMOVED,
    Action.BACKUP_CODES_DRAWN,
    Action.PASSWORD_CHANGED,
    Action.ACCOUNT_CHANGED,
)
