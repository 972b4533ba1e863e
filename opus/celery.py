"""The Celery application and its timetable, in one place."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opus.settings")
app = Celery("opus")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(
    ["opus.desk.rights", "opus.lib.files", "referrals.saved_searches"]
)
app.conf.beat_schedule = {
    "make-waiting-files": {
        "task": "opus.lib.files.tasks.make_waiting_files",
        "schedule": 10.0,
    },
    "delete-expired-files": {
        "task": "opus.lib.files.tasks.delete_expired_files",
        "schedule": 3600,
    },
    "watch-rights": {"task": "opus.desk.rights.tasks.watch_rights", "schedule": 3600},
    "relay-outbox": {"task": "opus.lib.outbox.relay_mails", "schedule": 10.0},
    "relay-notices": {"task": "opus.lib.outbox.relay_notices", "schedule": 10.0},
    "watch-absences": {"task": "accounts.tasks.team.watch_absences", "schedule": 3600},
    "watch-reviews": {"task": "accounts.tasks.team.watch_reviews", "schedule": 3600},
    "forget-former-addresses": {
        "task": "accounts.tasks.team.forget_former_addresses",
        "schedule": 3600,
    },
    "watch-conventions": {
        "task": "accounts.tasks.conventions.watch_conventions",
        "schedule": 1800,
    },
    "tidy-sessions": {
        "task": "accounts.tasks.housekeeping.tidy_sessions",
        "schedule": 3600,
    },
    "warn-of-overdue-rgc-letters": {
        "task": "accounts.tasks.vacancies.warn_of_overdue_letters",
        "schedule": 3600,
    },
    "tidy-counters": {
        "task": "accounts.tasks.housekeeping.tidy_counters",
        "schedule": 3600,
    },
    "tell-withdrawals": {
        "task": "referrals.tasks.tell_withdrawals",
        "schedule": 10.0,
    },
    "apply-transfers": {"task": "referrals.tasks.apply_transfers", "schedule": 300},
    "watch-silence": {"task": "referrals.tasks.watch_silence", "schedule": 3600},
    "watch-cvs": {"task": "referrals.tasks.watch_cvs", "schedule": 3600},
    "watch-appointments": {
        "task": "referrals.tasks.watch_appointments",
        "schedule": 900,
    },
    "search-alerts": {
        "task": "referrals.saved_searches.tasks.send_search_alerts",
        "schedule": 30.0,
    },
    "forget-habits": {"task": "referrals.tasks.forget_habits", "schedule": 3600},
    "confirm-acts": {"task": "referrals.tasks.confirm_acts", "schedule": 10.0},
    "poll-offers": {"task": "offers.tasks.poll_offers", "schedule": 60.0},
    "delete-useless-documents": {
        "task": "offers.tasks.delete_useless_documents",
        "schedule": 10.0,
    },
    "tidy-feed": {"task": "offers.tasks.tidy_feed", "schedule": 3600},
    # At night: it reads the title of every offer.
    "write-words-of-offers": {
        "task": "offers.tasks.write_words_of_offers",
        "schedule": crontab(hour=3, minute=30),
    },
    "write-first-words": {"task": "offers.tasks.write_first_words", "schedule": 60.0},
    "forget-seen-offers": {
        "task": "offers.tasks.forget_seen_offers",
        "schedule": 3600,
    },
    "close-tickets": {
        "task": "opus.desk.tasks.tickets.close_tickets",
        "schedule": 3600,
    },
    "open-audit-months": {"task": "opus.lib.tasks.open_audit_months", "schedule": 3600},
    "purge-journal": {"task": "opus.lib.tasks.purge_journal", "schedule": 3600},
    "rescan-texts": {"task": "opus.lib.tasks.rescan_texts", "schedule": 3600},
    "purge-refusals": {"task": "opus.lib.tasks.purge_refusals", "schedule": 3600},
    # At night: it holds the rows of whom it lets go.
    "purge-personal-data": {
        "task": "opus.lib.tasks.purge_personal_data",
        "schedule": crontab(hour=2, minute=15),
    },
    "watch-journal": {"task": "accounts.tasks.alerts.watch_journal", "schedule": 20.0},
    "purge-alerts": {"task": "accounts.tasks.alerts.purge_alerts", "schedule": 3600},
    "probe": {"task": "opus.desk.tasks.probes.probe", "schedule": 20.0},
    "close-months": {"task": "opus.desk.tasks.probes.close_months", "schedule": 3600},
    "watch-incidents": {
        "task": "opus.desk.tasks.incidents.watch_incidents",
        "schedule": 3600,
    },
    "watch-jobs": {"task": "opus.operations.tasks.watch_jobs", "schedule": 300.0},
    # After the purges of the night, before the first adviser.
    "check-invariants": {
        "task": "opus.operations.tasks.check_invariants",
        "schedule": crontab(hour=4, minute=15),
    },
    "digest-of-alerts": {
        "task": "accounts.tasks.alerts.send_digests",
        "schedule": crontab(hour=8, minute=0),
    },
}
