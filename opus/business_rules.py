"""The delays and limits of the trade, the same on every machine (settings)."""

from datetime import timedelta

from opus.thresholds import AccountSafety, Detection, Handover, Helpdesk, Kept

FIRST_ACCESS_LASTS = timedelta(hours=72)
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
FACTOR_RESET_NOTICE = timedelta(hours=24)
FACTOR_RESET_LASTS = timedelta(days=7)
PASSWORD_RESET_TIMEOUT = 3600
# A caseload is confided to a colleague for so many days at most, both ends counted.
STAND_IN_AT_MOST = timedelta(days=92)
UNDO_LASTS = timedelta(hours=24)
# Days for which the copy of a person's data waits to be taken, once (V13).
PERSON_FILE_DAYS = 7
# Nothing said of an act for so long: its adviser is reminded, again, then Opus closes
# it without news (domain 5.8).
ACT_REMINDED_AFTER = (timedelta(days=15), timedelta(days=30))
ACT_CLOSED_AFTER = timedelta(days=60)
# A CV is due after so long; never come, its request is closed so long after (5.8).
CV_DUE_AFTER = timedelta(days=7)
CV_CLOSED_AFTER = timedelta(days=15)
# Before an appointment its adviser is reminded, and the person who agreed to e-mails;
# the adviser once more, past it without a word.
SUMMONS_REMINDED_BEFORE = timedelta(days=2)
SUMMONS_TOLD_WITHIN = timedelta(days=7)
# The link of a document sent to the person by e-mail (ADR 12), and how many such links
# one network may try in ten minutes.
DOCUMENT_LINK_LASTS = timedelta(days=15)
DOCUMENT_LINKS_TRIED = 30
# France Travail may take up again an application that was set aside (5.3).
SET_ASIDE_RESET_WITHIN = timedelta(days=15)
# A withdrawn offer may come back: what was kept of it waits so long (U6).
FAVOURITE_OUTLIVES_ITS_OFFER = timedelta(days=30)
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
WORKS_LEAD = timedelta(days=5)
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
