"""Gunicorn's configuration: ``gunicorn --config opus/gunicorn.py opus.wsgi``."""

import logging
import os
import sys
import threading

from django.conf import settings
from django.utils.module_loading import import_string
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from opus.delays_and_limits import PATIENCE_OF_PAGES
from opus.lib.logs import of_gunicorn
from opus.startup import load_settings, refuse_missing_steps, remove_metrics_folder

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opus.settings")
load_settings()
# The figures have an address of their own.
bind = settings.WEB_BIND + settings.METRICS_BIND
workers = settings.WEB_WORKERS
# Threads, because a page waits for PostgreSQL half of its time. More would only share
# the processors among more pages, and make events wait (docs/adr/0017).
worker_class = "gthread"
threads = settings.WEB_THREADS
# Loaded once, then forked: quicker to start, and the memory of the code is shared.
preload_app = True
# The database ends a query after 10 s: a page of 30 s is stuck.
timeout = 30
graceful_timeout = 20
# Opus is at the root of its host: neither a client's header nor an environment
# variable may move it.
forwarder_headers = ""
os.environ.pop("SCRIPT_NAME", None)
# Above the proxy's limits, so that a too long request gets a page in French.
limit_request_line = 8190
limit_request_field_size = 16_380
logconfig_dict = of_gunicorn(level=settings.LOG_LEVEL)
logging.captureWarnings(True)
# No other program controls these processes.
control_socket_disable = True


def post_fork(server: Arbiter, worker: Worker) -> None:
    """Lower the priority of pages: the processor serves events first."""
    os.nice(10)


def post_worker_init(worker: Worker) -> None:
    """Load the gazetteer before the first event needs it."""
    # By its name: a module with models loads once the applications are ready.
    load = import_string("offers.reference.places.french_gazetteer")
    threading.Thread(target=load, daemon=True).start()


def on_starting(server: Arbiter) -> None:
    """Refuse a demonstration that others could reach, and a forgotten step."""
    # Here and not above: a test that imports this module keeps its own patience.
    settings.CELERY_BROKER_TRANSPORT_OPTIONS |= PATIENCE_OF_PAGES
    loopback = ("127.0.0.1", "::1", "localhost")
    open_to_others = [
        address
        for address in server.cfg.address
        if isinstance(address, tuple) and address[0] not in loopback
    ]
    if settings.DEMO and open_to_others:
        sys.exit(
            "OPUS_DEMO=1 shows one-time codes, so it serves this machine alone:"
            " set OPUS_BIND=127.0.0.1:8000, or OPUS_DEMO=0."
        )
    refuse_missing_steps()


def on_exit(server: Arbiter) -> None:
    remove_metrics_folder()
