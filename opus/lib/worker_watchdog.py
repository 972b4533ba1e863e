"""End a worker that hears no task although some wait (R24).

Celery's transport can miss that its broker died and came back: the worker lives, and
no task reaches it any more. Its supervisor starts another one.
"""

import logging
import os
import signal
import threading
import time
from typing import Any

from celery import Celery
from celery.worker import state
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# Seconds.
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
    """Watches the worker from a thread of its first process."""

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
