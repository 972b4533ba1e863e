"""The scheduled tasks of accounts, by subject."""

from accounts.tasks.alerts import purge_alerts, send_digests, watch_journal
from accounts.tasks.conventions import watch_conventions
from accounts.tasks.housekeeping import tidy_counters, tidy_sessions
from accounts.tasks.reviews import watch_reviews
from accounts.tasks.team import forget_former_addresses, watch_absences
from accounts.tasks.vacancies import warn_of_overdue_letters
