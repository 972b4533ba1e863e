"""Detection: unusual journal entries become alerts within a minute (S39).

Every twenty seconds a pass runs each rule of design 8 over the new entries. A rule is
one query: who, since when, how many. Hits closer than the rule's delay make one burst,
and one alert.

An entry is dated before its transaction commits, so a pass reads again the two minutes
before its cursor; reading twice changes nothing. After an interruption, passes catch up
by slices of a minute, each in one transaction with its alerts.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.emails import alerts as emails
from accounts.models import Alert, Level, Rule, User, WatchCursor
from accounts.models.alerts import AT_ONCE, SIGNALS
from opus.lib.audit import READS, Action
from opus.lib.models import AuditEntry

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
DAY = 24 * HOUR
# Longer than any transaction of ours.
OVERLAP = 2 * MINUTE
SLICE = MINUTE
# How far back the very first pass looks.
FIRST_LOOK = HOUR
# A pass leaves the rest to the next one after so long (Celery's limit is 20 s).
PASS_LASTS = 10.0  # seconds

# Each query is given ``since`` and ``until`` (the slice, its lower end without), its
# rule's ``window`` and ``threshold``, and answers: who, first hit, last hit, how many.

# So many lines of a kind by one account, target or address within the window. The
# index is (action, at), so a pass reads the window's lines of those actions only.
EVENTS = """
WITH watched AS (
    SELECT {who} AS who, at FROM lib_auditentry
    WHERE action = ANY(%(actions)s)
      AND at > %(since)s::timestamptz - %(window)s::interval AND at <= %(until)s
      AND {condition}
), counted AS (
    SELECT who, at, count(*) OVER (
        PARTITION BY who ORDER BY at
        RANGE BETWEEN %(window)s::interval PRECEDING AND CURRENT ROW
    ) AS n
    FROM watched WHERE who IS NOT NULL
)
SELECT who::text, min(at), max(at), max(n) FROM counted
WHERE at > %(since)s AND n >= %(threshold)s GROUP BY who
"""

# So many different persons seen by one account. Asked once for each minute in which it
# read anybody, at its last read: a storm of reads costs no more than a page. The rule
# of a whole day, which reads more lines, is asked once for each hour.
PERSONS = """
WITH fresh AS (
    SELECT DISTINCT ON (actor_id, date_trunc(%(every)s, at))
        actor_id, at, {start} AS start
    FROM lib_auditentry
    WHERE action = ANY(%(actions)s) AND at > %(since)s AND at <= %(until)s
      AND persons > 0 AND actor_id IS NOT NULL AND {condition}
    ORDER BY actor_id, date_trunc(%(every)s, at), at DESC
)
SELECT fresh.actor_id::text, min(fresh.at), max(fresh.at), max(seen.n)
FROM fresh CROSS JOIN LATERAL (
    SELECT count(DISTINCT person) AS n
    FROM lib_auditentry entry, unnest(entry.{ids}) person
    WHERE entry.actor_id = fresh.actor_id
      AND entry.at >= fresh.start AND entry.at <= fresh.at
      AND entry.at > %(since)s::timestamptz - %(window)s::interval
      AND entry.at <= %(until)s
      AND entry.action = ANY(%(actions)s) AND {counted}
) seen
WHERE seen.n >= %(threshold)s
GROUP BY fresh.actor_id
"""

LOCAL = "(at AT TIME ZONE 'Europe/Paris')"
NIGHT = (
    f"extract(hour FROM {LOCAL}) >= %(night_from)s"
    f" OR extract(hour FROM {LOCAL}) < %(night_to)s"
)
# The evening before, where the night is past midnight.
NIGHT_START = (
    f"(date_trunc('day', {LOCAL} - make_interval(hours => %(night_to)s))"
    " + make_interval(hours => %(night_from)s)) AT TIME ZONE 'Europe/Paris'"
)
DAY_START = f"date_trunc('day', {LOCAL}) AT TIME ZONE 'Europe/Paris'"

# Accounts with exactly one failure and no success: a list of stolen passwords is tried
# once on each. An unknown identifier counts as one more account.
STUFFING = """
WITH failures AS (
    SELECT nullif(target_id, '') AS account, at FROM lib_auditentry
    WHERE action = ANY(%(actions)s)
      AND at > %(until)s::timestamptz - %(window)s::interval AND at <= %(until)s
), alone AS (
    SELECT account, count(*) AS n, max(at) AS at FROM failures
    WHERE account IS NULL OR NOT EXISTS (
        SELECT FROM lib_auditentry success
        WHERE success.action = %(success)s
          AND success.at > %(until)s::timestamptz - %(window)s::interval
          AND success.at <= %(until)s AND success.target_id = account
    )
    GROUP BY account HAVING account IS NULL OR count(*) = 1
)
SELECT 'service', max(at), max(at), sum(n)::bigint FROM alone
HAVING sum(n) >= %(threshold)s AND max(at) > %(since)s
"""

# A place is a network and a browser together; it is a habit of the account's so many
# days after the first sign-in from it. A sign-in needs both factors: no stolen session
# makes a habit of where its thief is.
HABIT = """EXISTS (
    SELECT FROM lib_auditentry old
    WHERE old.action = %(sign_in)s AND old.actor_id = {row}.actor_id
      AND old.at > %(since)s::timestamptz - %(habits_of)s::interval
      AND old.at < {row}.at - %(habits_after)s::interval
      AND opus_network(old.ip, 16, 32) = opus_network({row}.ip, 16, 32)
      AND opus_agent(old.agent) = opus_agent({row}.agent)
)"""

# Two sessions of one account at work from two networks, unless both places are habits:
# the office's computer and one's own telephone. A session that signed out before the
# other began is no longer at work. The journal knows who reads persons or acts;
# somebody who only searches shows in the last use of his session, kept to the minute
# with the network on which it began.
TWO_PLACES = """
WITH fresh AS (
    SELECT actor_id, session, opus_network(ip, 16, 32) AS ip,
           opus_agent(agent) AS agent, min(at) AS at, max(at) AS last_at
    FROM lib_auditentry
    WHERE at > %(since)s AND at <= %(until)s
      AND actor_id IS NOT NULL AND session <> '' AND ip IS NOT NULL
    GROUP BY 1, 2, 3, 4
)
SELECT who, min(at), max(last_at), 2 FROM (
SELECT fresh.actor_id::text AS who, fresh.at, fresh.last_at
FROM fresh WHERE EXISTS (
    SELECT FROM lib_auditentry other
    WHERE other.actor_id = fresh.actor_id
      AND other.at > fresh.at - %(window)s::interval
      AND other.at <= fresh.last_at
      AND other.at > %(since)s::timestamptz - %(window)s::interval
      AND other.at <= %(until)s
      AND other.session <> '' AND other.session <> fresh.session
      AND opus_network(other.ip, 16, 32) <> fresh.ip
      AND NOT EXISTS (
          SELECT FROM lib_auditentry gone
          WHERE gone.actor_id = other.actor_id AND gone.session = other.session
            AND gone.action = %(sign_out)s AND gone.at >= other.at
            AND gone.at <= fresh.at
            AND gone.at > %(since)s::timestamptz - %(window)s::interval
            AND gone.at <= %(until)s
      )
      AND NOT ({fresh_is_habit} AND {other_is_habit})
)
UNION ALL
SELECT used.account_id::text, used.seen_at, used.seen_at
FROM accounts_opensession used JOIN accounts_opensession other
  ON other.account_id = used.account_id AND other.id <> used.id
WHERE used.seen_at > %(since)s AND used.seen_at <= %(until)s
  AND other.seen_at > used.seen_at - %(window)s::interval
  AND other.seen_at <= used.seen_at
  AND used.network <> '' AND other.network <> ''
  AND opus_network(used.network::inet, 16, 32)
      <> opus_network(other.network::inet, 16, 32)
  AND (other.ended_at IS NULL OR other.ended_at > used.began_at)
  AND 2 > (
      SELECT count(DISTINCT place.id) FROM (VALUES
          (used.id, used.network, used.browser, used.began_at),
          (other.id, other.network, other.browser, other.began_at)
      ) place (id, network, browser, began_at)
      JOIN accounts_opensession old
        ON old.account_id = used.account_id AND old.network <> ''
       AND old.began_at < place.began_at - %(habits_after)s::interval
       AND opus_network(old.network::inet, 16, 32)
           = opus_network(place.network::inet, 16, 32)
       AND old.browser = place.browser
  )
) at_work
GROUP BY who
"""

# What a line of ``accounts.origins`` tells: both changed, unless it says which alone.
MOVED_BOTH = "NOT details ? 'only'"
MOVED_NETWORK = "coalesce(details ->> 'only', 'network') = 'network'"
MOVED_ONE_TO_A_NEW_PLACE = "details ? 'only' AND NOT " + HABIT.format(
    row="lib_auditentry"
)

# One session from two networks in turn. Its lines of the window, in order: each change
# of network is a flip, unless both places are habits (a computer that has IPv4 and
# IPv6, a telephone that hesitates at the door). Lines and not marks are compared: two
# requests at once may both tell of one move.
FLIPS = """
WITH moved AS (
    SELECT DISTINCT actor_id, session FROM lib_auditentry
    WHERE action = ANY(%(actions)s) AND at > %(since)s AND at <= %(until)s
      AND actor_id IS NOT NULL AND session <> ''
), seen AS (
    SELECT actor_id, session, at, id, action, details, ip, agent
    FROM moved JOIN lib_auditentry USING (actor_id, session)
    WHERE at > %(since)s::timestamptz - %(window)s::interval AND at <= %(until)s
      AND ip IS NOT NULL
), placed AS (
    SELECT *, {is_habit} AS is_habit FROM seen
), in_turn AS (
    SELECT actor_id, session, at, action, details, is_habit,
           opus_network(ip, 16, 32) AS network,
           lag(opus_network(ip, 16, 32)) OVER turn AS network_before,
           lag(is_habit) OVER turn AS was_habit
    FROM placed WINDOW turn AS (PARTITION BY actor_id, session ORDER BY at, id)
), flips AS (
    SELECT actor_id, at, count(*) OVER (
        PARTITION BY actor_id, session ORDER BY at
        RANGE BETWEEN %(window)s::interval PRECEDING AND CURRENT ROW
    ) AS n
    FROM in_turn
    WHERE NOT (is_habit AND coalesce(was_habit, true))
      AND CASE WHEN network_before IS NULL
          -- The first line of the window: only itself can tell that it moved.
          THEN action = ANY(%(actions)s) AND {moved_network}
          ELSE network <> network_before END
)
SELECT actor_id::text, min(at), max(at), max(n) FROM flips
WHERE at > %(since)s AND n >= %(threshold)s GROUP BY actor_id
"""

# A sign-in from a network or a browser that an account with habits never used.
NEW_PLACE = """
SELECT fresh.actor_id::text, min(fresh.at), max(fresh.at), count(*)
FROM lib_auditentry fresh
WHERE fresh.action = %(sign_in)s AND fresh.at > %(since)s AND fresh.at <= %(until)s
  AND fresh.actor_id IS NOT NULL
  AND EXISTS (
      SELECT FROM lib_auditentry old
      WHERE old.action = %(sign_in)s AND old.actor_id = fresh.actor_id
        AND old.at > %(since)s::timestamptz - %(window)s::interval
        AND old.at < fresh.at - %(habits_after)s::interval
  )
  AND (NOT EXISTS (
      SELECT FROM lib_auditentry old
      WHERE old.action = %(sign_in)s AND old.actor_id = fresh.actor_id
        AND old.at > %(since)s::timestamptz - %(window)s::interval
        AND old.at < fresh.at
        AND opus_network(old.ip, 16, 32) IS NOT DISTINCT FROM
            opus_network(fresh.ip, 16, 32)
  ) OR NOT EXISTS (
      SELECT FROM lib_auditentry old
      WHERE old.action = %(sign_in)s AND old.actor_id = fresh.actor_id
        AND old.at > %(since)s::timestamptz - %(window)s::interval
        AND old.at < fresh.at
        AND opus_agent(old.agent) = opus_agent(fresh.agent)
  ))
