"""Real parts of several machines, on this one."""

import os
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import redis
from common import VENV, Failed
from processes import Process, dying_with_us, spawn
from servers import AS_NOBODY, VALKEY, Postgres, Servers, make_private_folder
from stack import free_port

# As docs/operations/scale.md says, but for passwords and sizes.
POOLER = """
[databases]
* = host={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users.txt
pool_mode = transaction
default_pool_size = {size}
max_db_connections = {size}
server_login_retry = 1
"""
# What a site needs around it; Debian's own file has the rest.
PROXY = """
pid {folder}/nginx.pid;
daemon off;
error_log {folder}/main.log;
{user}
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include /etc/nginx/mime.types;
    include {folder}/site.conf;
}}
"""
SENTINEL = """
port {port}
dir {folder}
sentinel monitor opus 127.0.0.1 {master} 2
sentinel down-after-milliseconds opus 1000
sentinel failover-timeout opus 5000
"""


def program(name: str) -> str | None:
    """Return a program of Debian, whose folder may be root's alone."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin")


def start_pooler(folder: Path, server: Path | str, *, port: int, size: int) -> Process:
    """Start PgBouncer in transaction mode before this socket's PostgreSQL."""
    folder.mkdir(mode=0o755, exist_ok=True)
    (folder / "users.txt").write_text('"opus" ""\n"opus_tests" ""\n')
    values = {"folder": folder, "server": server, "port": port, "size": size}
    (folder / "pgbouncer.ini").write_text(POOLER.format(**values))
    prefix = dying_with_us("TERM") + (AS_NOBODY if os.geteuid() == 0 else [])
    command = [str(program("pgbouncer")), str(folder / "pgbouncer.ini")]
    return spawn(prefix, *command, log=folder / "pgbouncer.log")


def start_proxy(folder: Path, site: str) -> Process:
    """Start nginx with this site."""
    (folder / "site.conf").write_text(site)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(PROXY.format(folder=folder, user=user))
    command = [str(program("nginx")), "-p", str(folder), "-c", f"{folder}/nginx.conf"]
    return spawn(dying_with_us("TERM"), *command, log=folder / "nginx.log")


class Copy:
    """A cluster copied from a running one; ``name``: a replica that follows it."""

    def __init__(self, state: Path, source: Path | str, *, name: str = "") -> None:
        self.part = Servers(state, throw_away=True)
        self.part.logs.mkdir(parents=True)
        self.sockets = self.part.sockets
        make_private_folder(self.sockets)
        self.cluster = Postgres(state, self.sockets, throw_away=True)
        target = f"host={source} user=postgres application_name={name or 'copy'}"
        self.cluster.run(
            *("pg_basebackup", "-d", target, "-D", str(self.cluster.data)),
            *("--checkpoint=fast", "--no-sync"),
            *(["--write-recovery-conf"] if name else []),
        )

    def start(self, settings: Mapping[str, str] | None = None) -> Process:
        self.cluster.settings |= settings or {}
        return self.cluster.start()


class Trio:
    """A master with a replica of Valkey, and three Sentinels that watch them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: dict[str, Process] = {}
        self.master, self.replica, *self.sentinels = (free_port() for _ in range(5))

    def start(self) -> None:
        self.start_server("valkey-1", self.master)
        self.wait(lambda: redis.Redis(port=self.master).ping())
        of_master = ("--replicaof", "127.0.0.1", str(self.master))
        self.start_server("valkey-2", self.replica, *of_master)
        self.wait(self.has_replica)
        for number, port in enumerate(self.sentinels, 1):
            path = self.folder / f"{port}.conf"
            values = {"port": port, "folder": self.folder, "master": self.master}
            path.write_text(SENTINEL.format(**values))
            self.start_program(f"sentinel-{number}", str(path), "--sentinel")
        self.wait(lambda: all(map(self.knows_all, self.sentinels)))

    def start_server(self, name: str, port: int, *words: str) -> None:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        where = ("--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder))
        quick = ("--save", "", "--repl-diskless-sync-delay", "0")
        self.start_program(name, *where, *quick, *words)

    def start_program(self, name: str, *words: str) -> None:
        command = [str(next(VENV.glob(VALKEY))), *words]
        log = self.folder / f"{name}.log"
        prefix = dying_with_us("KILL")
        self.processes[name] = spawn(prefix, *command, log=log, cwd=self.folder)

    def has_replica(self) -> bool:
        with redis.Redis(port=self.master) as link:
            found = link.info("replication")
        return bool(found.get("slave0", {}).get("state") == "online")

    def knows_all(self, port: int) -> bool:
        with redis.Redis(port=port) as link:
            found = link.sentinel_master("opus")
        return (found["num-other-sentinels"], found["num-slaves"]) == (2, 1)

    def named_master(self) -> int:
        """Return the port of the server that the Sentinels name."""
        with redis.Redis(port=self.sentinels[0]) as link:
            return int(link.sentinel_get_master_addr_by_name("opus")[1])

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.sentinels)
        return f"sentinel://{hosts}/0?master=opus"

    def wait(self, is_so: Callable[[], object], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(redis.RedisError):
                if is_so():
                    return
            time.sleep(0.1)
        raise Failed("Valkey and its Sentinels do not agree: read their logs.")
