"""Celery: its app, its timetable, and the watch over a worker."""

import logging
import logging.config
import os
import resource
import signal
import threading
import time
from typing import Any

from celery import Celery, Task
from celery.schedules import crontab
from celery.signals import (
    beat_init,
    before_task_publish,
    setup_logging,
    task_postrun,
    task_prerun,
    task_received,
    worker_init,
    worker_process_init,
    worker_ready,
)
from celery.worker import state
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from opus import startup
from opus.lib import logs

logger = logging.getLogger(__name__)

# Of the watch, in seconds.
DEAF_AFTER = 30
LOOKS_EVERY = 5
# A task that runs may end first: its hard limit is 45.
ENDS_WITHIN = 50


def count_waiting(app: Celery) -> int | None:
    """Return the tasks in the queues listened to; None without the broker."""
    try:
        with app.connection_for_read() as connection:
            valkey = connection.default_channel.client
            return sum(valkey.llen(name) for name in app.amqp.queues.consume_from)
    except (OperationalError, RedisError, OSError):
        return None


class Watch:
    """Ends a worker that hears no task although some wait (R24).

    Celery's transport can miss that its broker died and came back: the worker lives,
    and no task reaches it any more. Its supervisor starts another one. It watches from
    a thread of the worker's first process.
    """

    def __init__(self, app: Celery) -> None:
        self.app = app
        # Since when tasks wait and none comes.
        self.waits_since: float | None = None

    def start(self, **_: Any) -> None:
        threading.Thread(target=self.run, daemon=True).start()

    def hear(self, **_: Any) -> None:
        self.waits_since = None

    def is_deaf(self) -> bool:
        """Return whether tasks have waited long, and it did and heard nothing."""
        if state.active_requests or not count_waiting(self.app):
            self.waits_since = None
            return False
        now = time.monotonic()
        self.waits_since = self.waits_since or now
        return now - self.waits_since >= DEAF_AFTER

    def run(self) -> None:
        while not self.is_deaf():
            time.sleep(LOOKS_EVERY)
        logger.error("Tasks wait and none comes: this worker ends, for another one.")
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(ENDS_WITHIN)
        os.kill(os.getpid(), signal.SIGKILL)


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opus.settings")
# Celery ignores what Django's checks find, but they need the database: without them a
# worker starts before it, as the site does.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
app = Celery("opus")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["referrals.saved_searches"])
watch = Watch(app)
worker_ready.connect(watch.start)
task_received.connect(watch.hear)
SCHEDULE: dict[str, tuple[str, float | crontab]] = {
    "make-waiting-files": ("opus.lib.background_files.make_waiting_files", 10.0),
    "delete-expired-files": ("opus.lib.background_files.delete_expired_files", 3600),
    "check-rights": ("opus.support.data_rights.tasks.check_rights", 3600),
    "relay-outbox": ("opus.lib.outbound.outbox.relay_mails", 10.0),
    "relay-webhooks": ("opus.lib.outbound.outbox.relay_webhooks", 10.0),
    "check-absences": ("accounts.users.tasks.check_absences", 3600),
    "check-reviews": ("accounts.team.quarterly_reviews.check_reviews", 3600),
    "forget-former-addresses": ("accounts.users.tasks.forget_former_addresses", 3600),
    "check-conventions": ("accounts.agreements.tasks.check_conventions", 1800),
    "tidy-sessions": ("accounts.signin.sessions.tidy_sessions", 3600),
    "warn-of-overdue-rgc-letters": (
        "accounts.nominations.tasks.warn_of_overdue_letters",
        3600,
    ),
    "tidy-counters": ("accounts.signin.rate_limits.tidy_counters", 3600),
    "notify-withdrawals": ("referrals.acts.jobs.notify_withdrawals", 10.0),
    "notify-changes": ("referrals.documents.jobs.notify_changes", 900),
    "apply-transfers": ("referrals.tasks.apply_transfers", 300),
    "check-silence": ("referrals.acts.jobs.check_silence", 3600),
    "check-cvs": ("referrals.cv_requests.jobs.check_cvs", 3600),
    "check-appointments": ("referrals.appointments.jobs.check_appointments", 900),
    "search-alerts": ("referrals.saved_searches.jobs.send_search_alerts", 30.0),
    "forget-habits": ("referrals.privacy.retention.forget_habits", 3600),
    "confirm-acts": ("referrals.acts.jobs.confirm_acts", 10.0),
    "poll-offers": ("offers.tasks.poll_offers", 60.0),
    "delete-useless-documents": ("offers.tasks.delete_useless_documents", 10.0),
    "tidy-feed": ("offers.tasks.tidy_feed", 3600),
    "tidy-pull": ("offers.tasks.tidy_pull", 3600),
    # At night: it reads the title of every offer.
    "write-words-of-offers": (
        "offers.tasks.write_words_of_offers",
        crontab(hour=3, minute=30),
    ),
    "write-first-words": ("offers.tasks.write_first_words", 60.0),
    "forget-seen-offers": ("offers.tasks.forget_seen_offers", 3600),
    "close-tickets": ("opus.support.tasks.close_tickets", 3600),
    "open-audit-months": ("opus.lib.tasks.open_audit_months", 3600),
    "purge-journal": ("opus.lib.tasks.purge_journal", 3600),
    "rescan-texts": ("opus.lib.text_guard.tasks.rescan_texts", 3600),
    "purge-refusals": ("opus.lib.text_guard.tasks.purge_refusals", 3600),
    # At night: it locks the rows of the persons that it deletes.
    "purge-personal-data": (
        "opus.lib.privacy.retention.purge_personal_data",
        crontab(hour=2, minute=15),
    ),
    "check-journal": ("accounts.security.tasks.check_journal", 20.0),
    "purge-alerts": ("accounts.security.tasks.purge_alerts", 3600),
    "probe": ("opus.support.tasks.probe", 20.0),
    "close-months": ("opus.support.tasks.close_months", 3600),
    "check-incidents": ("opus.support.tasks.check_incidents", 3600),
    "check-jobs": ("opus.operations.tasks.check_jobs", 300.0),
    # After the purges of the night, before the first adviser.
    "check-invariants": (
        "opus.operations.tasks.check_invariants",
        crontab(hour=4, minute=15),
    ),
    "digest-of-alerts": (
        "accounts.security.tasks.send_digests",
        crontab(hour=8, minute=0),
    ),
}
app.conf.beat_schedule = {
    name: {"task": task, "schedule": schedule}
    for name, (task, schedule) in SCHEDULE.items()
}


@app.on_configure.connect
def load_settings(**_: Any) -> None:
    startup.load_settings()


@worker_init.connect
@beat_init.connect
def refuse_old_postgres(**_: Any) -> None:
    startup.refuse_old_postgres()


@worker_process_init.connect
def limit_memory(**_: Any) -> None:
    """Limit this process, so that one document cannot use the machine (S31)."""
    limit = settings.WORKER_DATA_BYTES
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


# The request that sent a task, in the headers of its message.
REQUEST_HEADER = "opus_request"


@setup_logging.connect
def configure(**kwargs: Any) -> None:
    """Replace Celery's own lines and its level."""
    logging.config.dictConfig(settings.LOGGING)


@before_task_publish.connect
def add_request_id(headers: dict[str, Any], **kwargs: Any) -> None:
    if number := logs.current_fields().get("request"):
        headers[REQUEST_HEADER] = number


@task_prerun.connect
def begin_task(task: Task, **kwargs: Any) -> None:
    logs.set_fields(
        task=task.name, request=getattr(task.request, REQUEST_HEADER, None) or ""
    )


@task_postrun.connect
def end_task(**kwargs: Any) -> None:
    logs.set_fields()
