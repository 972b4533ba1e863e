"""SQL templates of the detection queries (S39).

Parameters: those of ``Watch.parameters``; ``since`` and ``until`` are the slice, lower
end excluded. Columns returned: who, first hit, last hit, count.
"""

# N entries of a kind by one account, target or address within the window. The index is
# (action, at), so a pass reads the window's entries of those actions only.
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

# N different persons seen by one account. The query runs once for each minute in which
# the account read a person, at its last read: a storm of reads costs no more than a
# page. The rule of a whole day, which reads more entries, runs once for each hour.
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


def events(condition: str = "true", who: str = "actor_id") -> str:
    return EVENTS.format(condition=condition, who=who)


def persons(
    start: str = "at - %(window)s::interval",
    ids: str = "person_ids",
    condition: str = "true",
    counted: str = "true",
) -> str:
    return PERSONS.format(start=start, ids=ids, condition=condition, counted=counted)


LOCAL = "(at AT TIME ZONE 'Europe/Paris')"

NIGHT = (
    f"extract(hour FROM {LOCAL}) >= %(night_from)s"
    f" OR extract(hour FROM {LOCAL}) < %(night_to)s"
)

# The evening before, if the hit is after midnight.
NIGHT_START = (
    f"(date_trunc('day', {LOCAL} - make_interval(hours => %(night_to)s))"
    " + make_interval(hours => %(night_from)s)) AT TIME ZONE 'Europe/Paris'"
)

DAY_START = f"date_trunc('day', {LOCAL}) AT TIME ZONE 'Europe/Paris'"

# Accounts with exactly one failure and no success: an attacker tries a list of stolen
# passwords once on each. An unknown identifier counts as one more account.
STUFFING = """
WITH failures AS (
    SELECT nullif(target_id, '') AS account, at FROM lib_auditentry
    WHERE action = 'sign_in_refused'
      AND at > %(until)s::timestamptz - %(window)s::interval AND at <= %(until)s
), alone AS (
    SELECT account, count(*) AS n, max(at) AS at FROM failures
    WHERE account IS NULL OR NOT EXISTS (
        SELECT FROM lib_auditentry success
        WHERE success.action = 'first_factor_proved'
          AND success.at > %(until)s::timestamptz - %(window)s::interval
          AND success.at <= %(until)s AND success.target_id = account
    )
    GROUP BY account HAVING account IS NULL OR count(*) = 1
)
SELECT 'service', max(at), max(at), sum(n)::bigint FROM alone
HAVING sum(n) >= %(threshold)s AND max(at) > %(since)s
"""

# A place is a network and a browser together; it becomes a habit of the account N days
# after the first sign-in from it. A sign-in needs both factors, so a stolen session
# creates no habit.
HABIT = """EXISTS (
    SELECT FROM lib_auditentry old
    WHERE old.action = 'sign_in' AND old.actor_id = {row}.actor_id
      AND old.at > %(since)s::timestamptz - %(habits_of)s::interval
      AND old.at < {row}.at - %(habits_after)s::interval
      AND opus_network(old.ip, 16, 32) = opus_network({row}.ip, 16, 32)
      AND opus_agent(old.agent) = opus_agent({row}.agent)
)"""

# Two sessions of one account active on two networks, unless both places are habits: the
# office's computer and a personal telephone. A session that signed out before the other
# began does not count. The journal records reads of persons or acts; an account that
# only searches shows in its session's last use, to the minute, with the network on
# which the session began.
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
            AND gone.action = 'sign_out' AND gone.at >= other.at
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

# One session alternates between two networks. Each change of network, in order within
# the window, is a flip, unless both networks are habits (a computer with IPv4 and
# IPv6, a telephone between Wi-Fi and mobile): networks where the account proved a
# factor by now, for who travels proves it there. Entries are compared, not marks: two
# simultaneous requests may both record one move.
FLIPS = """
WITH moved AS (
    SELECT DISTINCT actor_id, session FROM lib_auditentry
    WHERE action = 'session_moved' AND at > %(since)s AND at <= %(until)s
      AND actor_id IS NOT NULL AND session <> ''
), seen AS (
    SELECT actor_id, session, at, id, action, details, ip, agent
    FROM moved JOIN lib_auditentry USING (actor_id, session)
    WHERE at > %(since)s::timestamptz - %(window)s::interval AND at <= %(until)s
      AND ip IS NOT NULL
), placed AS (
    SELECT *, EXISTS (
        SELECT FROM accounts_provednetwork known
        WHERE known.account_id = seen.actor_id
          AND known.network = opus_network(seen.ip, 16, 32)::text
          AND known.proved_at > %(since)s::timestamptz - %(habits_of)s::interval
    ) AS is_habit FROM seen
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
          THEN action = 'session_moved'
              AND coalesce(details ->> 'only', 'network') = 'network'
          ELSE network <> network_before END
)
SELECT actor_id::text, min(at), max(at), max(n) FROM flips
WHERE at > %(since)s AND n >= %(threshold)s GROUP BY actor_id
"""

