from accounts.agreements.tasks import watch_conventions
from accounts.nominations.tasks import warn_of_overdue_letters
from accounts.security.tasks import purge_alerts, send_digests, watch_journal
from accounts.signin.tasks import tidy_counters, tidy_sessions
from accounts.team.tasks import watch_reviews
from accounts.users.tasks import forget_former_addresses, watch_absences
