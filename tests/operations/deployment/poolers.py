"""A real PgBouncer in transaction mode, in front of the embedded PostgreSQL."""

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import postgres
import processes
from django.db import connection

from tests.conftest import wait_until
from tests.offers.feed.test_gunicorn import is_open

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
SOCKET = unquote(urlsplit(os.environ.get("DATABASE_URL", "")).hostname or "")
# As docs/operations/scale.md says, but for the password and the size.
SETTINGS = """
[databases]
* = host={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = 2
max_db_connections = 2
"""


@contextmanager
def pgbouncer(folder: Path, server: Path | str = SOCKET) -> Iterator[int]:
    """Start one that lends two connections; yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder.mkdir(mode=0o755, exist_ok=True)
    (folder / "users.txt").write_text('"opus" ""\n"opus_tests" ""\n"opus_owner" ""\n')
    text = SETTINGS.format(server=server, port=port, folder=folder)
    (folder / "pgbouncer.ini").write_text(text)
    prefix = processes.dying_with_us("TERM")
    if os.geteuid() == 0:
        prefix += postgres.AS_NOBODY
    command = [str(PGBOUNCER), str(folder / "pgbouncer.ini")]
    process = processes.spawn(prefix, *command, log=folder / "pgbouncer.log")
    try:
        wait_until(lambda: is_open(port))
        yield port
    finally:
        processes.end(process, patience=10)


@contextmanager
def connected_to(port: int) -> Iterator[None]:
    """Have Django connect through this port."""
    ours = connection.settings_dict
    connection.close()
    connection.settings_dict = ours | {"HOST": "127.0.0.1", "PORT": str(port)}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = ours
