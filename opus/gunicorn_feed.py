"""Gunicorn's configuration of the feed: events do not wait.

``gunicorn --config opus/gunicorn_feed.py opus.wsgi``: the same site at an address of
its own, to which a proxy sends ``/api/offres/evenements``.
"""

from django.conf import settings
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from opus.gunicorn import *  # noqa: F403 - gunicorn reads the names of this module

bind = settings.FEED_BIND + settings.FEED_METRICS_BIND
workers = 1
threads = 8


def post_fork(server: Arbiter, worker: Worker) -> None:  # type: ignore[no-redef]
    """Keep the priority of events."""
