"""Detection rules: what to look for, and what to say of it in French (S39).

Thresholds are the settings' (``docs/access.md``), the words a template's: what Opus
saw, what it may mean, what to do, and what only who reads the journal can do.
"""

import dataclasses
import datetime as dt
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from accounts.security import detection_queries as sql
from accounts.security.detection_queries import events, persons
from accounts.security.models import Alert, Rule
from accounts.users.models import User
from opus.lib.audit.journal import READS, Action

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
DAY = 24 * HOUR


@dataclasses.dataclass(frozen=True, kw_only=True)
class Watch:
    rule: Rule = dataclasses.field(kw_only=False)
    query: str = events()
    actions: tuple[Action, ...] = ()
    # How far back a hit looks; a rule of a day or a night looks back at least that.
    window: dt.timedelta = HOUR
    # A burst ends after this delay without a hit; by default the window.
    quiet: dt.timedelta | None = None
    # Name of its threshold in ``settings.DETECTION``; without one, one entry is enough.
    threshold: str = ""
    every: str = "minute"
    # Type of ``who``: an account's number, an address, or the whole service.
    subject: str = "compte"

    def parameters(self, since: dt.datetime, until: dt.datetime) -> dict[str, Any]:
        """Return what its query may name, the settings' limits among it."""
        limits = vars(settings.DETECTION)
        return {
            **limits,
            "lately": settings.ACCOUNT_SAFETY.new_address,
            "actions": list(self.actions),
            "every": self.every,
            "since": since,
            "until": until,
            "window": self.window,
            "threshold": limits[self.threshold] if self.threshold else 1,
        }


# These give the author access to the account; their entries have ``new_device``.
CHANGES_OF_ACCESS = (
    Action.FACTOR_ENROLLED,
    Action.FACTOR_REMOVED,
    Action.BACKUP_CODES_DRAWN,
    Action.PASSWORD_CHANGED,
    Action.ACCOUNT_CHANGED,
)
REQUESTS = (Action.CASELOAD_TRANSFER_ASKED, Action.ACCOUNT_CLOSED)

