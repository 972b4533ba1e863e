"""The compose file and the units of systemd, as far as one judges without either."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from opus import gunicorn
from opus.celery import app
from tests.operations.deployment.production import OPERATIONS, ROOT, make_secrets

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OF_OPUS = ["migrate", "web", "feed", "worker", "beat"]
PROCESSES = ["web", "feed", "worker", "beat"]
MEGABYTES = {"m": 1, "g": 1024}


def seconds(duration: str) -> int:
    assert duration.endswith("s")
    return int(duration.removesuffix("s"))


def longest_task() -> int:
    """The hard limit of the task that may last longest, in seconds."""
    app.loader.import_default_modules()
    limits = [task.time_limit or settings.CELERY_TASK_TIME_LIMIT for task in tasks()]
    return int(max(limits))


def tasks() -> list[Any]:
    return [task for name, task in app.tasks.items() if not name.startswith("celery.")]


def test_every_secret_comes_from_a_file(tmp_path):
    """S42: no value of a secret stands in `.env`."""
    readers = r'env_(?:secret|mailer|webhook_secrets)\(\s*"([A-Z_]+)"'
    wanted = set(re.findall(readers, (ROOT / "opus" / "settings.py").read_text()))
    made = {path.name for path in make_secrets(tmp_path).iterdir()}

    for name in OF_OPUS:
        given = SERVICES[name]["environment"]
        files = {key: path for key, path in given.items() if key.endswith("_FILE")}
        assert not wanted & set(given)
        assert {key.removesuffix("_FILE") for key in files} >= wanted - {
            "OPUS_MIGRATE_URL"
        }
        assert {Path(path).name for path in files.values()} == set(
            SERVICES[name]["secrets"]
        )
        assert all(path.startswith("/run/secrets/") for path in files.values())
    used = {each for part in SERVICES.values() for each in part.get("secrets", [])}
    assert used == set(COMPOSE["secrets"]) <= made
    for name, secret in COMPOSE["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}


def test_only_the_migration_knows_the_owner_of_the_tables():
    with_it = [
        name for name, part in SERVICES.items() if "opus_migrate_url" in str(part)
    ]

    assert with_it == ["migrate"]


def test_the_folder_of_secrets_enters_neither_git_nor_the_image():
    assert "secrets" in (ROOT / ".dockerignore").read_text().splitlines()
    done = subprocess.run(
        ["git", "check-ignore", "--quiet", "secrets/opus_secret_key"],
        cwd=ROOT,
        check=False,
    )

    assert done.returncode == 0


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_writes_nothing_and_has_no_privilege(name):
    part = SERVICES[name]

    assert part["read_only"] is True
    assert part["cap_drop"] == ["ALL"]
    assert part["security_opt"] == ["no-new-privileges:true"]
    assert bool(part.get("cap_add")) == (name == "postgres")
    assert part["tmpfs"]


@pytest.mark.parametrize("name", set(SERVICES) - {"migrate"})
def test_a_container_has_a_health_check(name):
    check = SERVICES[name]["healthcheck"]

    assert check["test"]
    if port := {"web": 8000, "feed": 8001}.get(name):
        assert f"http://127.0.0.1:{port}/livez" in check["test"][-1]
        assert SERVICES[name]["ports"][0].endswith(f":{port}")


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_starts_after_the_migration_and_healthy_servers(name):
    assert SERVICES[name]["depends_on"] == {
        "postgres": {"condition": "service_healthy"},
        "valkey": {"condition": "service_healthy"},
        "migrate": {"condition": "service_completed_successfully"},
    }


@pytest.mark.django_db
def test_a_process_has_the_time_to_end():
    """R7: longer than the longest task, or the longest page."""
    assert seconds(SERVICES["worker"]["stop_grace_period"]) > longest_task() >= 85
    for name in ("web", "feed"):
        assert seconds(SERVICES[name]["stop_grace_period"]) > gunicorn.graceful_timeout


def test_the_memory_of_each_process_is_limited():
    """S31: the worker's holds two printers at their own limit."""
    limits = {name: SERVICES[name]["mem_limit"] for name in PROCESSES}
    megabytes = {
        name: int(text[:-1]) * MEGABYTES[text[-1]] for name, text in limits.items()
    }

    [children] = re.findall(r"--concurrency (\d+)", SERVICES["worker"]["command"])
    printers = int(children) * settings.WORKER_DATA_BYTES / 2**20
    assert megabytes["worker"] >= printers + 256
    assert sum(megabytes.values()) <= 6 * 1024


def test_the_files_that_the_servers_read_exist():
    volumes = [each for part in SERVICES.values() for each in part.get("volumes", [])]
    files = [ROOT / each.split(":")[0] for each in volumes if each.startswith("./")]

    assert len(files) == 3
    assert all(path.is_file() for path in files)
    # The image runs a script that it may execute, and reads another into its own shell.
    [script] = [path for path in files if path.suffix == ".sh"]
    assert os.access(script, os.X_OK)
    mounted = [each.split(":")[1] for each in volumes if each.startswith("./")]
    assert [path for path in mounted if path.endswith(".sql")] == re.findall(
        r"--file (\S+)", script.read_text()
    )
    named = set(re.findall(r"/run/secrets/(\w+)", script.read_text()))
    assert named <= set(SERVICES["postgres"]["secrets"])


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
