import os
import shutil
import subprocess
import sys
from ctypes.util import find_library
from pathlib import Path

from common import PYTHON, ROOT, STATE, VENV, Failed, locked, say, step

REQUIREMENTS = ROOT / "requirements"
RUN = ("run", "embedded")
# Its lock contains the other two in full: a test compares them.
DEV = ("dev",)
DEBIAN_PANGO = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")


def install(names: tuple[str, ...]) -> None:
    locks = [REQUIREMENTS / f"{name}.lock" for name in names]
    with locked(STATE / "packages.lock"):
        # .venv has a copy of each lock that is installed.
        stamps = [VENV / lock.name for lock in locks if (VENV / lock.name).exists()]
        if list(map(Path.read_text, stamps)) == list(map(Path.read_text, locks)):
            return
        make_virtual_environment()
        with step("Installing the Python packages (first start only)"):
            pip_install(locks)
        for lock in REQUIREMENTS.glob("*.lock") if names == DEV else locks:
            shutil.copy(lock, VENV)


def make_virtual_environment() -> None:
    if not Path(PYTHON).exists() or pip("--version").returncode:
        with step("Making .venv (first start only)"):
            subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)


def pip_install(locks: list[Path]) -> None:
    result = pip(
        *("install", "--quiet", "--require-hashes", "--only-binary=:all:"),
        # Python compiles only the modules that it imports.
        *("--no-deps", "--no-compile", "--disable-pip-version-check"),
        *(f"--requirement={lock}" for lock in locks),
    )
    if result.returncode:
        raise Failed(
            f"{result.stderr.strip()}\n\n"
            "pip could not install the packages: see above, then try again."
        )


def pip(*words: str) -> subprocess.CompletedProcess[str]:
    command = [PYTHON, "-m", "pip", *words]
    return subprocess.run(command, capture_output=True, text=True)


def require_pango() -> None:
    """Install Pango, or explain how; only documents need it."""
    if find_library("pangoft2-1.0"):
        return
    install = ("install", "--no-install-recommends", *DEBIAN_PANGO)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        with step("Installing Pango with apt-get"):
            for words in (("update",), install):
                subprocess.run(["apt-get", "-qq", "-y", *words], capture_output=True)
    if not find_library("pangoft2-1.0"):
        say(
            "  Pango is missing, so no PDF can be made. On Debian, type:"
            f" sudo apt-get install {' '.join(DEBIAN_PANGO)}"
        )