ROWS = [
    Watch(
        Rule.PERSONS,
        query=events("details ->> 'ceiling' = 'persons'"),
        actions=(Action.CEILING_REACHED,),
    ),
    Watch(
        Rule.MANY_PERSONS,
        query=persons(counted="NOT entry.details ? 'unasked'"),
        actions=READS,
        threshold="persons_warned_at",
    ),
    Watch(
        Rule.PERSONS_DAY,
        query=events("details ->> 'ceiling' = 'persons_day'"),
        actions=(Action.CEILING_REACHED,),
        window=DAY,
    ),
    Watch(
        Rule.MANY_PERSONS_DAY,
        query=persons(
            condition="NOT details ? 'unasked'", counted="NOT entry.details ? 'unasked'"
        ),
        actions=READS,
        window=DAY,
        threshold="persons_a_day_warned_at",
        every="hour",
    ),
    Watch(
        Rule.EXPORTS,
        query=events("details ->> 'ceiling' = 'exports'"),
        actions=(Action.CEILING_REACHED,),
        window=DAY,
    ),
    Watch(
        Rule.MANY_EXPORTS,
        actions=(Action.EXPORT_MADE,),
        window=DAY,
        threshold="exports_warned_at",
    ),
    Watch(
        Rule.NIGHT,
        query=persons(start=sql.NIGHT_START, condition=f"({sql.NIGHT})"),
        actions=READS,
        window=12 * HOUR,
        quiet=8 * HOUR,
        threshold="night_persons",
    ),
    Watch(
        Rule.FAR,
        # Opened one by one: one's own list does not count, however far they live.
        query=persons(
            start=sql.DAY_START,
            ids="far_ids",
            condition="persons = 1",
            counted="entry.persons = 1",
        ),
        actions=(Action.PERSON_READ, Action.DOCUMENT_READ),
        window=25 * HOUR,  # A day with a clock change.
        quiet=12 * HOUR,
        threshold="far_persons",
    ),
    Watch(
        Rule.LOOK_UPS,
        query=events("details ->> 'found' = '0'"),
        actions=(Action.PERSON_LOOKED_UP,),
        threshold="empty_look_ups",
    ),
    Watch(
        Rule.NOT_FOUND,
        actions=(Action.NOT_FOUND,),
        window=10 * MINUTE,
        threshold="unknown_addresses",
    ),
    Watch(
        Rule.ADDRESS,
        query=events(who=sql.LINE),
        actions=(Action.SIGN_IN_REFUSED,),
        window=10 * MINUTE,
        threshold="address_failures",
        subject="adresse",
    ),
    Watch(
        Rule.ACCOUNT,
        # A premature try reveals nothing to its author.
        query=events(
            "target_type = 'accounts.user' AND refused <> 'trop d’essais'",
            who="target_id",
        ),
        actions=(Action.SIGN_IN_REFUSED,),
        window=2 * HOUR,
        threshold="account_failures",
    ),
    Watch(
        Rule.TRIES,
        query=events("target_type = 'accounts.user'", who="target_id"),
        actions=(Action.SIGN_IN_REFUSED,),
        window=MINUTE,
        threshold="account_tries",
    ),
    Watch(
        Rule.STUFFING,
        query=sql.STUFFING,
        window=10 * MINUTE,
        threshold="single_failures",
        subject="service",
    ),
    Watch(
        Rule.SESSION_MOVED,
        query=events("NOT details ? 'only'"),
        actions=(Action.SESSION_MOVED,),
    ),
    Watch(
        Rule.SESSION_FLIPS,
        query=sql.FLIPS,
        window=10 * MINUTE,
        quiet=HOUR,
        threshold="session_flips",
    ),
    Watch(
        Rule.SESSION_CHANGED,
        # A network alone asks the second factor.
        query=events("details ->> 'only' = 'agent'"),
        actions=(Action.SESSION_MOVED,),
    ),
    Watch(
        Rule.TWO_PLACES,
        query=sql.TWO_PLACES.format(
            fresh_is_habit=sql.HABIT.format(row="fresh"),
            other_is_habit=sql.HABIT.format(row="other"),
        ),
        window=10 * MINUTE,
        quiet=HOUR,
    ),
    Watch(
        Rule.NEW_PLACE,
        query=sql.NEW_PLACE,
        window=settings.DETECTION.habits_of,
        quiet=HOUR,
    ),
    Watch(
        Rule.NEW_DEVICE,
        query=events(f"details ->> 'new_device' = 'true' AND {sql.WITH_ITS_ADDRESS}"),
        actions=CHANGES_OF_ACCESS,
    ),
    Watch(Rule.SHARING, actions=(Action.SESSION_CAPPED,)),
    Watch(Rule.SEARCHES, actions=(Action.SEARCH_SURGE,)),
    Watch(
        Rule.FEED_FORGED,
        query=events(who="'flux'"),
        actions=(Action.FEED_FORGED,),
        window=10 * MINUTE,
        threshold="forged_signatures",
        subject="service",
    ),
    Watch(
        Rule.RGC_GESTURES,
        # Only entries without parts: an import opens accounts, and the quarterly
        # answer, which Opus requests and which can be undone, suspends those who left.
        query=events(f"{sql.BY_RGC} AND {sql.WITH_ITS_ADDRESS}"),
        actions=(
            Action.ACCOUNT_CLOSED,
            Action.ACCOUNT_SUSPENDED,
            Action.ACCOUNT_CHANGED,
        ),
        threshold="rgc_gestures",
    ),
    Watch(
        Rule.RGC_RENEWALS,
        query=events(sql.BY_RGC),
        actions=(Action.FIRST_ACCESS_RENEWED, Action.FACTOR_RESET_ASKED),
        threshold="rgc_renewals",
    ),
    Watch(
        Rule.SHORT_LIVED,
        query=events(f"{sql.BY_RGC} AND {sql.JUST_OPENED}"),
        actions=(Action.ACCOUNT_CLOSED,),
    ),
    Watch(
        Rule.TRANSFER,
        query=events(f"role = 'rgc' AND ({sql.TO_ONESELF_OR_MANY})"),
        actions=REQUESTS,
    ),
    Watch(
        Rule.NEW_RECEIVER,
        query=events(sql.TO_NEW_WITH_A_SIGN.format(night=sql.NIGHT)),
        actions=REQUESTS,
    ),
    Watch(
        Rule.DISOWNED,
        query=events("details ? 'disowned'", who="details ->> 'asked_by'"),
        actions=(Action.CASELOAD_TRANSFER_STOPPED,),
    ),
]
WATCHES = {row.rule: row for row in ROWS}


def words_about(alert: Alert, reader: User | None) -> dict[str, str]:
    """Return ``saw``, ``means`` and ``to_do``, as this reader may act."""
    reads = reader and reader.has_perm("lib.view_auditentry") and reader.is_national
    context = {"alert": alert, "reads_journal": reads}
    return {
        part: render_to_string(
            f"accounts/security/rules.html#{alert.rule}_{part}", context
        )
        for part in ("saw", "means", "to_do")
    }
