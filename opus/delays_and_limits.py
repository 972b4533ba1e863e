"""The delays and limits of the trade, the same on every machine.

The settings import them all. What the agreement or the law fixes cites its article or
requirement. ``docs/operations/at-night.md`` says what to do about each alert.
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
    # Persons of one day, opened one by one, who live further than that from the
    # structure.
    far_km: int = 50
    far_persons: int = 15
    # In an hour: exact look-ups that found nobody; more are refused.
    empty_look_ups: int = 15
    # In ten minutes: 404 on the pages of persons; failures of one address; accounts
    # with one failure each and no success; forged signatures of the feed; moves of one
    # session from a network to another.
    unknown_addresses: int = 15
    address_failures: int = 15
    single_failures: int = 25
    forged_signatures: int = 10
    session_flips: int = 2
    # In a minute: tries at one account, those that came too early included.
    account_tries: int = 10
    # In two hours: wrong secrets on one account (the tenth shuts it for an hour).
    account_failures: int = 10
    # In an hour, by one RGC: closings, suspensions, addresses changed; first accesses
    # renewed, factor resets. An account closed so soon after its opening. More persons
    # than that handed over at once.
    rgc_gestures: int = 3
    rgc_renewals: int = 2
    closed_within: dt.timedelta = dt.timedelta(days=1)
    transferred_persons: int = 20
    # A network or a browser is new to an account that has habits of so many days; both
    # together are a habit so many days after the first sign-in from them.
    habits_after: dt.timedelta = dt.timedelta(days=14)
    habits_of: dt.timedelta = dt.timedelta(days=90)


@dataclasses.dataclass(frozen=True)
class Helpdesk:
    """Delays and limits of support (art. 6; R18), explained in ``docs/support.md``."""

    # Working days from the registration of a request.
    acknowledged_within: int = 15
    answered_within: int = 2
    # How long its author may come back to an answer; then Opus closes the request.
    reopened_within: dt.timedelta = dt.timedelta(days=15)
    # The link of who cannot sign in: as long as both delays, twice over.
    link_lasts: dt.timedelta = dt.timedelta(days=60)
    # Messages in an hour of one address of the network, and letters in a day to one
    # mailbox, where nobody signed in; messages in a day of one account.
    open_forms_an_hour: int = 5
    open_forms_a_day_of_a_mailbox: int = 3
    messages_a_day: int = 30


@dataclasses.dataclass(frozen=True)
class Kept:
    """Terms of each class of personal data, in calendar months (V9).

    ``Retention`` of ``opus.lib.privacy.personal_data`` publishes them.
    """

    acts: int = 24
    # A person whom France Travail does not know.
    unregistered: int = 13
    cv: int = 6
    account: int = 12
    convention: int = 60
    # PostgreSQL counts these twelve months itself: ``opus_purge_audit_lines``.
    journal: int = 12
    outbox: int = 3
    tickets: int = 24
    requests: int = 60
    # A cell of the counts that stay tells of at least so many persons (V10).
    cell_of: int = 5


@dataclasses.dataclass(frozen=True)
class AccountSafety:
    """Delays that protect an account from a stolen session (ADR 8)."""

    # How long a former address still gets the notices, and how long a stop link works.
    former_addresses: dt.timedelta = dt.timedelta(days=30)
    stop_link: dt.timedelta = dt.timedelta(days=30)
    # After a change of address, factors are reset by France Travail's two persons only.
    # PostgreSQL counts these days itself: ``opus_reset_waits_for_address``.
    new_address: dt.timedelta = dt.timedelta(days=7)


@dataclasses.dataclass(frozen=True)
class Handover:
    """Caseload transfers that a second person confirms (S39)."""

    # More persons of one account in a day than this wait; all those of oneself do.
    at_once: int = 20
    waits: dt.timedelta = dt.timedelta(hours=24)
    # The link of the former adviser's letter; it stops confirming where his address
    # was changed lately.
    link_lasts: dt.timedelta = dt.timedelta(days=7)
    address_known_after: dt.timedelta = dt.timedelta(days=30)
    # An account younger than this that receives persons is notified to France Travail.
    young_account: dt.timedelta = dt.timedelta(days=7)


FIRST_ACCESS_LASTS = dt.timedelta(hours=72)
# Days without a sign-in: warnings, then suspension (art. 4.2, S26).
ABSENCE_WARNINGS = (60, 75)
ABSENCE_SUSPENDS = 90
# "Do these people still work here?": months between two questions; days after which
# the RGC is reminded, then France Travail told (S26).
REVIEW_EVERY_MONTHS = 3
REVIEW_REMINDERS = (7, 14)
REVIEW_ESCALATES = 21
# Months without a review meeting after which one is due (art. 11).
MEETING_EVERY_MONTHS = 12
# A lost second factor (S10): the holder's notice, and until when it may be done.
FACTOR_RESET_NOTICE = dt.timedelta(hours=24)
FACTOR_RESET_LASTS = dt.timedelta(days=7)
PASSWORD_RESET_TIMEOUT = 3600
# A caseload is confided to a colleague for so many days at most, both ends counted.
STAND_IN_AT_MOST = dt.timedelta(days=92)
UNDO_LASTS = dt.timedelta(hours=24)
# Days for which the copy of a person's data waits to be taken, once (V13).
PERSON_FILE_DAYS = 7
# Nothing said of an act for so long: its adviser is reminded, again, then Opus closes
# it without news (domain 5.8).
ACT_REMINDED_AFTER = (dt.timedelta(days=15), dt.timedelta(days=30))
ACT_CLOSED_AFTER = dt.timedelta(days=60)
# A CV is due after so long; never come, its request is closed so long after (5.8).
CV_DUE_AFTER = dt.timedelta(days=7)
CV_CLOSED_AFTER = dt.timedelta(days=15)
# Before an appointment its adviser is reminded, and the person who agreed to e-mails;
# the adviser once more, past it without a word.
SUMMONS_REMINDED_BEFORE = dt.timedelta(days=2)
SUMMONS_TOLD_WITHIN = dt.timedelta(days=7)
# The link of a document sent to the person by e-mail (ADR 12), and how many such links
# one network may try in ten minutes.
DOCUMENT_LINK_LASTS = dt.timedelta(days=15)
DOCUMENT_LINKS_TRIED = 30
# France Travail may take up again an application that was set aside (5.3).
SET_ASIDE_RESET_WITHIN = dt.timedelta(days=15)
# A withdrawn offer may come back: what was kept of it waits so long (U6).
FAVOURITE_OUTLIVES_ITS_OFFER = dt.timedelta(days=30)
SEARCH_PAGE_SIZE = 20
# Up to here offers are counted one by one; beyond, the page says « plus de ».
SEARCH_COUNT_CAP = 10_000
# How many of the newest offers are read one by one before an index is asked instead.
SEARCH_WALK = 20_000
# Information sheets that one account may have made in an hour; one that is made serves
# all, and is not counted again.
SHEETS_AN_HOUR = 120
# Print jobs that one account may ask for in an hour, besides those of its gestures.
PRINT_JOBS_AN_HOUR = 60
SEARCH_DEFAULT_RADIUS_KM = 10
# Planned works are told at least so long ahead (art. 6); one day for the database.
WORKS_LEAD = dt.timedelta(days=5)
# Ceilings of what an account sees, and from when on detection speaks (S25, S39).
DETECTION = Detection()
# Delays of assistance, and how often one may write (art. 6, R18).
HELPDESK = Helpdesk()
# What protects an account from somebody else's session (ADR 8).
ACCOUNT_SAFETY = AccountSafety()
# How long personal data are kept, class by class (V9).
KEPT = Kept()
# When a caseload that goes to a colleague waits for a second person (S39).
HANDOVER = Handover()
# How many persons or rows one transaction of the purge lets go.
PURGED_AT_ONCE = 200
