from accounts.agreements.tasks import check_conventions
from accounts.nominations.tasks import warn_of_overdue_letters
from accounts.security.tasks import check_journal, purge_alerts, send_digests
from accounts.signin.rate_limits import tidy_counters
from accounts.signin.sessions import tidy_sessions
from accounts.team.quarterly_reviews import check_reviews
from accounts.users.tasks import check_absences, forget_former_addresses