# A sign-in from a network or a browser that an account with habits never used.
NEW_PLACE = """
SELECT fresh.actor_id::text, min(fresh.at), max(fresh.at), count(*)
FROM lib_auditentry fresh
WHERE fresh.action = 'sign_in' AND fresh.at > %(since)s AND fresh.at <= %(until)s
  AND fresh.actor_id IS NOT NULL
  AND EXISTS (
      SELECT FROM lib_auditentry old
      WHERE old.action = 'sign_in' AND old.actor_id = fresh.actor_id
        AND old.at > %(since)s::timestamptz - %(window)s::interval
        AND old.at < fresh.at - %(habits_after)s::interval
  )
  AND (NOT EXISTS (
      SELECT FROM lib_auditentry old
      WHERE old.action IN ('sign_in', 'identity_confirmed')
        AND old.actor_id = fresh.actor_id
        AND old.at > %(since)s::timestamptz - %(window)s::interval
        AND old.at < fresh.at
        AND opus_network(old.ip, 16, 32) IS NOT DISTINCT FROM
            opus_network(fresh.ip, 16, 32)
  ) OR NOT EXISTS (
      SELECT FROM lib_auditentry old
      WHERE old.action = 'sign_in' AND old.actor_id = fresh.actor_id
        AND old.at > %(since)s::timestamptz - %(window)s::interval
        AND old.at < fresh.at
        AND opus_agent(old.agent) = opus_agent(fresh.agent)
  ))
GROUP BY fresh.actor_id
"""

LINE = "opus_network(ip, 32, 64)"

BY_RGC = "role = 'rgc' AND refused = ''"

WITH_ITS_ADDRESS = "(action <> 'account_changed' OR details -> 'fields' ? 'email')"

JUST_OPENED = """EXISTS (
    SELECT FROM accounts_user opened
    WHERE opened.id::text = lib_auditentry.target_id
      AND opened.created_at > lib_auditentry.at - %(closed_within)s::interval
)"""

# A caseload asked for oneself, for good or for a time, or many persons at once. The
# persons of an account that closes go to colleagues in ordinary work, however many: the
# entry's parts tell of that request.
TO_ONESELF_OR_MANY = """
    details @? '$.** ? (@.to_self == true)'
    OR action = 'caseload_transfer_asked'
        AND (details ->> 'people')::int > %(transferred_persons)s
"""

# Persons asked for a new account, and one more sign beside it: an odd hour, a network
# from which the author never signed in, another such request within the hour, a factor
# or address of his changed within a week, or an account that he opened the same day.
TO_NEW_WITH_A_SIGN = """
    details @? '$.** ? (@.new == true)' AND ({night}
        OR ip IS NOT NULL AND NOT EXISTS (
            SELECT FROM lib_auditentry old
            WHERE old.action = 'sign_in' AND old.actor_id = lib_auditentry.actor_id
              AND old.at <= lib_auditentry.at
              AND old.at > lib_auditentry.at - %(habits_of)s::interval
              AND opus_network(old.ip, 16, 32) = opus_network(lib_auditentry.ip, 16, 32)
        )
        OR EXISTS (
            SELECT FROM lib_auditentry other
            WHERE other.action = ANY(%(actions)s)
              AND other.actor_id = lib_auditentry.actor_id
              AND other.target_id <> lib_auditentry.target_id
              AND other.at > lib_auditentry.at - %(window)s::interval
              AND other.at <= lib_auditentry.at
              AND other.details @? '$.** ? (@.new == true)'
        )
        OR EXISTS (
            SELECT FROM accounts_securityevent changed
            WHERE changed.account_id = lib_auditentry.actor_id
              AND changed.kind IN ('adresse', 'facteur_ajoute', 'remise_a_zero')
              AND changed.at > lib_auditentry.at - %(lately)s::interval
              AND changed.at <= lib_auditentry.at
        )
        OR EXISTS (
            SELECT FROM lib_auditentry opened
            WHERE opened.action = 'account_opened'
              AND opened.actor_id = lib_auditentry.actor_id
              AND opened.at > lib_auditentry.at - interval '1 day'
              AND jsonb_path_query_array(lib_auditentry.details, '$.**.to[*]')
                  @> to_jsonb(opened.target_id::bigint)
        )
    )
"""
