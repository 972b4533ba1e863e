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
# Sweeps, and the hours of the night. The other jobs join by their own interval as they
# are declared (``jobs.exclusive``).
SCHEDULE: dict[str, tuple[str, float | crontab]] = {
    "make-waiting-files": ("opus.lib.background_files.make_waiting_files", 10.0),
    "relay-outbox": ("opus.lib.outbound.outbox.relay_mails", 10.0),
    "relay-webhooks": ("opus.lib.outbound.outbox.relay_webhooks", 10.0),
    "notify-withdrawals": ("referrals.acts.jobs.notify_withdrawals", 10.0),
    "confirm-acts": ("referrals.acts.jobs.confirm_acts", 10.0),
    "delete-useless-documents": ("offers.tasks.delete_useless_documents", 10.0),
    "write-first-words": ("offers.tasks.write_first_words", 60.0),
    # It locks the rows of the persons that it deletes.
    "purge-personal-data": (
        "opus.lib.privacy.retention.purge_personal_data",
        crontab(hour=2, minute=15),
    ),
    # It reads the title of every offer.
    "write-words-of-offers": (
        "offers.tasks.write_words_of_offers",
        crontab(hour=3, minute=30),
    ),
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
