"""Secrets come from files, drawn by one script (S42)."""

import socket
import subprocess
from pathlib import Path

import pytest
import redis
import servers
from django.core.exceptions import ImproperlyConfigured

from opus.env import env_secret
from tests.conftest import wait_until
from tests.operations.deployment.production import (
    OPERATIONS,
    environment,
    make_secrets,
    python,
)

SMTP = "smtps://opus:secret@mail.example.fr:465"
SHOW = """
from django.conf import settings as s
base, mail = s.DATABASES["default"], s.MAILERS["default"]["OPTIONS"]
print(base["USER"], base["HOST"], base["PASSWORD"], s.REDIS_URL, mail["host"],
      len(s.SECRET_KEY) >= 50, sep="|")
from cryptography.fernet import Fernet
[Fernet(key) for key in s.OTP_KEYS]
"""
HSTS = """
from django.conf import settings as s
print(s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_HSTS_PRELOAD)
"""


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    folder = make_secrets(tmp_path / "secrets", "base.example.fr", "valkey.example.fr")
    (folder / "opus_smtp").write_text(SMTP)
    return folder


def test_opus_starts_with_secrets_in_files_alone(secrets):
    """S42: the addresses of both servers, with their passwords, included."""
    done = python(SHOW, environment(secrets))

    assert done.returncode == 0, done.stderr
    user, host, password, broker, mail, is_long = done.stdout.strip().split("|")
    assert (user, host, mail) == ("opus", "base.example.fr", "mail.example.fr")
    assert password == (secrets / "opus_app_password").read_text().strip()
    word = (secrets / "valkey_password").read_text().strip()
    assert broker == f"redis://:{word}@valkey.example.fr/0"
    assert is_long == "True"


def test_the_script_keeps_what_exists_and_shuts_the_folder(secrets):
    before = {path.name: path.read_text() for path in secrets.iterdir()}

    make_secrets(secrets)

    assert {path.name: path.read_text() for path in secrets.iterdir()} == before
    assert secrets.stat().st_mode & 0o777 == 0o700
    drawn = [before[name] for name in before if name.endswith("password")]
    assert len(set(drawn)) == len(drawn) == 4
    assert all(len(text.strip()) >= 32 and text.strip().isalnum() for text in drawn)


def test_the_script_says_how_it_is_called():
    done = subprocess.run(
        ["sh", OPERATIONS / "make_secrets.sh"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("usage: make_secrets.sh FOLDER")


def test_a_secret_given_twice_is_refused(monkeypatch, tmp_path):
    """One of the two would be ignored, and it might be the right one."""
    (tmp_path / "key").write_text("from the file")
    monkeypatch.setenv("OPUS_TRIAL_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("OPUS_TRIAL", "from the variable")

    with pytest.raises(ImproperlyConfigured, match="OPUS_TRIAL_FILE are both set"):
        env_secret("OPUS_TRIAL")


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["missing", "odd"])
def test_a_file_that_cannot_be_read_is_named(monkeypatch, tmp_path, content):
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("OPUS_TRIAL_FILE", str(path))

    with pytest.raises(ImproperlyConfigured, match=r"OPUS_TRIAL_FILE='.*key' cannot"):
        env_secret("OPUS_TRIAL")


def test_valkey_wants_the_password_that_opus_has(secrets, tmp_path):
    """S34: with the very file that compose gives it."""
    program = next(servers.VENV.glob(servers.VALKEY), None)
    if program is None:
        pytest.skip("no embedded Valkey in .venv")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    process = subprocess.Popen(
        [program, secrets / "valkey.conf", *options],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
    )
    address = (secrets / "redis_url").read_text().strip()
    try:
        client = redis.Redis.from_url(
            address.replace("@valkey.example.fr/", f"@127.0.0.1:{port}/")
        )
        wait_until(lambda: answers(client))
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=port).ping()
        client.close()
    finally:
        process.terminate()
        process.wait(timeout=60)


def answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@pytest.mark.parametrize(
    ("told", "header"),
    [
        ({}, "True False"),
        ({"OPUS_HSTS_SUBDOMAINS": "0"}, "False False"),
        ({"OPUS_HSTS_PRELOAD": "1"}, "True True"),
    ],
)
def test_hsts_covers_what_the_operator_says(secrets, told, header):
    """S30: names below by default; the list of browsers never by itself."""
    done = python(HSTS, environment(secrets, **told))

    assert done.stdout.strip() == header


def test_a_listing_without_the_names_below_is_refused(secrets):
    told = {"OPUS_HSTS_SUBDOMAINS": "0", "OPUS_HSTS_PRELOAD": "1"}

    done = python(HSTS, environment(secrets, **told))

    assert done.returncode != 0
    assert "OPUS_HSTS_PRELOAD=1 needs OPUS_HSTS_SUBDOMAINS=1." in done.stderr
