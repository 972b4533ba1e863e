"""Delays and limits, the same on every machine.

The settings import them all. A value that the agreement or the law fixes cites its
article or requirement. ``docs/operations/at-night.md`` explains how to react to each
alert.
"""

import dataclasses
import datetime as dt


@dataclasses.dataclass(frozen=True)
class Detection:
    """Thresholds of alerts and refusals, listed in ``docs/access.md``."""

    # Different persons whose data an account sees within an hour, within 24 hours;
    # files in a day.
    persons_an_hour: int = 60
    persons_warned_at: int = 30
    persons_a_day: int = 240
    persons_a_day_warned_at: int = 120
    exports_a_day: int = 5
    exports_warned_at: int = 3
    # Persons seen in one night, Europe/Paris.
    night_from: int = 22
    night_to: int = 6
    night_persons: int = 15
    # Persons of one day, opened one by one, who live further than this from the
    # structure.
    far_km: int = 50
    far_persons: int = 15
    # In an hour: exact look-ups without result; more are refused.
    empty_look_ups: int = 15
    # In ten minutes: 404 on the pages of persons; failures of one address; accounts
    # with one failure each and no success; forged signatures of the feed; moves of one
    # session from a network to another.
    unknown_addresses: int = 15
    address_failures: int = 15
    single_failures: int = 25
    forged_signatures: int = 10
    session_flips: int = 2
    # In a minute: tries at one account, including premature ones.
    account_tries: int = 10
    # In two hours: wrong secrets on one account (the tenth locks it for an hour).
    account_failures: int = 10
    # In an hour, by one RGC: closings, suspensions, addresses changed; first accesses
    # renewed, factor resets. Then: the age under which a closed account is suspect; the
    # number of persons handed over at once.
    rgc_gestures: int = 3
    rgc_renewals: int = 2
    closed_within: dt.timedelta = dt.timedelta(days=1)
    transferred_persons: int = 20
    # A network or a browser counts as new for an account that has signed in for at
    # least this long; both together become a habit this long after the first sign-in
    # from them. Older sign-ins than ``habits_of`` do not count.
    habits_after: dt.timedelta = dt.timedelta(days=14)
    habits_of: dt.timedelta = dt.timedelta(days=90)


@dataclasses.dataclass(frozen=True)
class Helpdesk:
    """Delays and limits of support: ``docs/support.md`` (art. 6; R18)."""

    # Working days from the registration of a request.
    acknowledged_within: int = 15
    answered_within: int = 2
    # The author may reply to an answer within this delay; then Opus closes the request.
    reopened_within: dt.timedelta = dt.timedelta(days=15)
    # The link for people who cannot sign in: twice both delays.
    link_lasts: dt.timedelta = dt.timedelta(days=60)
    # Without sign-in: messages in an hour from one network address, e-mails in a day to
    # one mailbox. With an account: messages in a day.
    open_forms_an_hour: int = 5
    open_forms_a_day_of_a_mailbox: int = 3
    messages_a_day: int = 30


@dataclasses.dataclass(frozen=True)
class Kept:
    """Terms of classes of personal data, in months (V9).

    ``Retention`` of ``opus.lib.privacy.personal_data`` publishes them.
    """

    acts: int = 24
    # A person unknown to France Travail.
    unregistered: int = 13
    cv: int = 6
    account: int = 12
    convention: int = 60
    # PostgreSQL counts these twelve months itself: ``opus_purge_audit_lines``.
    journal: int = 12
    outbox: int = 3
    tickets: int = 24
    requests: int = 60
    # A cell of the counts that stay covers at least this many persons (V10).
    cell_of: int = 5


@dataclasses.dataclass(frozen=True)
class AccountSafety:
    """Delays against stolen sessions (ADR 8)."""

    # How long a former address still gets the notices, and how long a stop link works.
    former_addresses: dt.timedelta = dt.timedelta(days=30)
    stop_link: dt.timedelta = dt.timedelta(days=30)
    # After a change of address, only two persons of France Travail reset factors.
    # PostgreSQL counts these days itself: ``opus_reset_waits_for_address``.
    new_address: dt.timedelta = dt.timedelta(days=7)


@dataclasses.dataclass(frozen=True)
class Handover:
    """When persons go to another account at once, or wait (S39, ADR 28)."""

    # Persons whom one author opens to others at once: in 24 hours, in seven days.
    # PostgreSQL knows the first too: ``transfer_waits_or_says_why_not``.
    at_once: int = 20
    at_once_in_a_week: int = 40
    # All else waits so long, and until this hour of the next working day.
    waits: dt.timedelta = dt.timedelta(hours=24)
    waits_until: dt.time = dt.time(12)
    # Persons with an appointment or a due step within these working days go first.
    pressing_days: int = 2
    # The links of the letter to who loses persons; so long they can be given back. They
    # no longer confirm if the address was changed recently.
    link_lasts: dt.timedelta = dt.timedelta(days=7)
    address_known_after: dt.timedelta = dt.timedelta(days=30)
    # An account younger than this receives nobody at once.
    new_account: dt.timedelta = dt.timedelta(days=7)


