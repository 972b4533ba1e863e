"""The virtual environment, its packages and the one system library that they need."""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

from common import PYTHON, ROOT, STATE, VENV, Failed, locked, say, step

REQUIREMENTS = ROOT / "requirements"
RUN = ("run", "embedded")
# Its lock holds the other two whole: a test compares them.
DEV = ("dev",)
DEBIAN_PANGO = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")


def install(names: tuple[str, ...]) -> None:
    """Install these locks in .venv, unless it has just that."""
    locks = [REQUIREMENTS / f"{name}.lock" for name in names]
    with locked(STATE / "packages.lock"):
        # A copy of each lock that is installed stands in .venv.
        stamps = [VENV / lock.name for lock in locks]
        wanted = [lock.read_text() for lock in locks]
        if [stamp.read_text() for stamp in stamps if stamp.exists()] == wanted:
            return
        make_virtual_environment()
        with step("Installing the Python packages (first start only)"):
            pip_install(*map(str, locks))
        for lock in REQUIREMENTS.glob("*.lock") if names == DEV else locks:
            shutil.copy(lock, VENV)


def make_virtual_environment() -> None:
    """Make .venv, again if what is there does not work."""
    if Path(PYTHON).exists() and not pip("--version").returncode:
        return
    with step("Making .venv (first start only)"):
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)


def pip_install(*locks: str) -> None:
    """Install locks.

    Raises:
        Failed: pip's own words say why.
    """
    files = [word for lock in locks for word in ("--requirement", lock)]
    result = pip(
        *("install", "--quiet", "--require-hashes", "--only-binary=:all:"),
        # Python compiles what it imports: that is less than all.
        *("--no-deps", "--no-compile", "--disable-pip-version-check", *files),
    )
    if result.returncode:
        raise Failed(
            f"{result.stderr.strip()}\n\n"
            "pip could not install the packages: see above, then try again."
        )


def pip(*words: str) -> subprocess.CompletedProcess[str]:
    """Run pip in .venv."""
    command = [PYTHON, "-m", "pip", *words]
    return subprocess.run(command, capture_output=True, text=True)


def require_pango() -> None:
    """Install Pango if root may, else say how. Only documents need it."""
    if has_pango():
        return
    install = ("install", "--no-install-recommends", *DEBIAN_PANGO)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        with step("Installing Pango with apt-get"):
            for words in (("update",), install):
                subprocess.run(["apt-get", "-qq", "-y", *words], capture_output=True)
    if not has_pango():
        say(
            "  Pango is missing, so no PDF can be made. On Debian, type:"
            f" sudo apt-get install {' '.join(DEBIAN_PANGO)}"
        )


def has_pango() -> bool:
    """Return whether the library is there."""
    try:
        ctypes.CDLL("libpangoft2-1.0.so.0")
    except OSError:
        return False
    return True
