"""Tests behind a real PgBouncer in transaction mode."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import processes
from django.db import connection
from stack import free_port

from tests import topology
from tests.conftest import wait_until
from tests.offers.feed.test_gunicorn import is_open
from tests.tables import SERVED

SOCKET = unquote(urlsplit(os.environ.get("DATABASE_URL", "")).hostname or "")


@contextmanager
def pgbouncer(folder: Path) -> Iterator[int]:
    """Start one that lends two connections; yield its port."""
    port = free_port()
    process = topology.start_pooler(folder, SOCKET, port=port, size=2)
    try:
        wait_until(lambda: is_open(port))
        yield port
    finally:
        process.terminate()
        processes.end(process, patience=10)


@contextmanager
def connected_to(port: int) -> Iterator[None]:
    """Have Django connect through this port."""
    ours = connection.settings_dict
    connection.close()
    there = {"HOST": "127.0.0.1", "PORT": str(port), "OPTIONS": SERVED}
    connection.settings_dict = ours | there
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = ours
