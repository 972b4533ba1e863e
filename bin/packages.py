import os
import shutil
import sys
from ctypes.util import find_library
from pathlib import Path

from common import PYTHON, ROOT, STATE, VENV, Failed, locked, say, step
from processes import Process, dying_with_us, end, finish, spawn

REQUIREMENTS = ROOT / "requirements"
RUN = ("run", "embedded")
# Its lock contains the other two in full: a test compares them.
DEV = ("dev",)
DEBIAN_PANGO = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
OPTIONS = ("install", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:")
# Python compiles only the modules that it imports.
PIP = ("-m", "pip", "--disable-pip-version-check", *OPTIONS, "--no-compile")
UV = ("-m", "uv", "--system-certs", "pip", *OPTIONS)
# A start loads these after Django: the other core compiles them while Django loads.
LATE = ("cryptography", "icalendar", "odfdo", "psycopg", "redis", "xlsxwriter")


def install(names: tuple[str, ...]) -> Process | None:
    """Install what is missing; return the process that then compiles some of it."""
    locks = [REQUIREMENTS / f"{name}.lock" for name in names]
    with locked(STATE / "packages.lock"):
        # .venv has a copy of each lock that is installed.
        stamps = [VENV / lock.name for lock in locks if (VENV / lock.name).exists()]
        if list(map(Path.read_text, stamps)) == list(map(Path.read_text, locks)):
            return None
        compiler = compiling(("accounts", "demo", "offers", "opus", "referrals"), ROOT)
        try:
            if not is_whole():
                with step("Making .venv (first start only)"):
                    run(sys.executable, "-m", "venv", "--clear", VENV)
            with step("Installing the Python packages (first start only)"):
                run(PYTHON, *PIP, f"--requirement={REQUIREMENTS}/installer.lock")
                wanted = [f"--requirement={lock}" for lock in locks]
                # A mirror may stand in pip's own settings alone, which uv ignores.
                if finish(PYTHON, *UV, *wanted)[0]:
                    run(PYTHON, *PIP, *wanted)
        except KeyboardInterrupt:  # A half-installed package looks installed.
            shutil.rmtree(VENV, ignore_errors=True)
            raise
        finally:
            end(compiler, patience=10)
        for lock in REQUIREMENTS.glob("*.lock") if names == DEV else locks:
            shutil.copy(lock, VENV)
    return compiling(LATE, next(VENV.glob("lib/python3*/site-packages")))


def compiling(names: tuple[str, ...], folder: Path) -> Process:
    command = (sys.executable, "-m", "compileall", "-qq", *names)
    return spawn(dying_with_us("INT"), *command, log=Path(os.devnull), cwd=folder)


def is_whole() -> bool:
    """Return whether an installation in .venv came to its end."""
    is_there = any(VENV.glob("*.lock")) and Path(PYTHON).exists()
    return is_there and not finish(PYTHON, "-m", "pip", "--version")[0]


def run(*command: str | Path) -> None:
    code, output = finish(*command)
    if code:
        raise Failed(f"{output.strip()}\n\n.venv is not ready: see above, try again.")


def require_pango() -> None:
    """Install Pango, or explain how; only documents need it."""
    if find_library("pangoft2-1.0"):
        return
    install = ("install", "--no-install-recommends", *DEBIAN_PANGO)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        with step("Installing Pango with apt-get"):
            for words in (("update",), install):
                finish("apt-get", "-qq", "-y", *words)
    if not find_library("pangoft2-1.0"):
        say(
            "  Pango is missing, so no PDF can be made. On Debian, type:"
            f" sudo apt-get install {' '.join(DEBIAN_PANGO)}"
        )