# Sessions (S13); those of France Travail's staff are shorter.
SESSION_IDLE = dt.timedelta(minutes=60)
SESSION_IDLE_STAFF = dt.timedelta(minutes=30)
SESSION_ABSOLUTE = dt.timedelta(hours=12)
SESSION_ABSOLUTE_STAFF = dt.timedelta(hours=8)
SESSION_COOKIE_AGE = int(SESSION_ABSOLUTE.total_seconds())
# An ended one records why it ended, and that this account knows the device (S11, S15).
SESSION_REMEMBERED = dt.timedelta(days=90)
# With the password alone: the time to enrol a second factor.
SESSION_UNVERIFIED = dt.timedelta(minutes=30)
STEP_UP_LASTS = dt.timedelta(minutes=15)
# Silence of the feed: people are notified, then new acts are *à confirmer* (R5).
FEED_SILENT_AFTER = dt.timedelta(minutes=5)
FEED_STALE_AFTER = dt.timedelta(minutes=15)
FIRST_ACCESS_LASTS = dt.timedelta(hours=72)
# Days without a sign-in: warnings, then suspension (art. 4.2, S26).
ABSENCE_WARNINGS = (60, 75)
ABSENCE_SUSPENDS = 90
# Days between a return from an announced absence and the suspension: with fewer, the
# warnings do not wait for the return.
ABSENCE_RETURN_WITHIN = 7
# "Do these people still work here?": months between two questions; days after which
# Opus reminds the RGC, then notifies France Travail (S26).
REVIEW_EVERY_MONTHS = 3
REVIEW_REMINDERS = (7, 14)
REVIEW_ESCALATES = 21
# Days before its end from which a convention without a following one is announced as
# to renew (art. 13).
RENEWAL_ANNOUNCED_DAYS = 120
# Months without a review meeting after which one is due (art. 11).
MEETING_EVERY_MONTHS = 12
# A lost second factor (S10): the holder's notice, and how long it stays possible.
FACTOR_RESET_NOTICE = dt.timedelta(hours=24)
FACTOR_RESET_LASTS = dt.timedelta(days=7)
PASSWORD_RESET_TIMEOUT = 3600
# A caseload is confided to a colleague for at most this long, both ends counted.
STAND_IN_AT_MOST = dt.timedelta(days=92)
UNDO_LASTS = dt.timedelta(hours=24)
# Days during which the copy of a person's data can be downloaded, once (V13).
PERSON_FILE_DAYS = 7
# An act without news for this long: Opus reminds the adviser twice, then closes it
# without news.
ACT_REMINDED_AFTER = (dt.timedelta(days=15), dt.timedelta(days=30))
ACT_CLOSED_AFTER = dt.timedelta(days=60)
# A CV is due after this delay; if it never comes, the next closes its request (5.8).
CV_DUE_AFTER = dt.timedelta(days=7)
CV_CLOSED_AFTER = dt.timedelta(days=15)
# Reminder before an appointment, to the adviser, and to the person who agreed to
# e-mails; once more to the adviser after it, if no result is recorded.
APPOINTMENT_REMINDED_BEFORE = dt.timedelta(days=2)
APPOINTMENT_TOLD_WITHIN = dt.timedelta(days=7)
# The link of a document sent to the person by e-mail (ADR 12), and how many such links
# one network may try in ten minutes.
DOCUMENT_LINK_LASTS = dt.timedelta(days=15)
DOCUMENT_LINKS_TRIED = 30
# France Travail may reopen an application that was set aside (5.3).
SET_ASIDE_RESET_WITHIN = dt.timedelta(days=15)
# A withdrawn offer may come back: its favourites stay this long (U6).
FAVOURITE_OUTLIVES_ITS_OFFER = dt.timedelta(days=30)
SEARCH_PAGE_SIZE = 20
# Up to this number offers are counted; beyond, the page says « plus de ».
SEARCH_COUNT_CAP = 1_000
# The number of newest offers read one by one before an index is used.
SEARCH_WALK = 20_000
# Information sheets that one account may generate in an hour; a generated one serves
# all accounts and is not counted again.
SHEETS_AN_HOUR = 120
# Print jobs that one account may request in an hour, besides those of its acts.
PRINT_JOBS_AN_HOUR = 60
SEARCH_DEFAULT_RADIUS_KM = 10
# Planned maintenance is announced this long ahead (art. 6); one day for the database.
WORKS_LEAD = dt.timedelta(days=5)
# Quotas of persons seen, and thresholds of detection (S25, S39).
DETECTION = Detection()
# Delays of support, and limits of messages (art. 6, R18).
HELPDESK = Helpdesk()
# Delays that protect an account from a stolen session (ADR 8).
ACCOUNT_SAFETY = AccountSafety()
# How long personal data are kept, class by class (V9).
KEPT = Kept()
# Transfers of a caseload that wait for a second person (S39).
HANDOVER = Handover()
# Persons or rows that one transaction of the purge deletes.
PURGED_AT_ONCE = 200
# Memory of one process of the worker. Fifty documents in one PDF use 180 MB: what
# needs four times as much is hostile, and fails alone (S31).
WORKER_DATA_BYTES = 768 * 1024 * 1024
# Seconds that a page spends waiting for PostgreSQL, all its statements together (R13):
# with the time for Python, it answers within ten.
PAGE_WAITS = 7
# Celery.
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 20
CELERY_TASK_TIME_LIMIT = 30
# Twice the hard limit: a killed worker hides its task for a minute, not an hour (R7).
BROKER_OPTIONS = {
    "visibility_timeout": 90,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "retry_on_timeout": True,
    "health_check_interval": 10,
    # A page never waits for an absent broker: the sweep will find the work (R6, R14).
    # Without this, the default channel tries again for six seconds.
    "max_retries": 0,
}
# What a page waits for a broker that is frozen; a worker, which listens, waits longer.
PATIENCE_OF_PAGES = {
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    "retry_on_timeout": False,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# For as long as it takes.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Europe/Paris"
# A process that grew gives its memory back after the task, in kB: WORKER_DATA_BYTES.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
# After ten calls, some ten seconds, the clock's file is written: a sign of its health.
CELERY_BEAT_SYNC_EVERY = 10
