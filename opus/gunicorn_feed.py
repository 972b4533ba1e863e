"""Gunicorn's configuration of the feed: events do not wait.

``gunicorn --config opus/gunicorn_feed.py opus.wsgi``: the same site at an address of
its own, to which a proxy sends ``/api/offres/evenements``.
"""

from pathlib import Path

from opus.env import env_list
from opus.gunicorn import *  # noqa: F403 - gunicorn reads the names of this module

SOCKET = Path(__file__).resolve().parent.parent / ".opus" / "feed.sock"

bind = [
    *env_list("OPUS_FEED_BIND", f"unix:{SOCKET}"),
    *env_list("OPUS_FEED_METRICS_BIND"),
]
workers = 1
threads = 8
# Events keep the priority that pages give up.
del post_fork  # noqa: F821 - of the module above