GROUP BY fresh.actor_id
"""

LINE = "opus_network(ip, 32, 64)"
ALWAYS = "true"
BY_RGC = "role = 'rgc' AND refused = ''"
WITH_ITS_ADDRESS = "(action <> 'account_changed' OR details -> 'fields' ? 'email')"
JUST_OPENED = """EXISTS (
    SELECT FROM accounts_user opened
    WHERE opened.id::text = lib_auditentry.target_id
      AND opened.created_at > lib_auditentry.at - %(closed_within)s::interval
)"""
# Confided for a time, a caseload alarms only where it goes to who confides it. An
# account that closes has among its parts that its persons wait.
TO_ONESELF_OR_MANY = """
    action = 'caseload_transfer_asked' AND ((details ->> 'to_self')::boolean
        OR (details ->> 'people')::int > %(transferred_persons)s)
    OR action = 'caseload_confided' AND details -> 'to' = to_jsonb(actor_id)
    OR action = 'account_closed'
        AND details @? '$.parts[*] ? (@.action == "caseload_transfer_asked")'
"""


@dataclasses.dataclass(frozen=True)
class Watch:
    rule: Rule
    sql: str
    # How far back a hit looks; for rules of a day or a night, at least that.
    window: dt.timedelta
    # A burst ends after so long without a hit.
    quiet: dt.timedelta
    # The name of its threshold in ``settings.DETECTION``; one line is enough if none.
    threshold: str = ""
    parameters: dict[str, Any] = dataclasses.field(default_factory=dict)
    # What ``who`` is: an account's number, an address, or the whole service.
    subject: str = "compte"


def events(
    rule: Rule,
    actions: tuple[str, ...],
    *,
    window: dt.timedelta = HOUR,
    condition: str = ALWAYS,
    threshold: str = "",
    who: str = "actor_id",
    subject: str = "compte",
    **parameters: Any,
) -> Watch:
    """A rule that counts entries."""
    return Watch(
        rule,
        EVENTS.format(who=who, condition=condition),
        window,
        window,
        threshold,
        {"actions": list(actions), **parameters},
        subject,
    )


def persons(
    rule: Rule,
    *,
    start: str,
    window: dt.timedelta,
    quiet: dt.timedelta,
    threshold: str,
    ids: str = "person_ids",
    actions: tuple[str, ...] = READS,
    every: str = "minute",
    condition: str = ALWAYS,
    counted: str = ALWAYS,
    **parameters: Any,
) -> Watch:
    """A rule that counts different persons."""
    return Watch(
        rule,
        PERSONS.format(start=start, ids=ids, condition=condition, counted=counted),
        window,
        quiet,
        threshold,
        {"actions": list(actions), "every": every, **parameters},
    )


def watches() -> list[Watch]:
    """The rules of design 8, with the thresholds of the settings."""
    habits: dict[str, Any] = {
        "sign_in": Action.SIGN_IN,
        "habits_after": settings.DETECTION.habits_after,
        "habits_of": settings.DETECTION.habits_of,
    }
    return [
        events(
            Rule.PERSONS,
            (Action.CEILING_REACHED,),
            condition="details ->> 'ceiling' = 'persons'",
        ),
        persons(
            Rule.MANY_PERSONS,
            start="at - %(window)s::interval",
            window=HOUR,
            quiet=HOUR,
            threshold="persons_warned_at",
            counted="NOT entry.details ? 'unasked'",
        ),
        events(
            Rule.PERSONS_DAY,
            (Action.CEILING_REACHED,),
            window=DAY,
            condition="details ->> 'ceiling' = 'persons_day'",
        ),
        persons(
            Rule.MANY_PERSONS_DAY,
            start="at - %(window)s::interval",
            window=DAY,
            quiet=DAY,
            threshold="persons_a_day_warned_at",
            every="hour",
            condition="NOT details ? 'unasked'",
            counted="NOT entry.details ? 'unasked'",
        ),
        events(
            Rule.EXPORTS,
            (Action.CEILING_REACHED,),
            window=DAY,
            condition="details ->> 'ceiling' = 'exports'",
        ),
        events(
            Rule.MANY_EXPORTS,
            (Action.EXPORT_MADE,),
            window=DAY,
            threshold="exports_warned_at",
        ),
        persons(
            Rule.NIGHT,
            start=NIGHT_START,
            window=dt.timedelta(hours=12),
            quiet=dt.timedelta(hours=8),
            threshold="night_persons",
            condition=f"({NIGHT})",
            night_from=settings.DETECTION.night_from,
            night_to=settings.DETECTION.night_to,
        ),
        persons(
            Rule.FAR,
            start=DAY_START,
            window=25 * HOUR,  # The day when the clocks go back.
            quiet=12 * HOUR,
            threshold="far_persons",
            ids="far_ids",
            # Opened one by one: one's own list does not count, wherever they live.
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
        events(
            Rule.NOT_FOUND,
            (Action.NOT_FOUND,),
            window=10 * MINUTE,
            threshold="unknown_addresses",
        ),
        events(
            Rule.ADDRESS,
            (Action.SIGN_IN_REFUSED,),
            window=10 * MINUTE,
            threshold="address_failures",
            who=LINE,
            subject="adresse",
        ),
        events(
            Rule.ACCOUNT,
            (Action.SIGN_IN_REFUSED,),
            window=2 * HOUR,
            # A try that came too early told its author nothing.
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
            STUFFING,
            10 * MINUTE,
            10 * MINUTE,
            "single_failures",
            {
                "actions": [Action.SIGN_IN_REFUSED],
                "success": Action.FIRST_FACTOR_PROVED,
            },
            "service",
        ),
        events(Rule.SESSION_MOVED, (Action.SESSION_MOVED,), condition=MOVED_BOTH),
        Watch(
            Rule.SESSION_FLIPS,
            FLIPS.format(
                is_habit=HABIT.format(row="seen"), moved_network=MOVED_NETWORK
            ),
            10 * MINUTE,
            HOUR,
            "session_flips",
            {"actions": [Action.SESSION_MOVED], **habits},
        ),
        events(
            Rule.SESSION_CHANGED,
            (Action.SESSION_MOVED,),
            condition=MOVED_ONE_TO_A_NEW_PLACE,
            **habits,
        ),
        Watch(
            Rule.TWO_PLACES,
            TWO_PLACES.format(
                fresh_is_habit=HABIT.format(row="fresh"),
                other_is_habit=HABIT.format(row="other"),
            ),
            10 * MINUTE,
            HOUR,
            parameters={"sign_out": Action.SIGN_OUT, **habits},
        ),
        Watch(
            Rule.NEW_PLACE,
            NEW_PLACE,
            settings.DETECTION.habits_of,
            HOUR,
            parameters=habits,
        ),
        events(
            Rule.NEW_DEVICE,
            CHANGES_OF_ACCESS,
            condition=f"details ->> 'new_device' = 'true' AND {WITH_ITS_ADDRESS}",
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
        # Lines of their own, and no parts: an import opens accounts, and the quarterly
        # answer suspends at Opus's own question those who left, which can be undone.
        events(
            Rule.RGC_GESTURES,
            (Action.ACCOUNT_CLOSED, Action.ACCOUNT_SUSPENDED, Action.ACCOUNT_CHANGED),
            condition=f"{BY_RGC} AND {WITH_ITS_ADDRESS}",
            threshold="rgc_gestures",
        ),
        events(
            Rule.RGC_RENEWALS,
            (Action.FIRST_ACCESS_RENEWED, Action.FACTOR_RESET_ASKED),
            condition=BY_RGC,
            threshold="rgc_renewals",
        ),
        events(
            Rule.SHORT_LIVED,
            (Action.ACCOUNT_CLOSED,),
            condition=f"{BY_RGC} AND {JUST_OPENED}",
            closed_within=settings.DETECTION.closed_within,
        ),
        events(
            Rule.TRANSFER,
            (
                Action.CASELOAD_TRANSFER_ASKED,
                Action.CASELOAD_CONFIDED,
                Action.ACCOUNT_CLOSED,
            ),
            condition=f"role = 'rgc' AND ({TO_ONESELF_OR_MANY})",
            transferred_persons=settings.DETECTION.transferred_persons,
        ),
    ]


# What opens the account to whoever did it: told with ``new_device`` by who writes it.
CHANGES_OF_ACCESS = (
    Action.FACTOR_ENROLLED,
    Action.FACTOR_REMOVED,
    Action.BACKUP_CODES_DRAWN,
    Action.PASSWORD_CHANGED,
    Action.ACCOUNT_CHANGED,
)


@dataclasses.dataclass(frozen=True)
class Hit:
    who: str
    first_at: dt.datetime
    last_at: dt.datetime
    count: int


def watch() -> None:
    began = time.monotonic()
    while time.monotonic() - began < PASS_LASTS:
        if not read_slice():
            return


@transaction.atomic
def read_slice() -> bool:
    """Return whether more is left; False if another pass is running."""
    now = timezone.now()
    WatchCursor.objects.get_or_create(
        pk=True, defaults={"read_until": now - FIRST_LOOK}
    )
    cursor = WatchCursor.objects.select_for_update(skip_locked=True).first()
    if cursor is None or cursor.read_until >= now:
        return False
    since = cursor.read_until - OVERLAP
    until = min(now, cursor.read_until + SLICE)
    later = AuditEntry.objects.filter(at__gt=since)
    if until < now and not later.filter(at__lte=until).exists():
        # Nobody was there: on to the next line, or to now.
        until = later.order_by("at").values_list("at", flat=True).first() or now
        since = max(since, until - OVERLAP - SLICE)
    for each in watches():
        for hit in ask(each, since, until):
            raise_alert(each, hit)
    cursor.read_until = until
    cursor.save(update_fields=["read_until"])
    return until < now


def ask(each: Watch, since: dt.datetime, until: dt.datetime) -> list[Hit]:
    parameters = {
        **each.parameters,
        "since": since,
        "until": until,
        "window": each.window,
        "threshold": getattr(settings.DETECTION, each.threshold)
        if each.threshold
        else 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(each.sql, parameters)
        return [Hit(*row) for row in cursor.fetchall()]


def raise_alert(each: Watch, hit: Hit) -> None:
    """Create an alert, or add a hit to its burst.

    The cursor's lock orders passes; the database refuses two alerts of one burst too.
    """
    subject = f"{each.subject}:{hit.who}"
    quiet_at = hit.last_at + each.quiet
    alerts = Alert.objects.filter(rule=each.rule, subject=subject)
    burst = alerts.filter(first_at__lt=quiet_at, quiet_at__gt=hit.first_at)
    if running := burst.order_by("first_at").last():
        # One more hit; a line that came late never reaches into the next burst.
        alerts.filter(pk=running.pk).update(
            last_at=Greatest(F("last_at"), hit.last_at),
            quiet_at=Greatest(F("quiet_at"), quiet_at),
            peak=Greatest(F("peak"), hit.count),
        )
        return
    account = None
    if each.subject == "compte":
        account = User.objects.filter(pk=int(hit.who)).first()
        if account is None:
            return
    alert = Alert.objects.create(
        rule=each.rule,
        level=Level.SOFT if each.rule in SIGNALS else Level.GRAVE,
        subject=subject,
        account=account,
        structure_id=account.structure_id if account else None,
        address=hit.who.partition("/")[0] if each.subject == "adresse" else None,
        first_at=hit.first_at,
        last_at=hit.last_at,
        quiet_at=quiet_at,
        peak=hit.count,
    )
    alert.steps.create(origin="", target=alert.state, by=None)
    if alert.level == Level.GRAVE or alert.rule in AT_ONCE:
        emails.tell(alert)
