"""The compose file, as far as it can be judged without Docker."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from opus import gunicorn
from opus.celery import app
from tests.operations.deployment.production import ROOT, make_secrets

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
