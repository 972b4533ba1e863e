"""The units of systemd: what they start, with which rights, for how long."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from opus import gunicorn
from tests.operations.deployment.production import OPERATIONS
from tests.operations.deployment.test_compose import (
    PROCESSES,
    SERVICES,
    longest_task,
    seconds,
)

UNITS = OPERATIONS / "systemd"
COMMON = UNITS / "opus-.service.d" / "common.conf"
NAMES = sorted(path.name for path in UNITS.glob("*.service"))
BIN = "/srv/opus/.venv/bin/"

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


def values(path: Path, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", path.read_text(), re.MULTILINE)


def value(name: str, key: str) -> str:
    [found] = values(UNITS / f"opus-{name}.service", key)
    return found


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, with programs that exist on this machine."""
    shutil.copytree(UNITS, tmp_path, dirs_exist_ok=True)
    for path in tmp_path.glob("*.service"):
        path.write_text(re.sub(rf"{BIN}\w+", "/bin/true", path.read_text()))
    return tmp_path


def analyze(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *words],
        cwd=folder,
        env={"SYSTEMD_UNIT_PATH": f"{folder}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@needs_systemd
@pytest.mark.parametrize("name", NAMES)
def test_systemd_understands_every_line(units, name):
    done = analyze(units, "verify", "--man=no", f"./{name}")

    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("name", NAMES)
def test_a_unit_may_do_little_besides_its_work(units, name):
    """systemd's own mark: 10 is a service that may do anything, below 2 is rare."""
    words = ["security", "--offline=true", "--threshold=20", f"./{name}"]

    done = analyze(units, *words)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", PROCESSES)
def test_a_unit_starts_what_the_compose_file_starts(name):
    default = "gunicorn --config opus/gunicorn.py opus.wsgi"
    command = SERVICES[name].get("command", default)

    assert value(name, "ExecStart") == BIN + command
    assert value(name, "Restart") == "always"
    assert value(name, "WantedBy") == "multi-user.target"


def test_the_migration_runs_by_hand_and_alone_knows_the_owner():
    starts = values(UNITS / "opus-migrate.service", "ExecStart")
    commands = " && ".join(start.removeprefix(BIN) for start in starts)

    assert f'sh -c "{commands}"' == SERVICES["migrate"]["command"]
    assert "[Install]" not in (UNITS / "opus-migrate.service").read_text()
    with_it = [
        path.name
        for path in UNITS.rglob("*")
        if path.is_file() and "migrate_url" in path.read_text()
    ]
    assert with_it == ["opus-migrate.service"]


def test_each_secret_is_lent_by_systemd():
    """S42: the same as in the compose file, none of them in the environment."""
    lent = dict(each.split(":") for each in values(COMMON, "LoadCredential"))
    given = dict(each.split("=") for each in values(COMMON, "Environment"))
    files = {key: path for key, path in given.items() if key.endswith("_FILE")}

    assert lent == {name: f"/etc/opus/secrets/{name}" for name in lent}
    assert files == {f"{name.upper()}_FILE": f"%d/{name}" for name in lent}
    assert list(lent) == SERVICES["web"]["secrets"]


@pytest.mark.django_db
def test_a_unit_has_the_time_to_end():
    """R7."""
    assert int(value("worker", "TimeoutStopSec")) > longest_task()
    for name in ("web", "feed"):
        assert int(value(name, "TimeoutStopSec")) > gunicorn.graceful_timeout
    for name in PROCESSES:
        period = SERVICES[name]["stop_grace_period"]
        assert int(value(name, "TimeoutStopSec")) == seconds(period)


@pytest.mark.parametrize("name", PROCESSES)
def test_a_unit_has_the_memory_of_its_container(name):
    """S31."""
    assert value(name, "MemoryMax").lower() == SERVICES[name]["mem_limit"]
