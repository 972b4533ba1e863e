"""S42: the processes refuse to start in one sentence; an old PostgreSQL too.

So does a forgotten step of an installation, without which no page is served.
"""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from offers.reference.models import Commune, Rome
from opus import startup
from opus.celery import app
from opus.lib.database import roles
from opus.operations import views as probe
from opus.operations.views import readiness
from tests.citations import ROOT
from tests.conftest import wait_until
from tests.opus.page import Page
from tests.opus.production import environment
from tests.tables import as_owner

PROCESSES = {
    "web": ["-m", "gunicorn", "--config", "opus/gunicorn.py", "opus.wsgi"],
    "feed": ["-m", "gunicorn", "--config", "opus/gunicorn_feed.py", "opus.wsgi"],
    "worker": ["-m", "celery", "--app", "opus", "worker", "--concurrency", "1"],
    "beat": ["-m", "celery", "--app", "opus", "beat", "--schedule", "{}/beat"],
    "check": ["manage.py", "check", "--deploy"],
    "migrate": ["manage.py", "migrate", "--plan"],
}
# They collected no static file, and would say so first.
UNCOLLECTED = {"DJANGO_SETTINGS_MODULE": "tests.opus.web_settings"}
SLOW = pytest.mark.thorough
VERSION = re.compile(rb"server_version\0\d+\.")


def command_of(name: str, folder: Path) -> list[str]:
    return [sys.executable, *(word.format(folder) for word in PROCESSES[name])]


def variables(folder: Path, **changes: str | None) -> dict[str, str]:
    binds = {"OPUS_BIND": f"unix:{folder}/web", "OPUS_FEED_BIND": f"unix:{folder}/feed"}
    # That of `migrate`; the others do not read it.
    owner = {"OPUS_MIGRATE_URL": os.environ["OPUS_MIGRATE_URL"]}
    return environment(**binds | owner | changes)


def started(
    name: str, folder: Path, **changes: str | None
) -> subprocess.CompletedProcess[str]:
    """Start a process, and wait for the end that it should soon come to."""
    return subprocess.run(
        command_of(name, folder),
        cwd=ROOT,
        env=variables(folder, **changes),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def old_postgres() -> Iterator[str]:
    """The address of a PostgreSQL that says it is 17: ours, behind a relay."""
    address = urlsplit(os.environ["DATABASE_URL"])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=relay, args=(listener, address), daemon=True).start()
        user = address.netloc.rpartition("@")[0]
        port = listener.getsockname()[1]
        yield (
            f"postgres://{user}@127.0.0.1:{port}{address.path}"
            "?sslmode=disable&gssencmode=disable"
        )


def relay(listener: socket.socket, address) -> None:
    with contextlib.suppress(OSError):  # The test is over.
        while True:
            client, _ = listener.accept()
            server = connect(address)
            for pair in ((client, server, False), (server, client, True)):
                threading.Thread(target=copy, args=pair, daemon=True).start()


def connect(address) -> socket.socket:
    host = unquote(address.netloc.rpartition("@")[2].partition(":")[0])
    if not host.startswith("/"):
        return socket.create_connection((host, address.port or 5432))
    server = socket.socket(socket.AF_UNIX)
    server.connect(f"{host}/.s.PGSQL.{address.port or 5432}")
    return server


def copy(source: socket.socket, target: socket.socket, is_answer: bool) -> None:
    with contextlib.suppress(OSError), source:
        while part := source.recv(65_536):
            aged = VERSION.sub(b"server_version\x0017.", part) if is_answer else part
            target.sendall(aged)
        target.shutdown(socket.SHUT_WR)


@pytest.mark.thorough
@pytest.mark.parametrize("name", PROCESSES)
@pytest.mark.parametrize(
    ("variable", "value"),
    [("OPUS_OTP_KEYS", "changeme"), ("OPUS_DPO", None), ("OPUS_WEB_THREADS", "0")],
)
def test_each_process_names_the_variable_and_ends(name, variable, value, tmp_path):
    done = started(name, tmp_path, **{variable: value})

    lines = (done.stdout + done.stderr).splitlines()
    assert done.returncode != 0
    assert len(lines) == 1
    assert variable in lines[0]


@pytest.mark.thorough
@pytest.mark.parametrize("name", PROCESSES)
def test_no_process_starts_on_an_old_postgresql(name, old_postgres, tmp_path):
    both = {"DATABASE_URL": old_postgres, "OPUS_MIGRATE_URL": old_postgres}
    done = started(name, tmp_path, **both, **UNCOLLECTED)

    output = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Traceback" not in output
    assert len(re.findall("DATABASE_URL leads to PostgreSQL 17", output)) == 1


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["web", "worker"])
def test_an_unknown_option_of_the_database_is_refused(name, tmp_path):
    url = os.environ["DATABASE_URL"] + "?sslmod=require"
    done = started(name, tmp_path, DATABASE_URL=url, **UNCOLLECTED)

    output = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Traceback" not in output
    assert "Opus does not start. DATABASE_URL has an option" in output


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["web", "feed", "worker", "beat"])
def test_without_an_answer_of_postgresql_each_process_starts(name, tmp_path, broker):
    """R13: it may come later; until then pages are 503."""
    # In another corner of Valkey this worker would take what other tests ask.
    app.control.purge()
    log = tmp_path / "log"
    url = "postgres://opus@127.0.0.1:1/opus"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command_of(name, tmp_path),
            cwd=ROOT,
            env=variables(tmp_path, DATABASE_URL=url, REDIS_URL=broker, **UNCOLLECTED),
            stdout=output,
            stderr=output,
        )
    try:
        told = "PostgreSQL does not answer (DATABASE_URL)"
        wait_until(lambda: told in log.read_text(), seconds=60)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=2)
    finally:
        process.terminate()
        process.wait(timeout=60)

    assert "Traceback" not in log.read_text()


@pytest.mark.django_db
def test_an_old_postgresql_is_no_deployment_and_not_ready(monkeypatch) -> None:
    """This one is new enough."""
    assert startup.postgres_problem() == ""
    monkeypatch.setattr(startup, "OLDEST_POSTGRES", 99)

    for words in (["--deploy"], ["--database", "default"]):
        with pytest.raises(CommandError, match="but Opus needs 99 or newer"):
            call_command("check", *words)
    assert readiness() == "down"


# --- A forgotten step -----------------------------------------------------------------


@pytest.mark.parametrize("name", ["web", "check", pytest.param("feed", marks=SLOW)])
@pytest.mark.parametrize("step", ["collectstatic", "migrate"])
def test_without_files_or_tables_it_does_not_start_and_says_which_step(
    name, step, tmp_path
):
    empty = os.environ["DATABASE_URL"].rpartition("/")[0] + "/postgres"
    changes = {
        "collectstatic": {"OPUS_STATIC_ROOT": str(tmp_path)},
        "migrate": {"DATABASE_URL": empty, **UNCOLLECTED},
    }
    done = started(name, tmp_path, **changes[step])

    output = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Traceback" not in output
    assert output.count(f"run manage.py {step}") == 1
    assert step == "migrate" or str(tmp_path) in output


@pytest.fixture
def collected(settings, monkeypatch, tmp_path) -> Path:
    """Where production's storage looks for static files: there is none."""
    files = {"staticfiles": {"BACKEND": "opus.lib.web.StaticFiles"}}
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | files
    monkeypatch.setattr(probe, "_prepared", False)
    return tmp_path


def write_manifest(folder: Path, *left_out: str) -> None:
    names = {path for one in get_finders() for path, _ in one.list([])} - {*left_out}
    paths = {name: name for name in names}
    manifest = {"version": "1.1", "paths": paths, "hash": ""}
    (folder / "staticfiles.json").write_text(json.dumps(manifest))


@pytest.mark.django_db
def test_without_static_files_it_is_not_ready_and_the_error_has_its_page(collected):
    """U13: the page that says so names none of the files that are missing."""
    client = Client(headers={"host": "localhost"}, raise_request_exception=False)

    answer = client.get("/connexion/")

    assert readiness() == "down"
    with pytest.raises(CommandError, match="run manage.py collectstatic"):
        call_command("check", "--deploy")
    page = Page.of(answer)
    assert answer.status_code == 500
    assert page.one("h1").words() == "Une erreur s’est produite"
    for link in page.all("link"):
        file = client.get(link["href"])
        file.close()
        assert file.status_code == 200


@pytest.mark.django_db
def test_static_files_of_the_release_before_are_not_enough(collected):
    write_manifest(collected, "css/base.css")
    assert readiness() == "down"
    assert "run manage.py collectstatic" in startup.files_problem()


@pytest.mark.django_db
def test_static_files_of_this_release_are_enough(collected):
    write_manifest(collected)
    assert (startup.files_problem(), readiness()) == ("", "ok")


@pytest.mark.django_db
def test_without_its_rights_on_a_table_it_is_not_ready(monkeypatch) -> None:
    """A restore without rights: each page that reads the table is refused."""
    monkeypatch.setattr(probe, "_prepared", False)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("REVOKE SELECT ON accounts_user FROM opus")

    assert readiness() == "down"
    with pytest.raises(CommandError, match="run manage.py migrate"):
        call_command("check", "--deploy")
    with as_owner():
        roles.grant()
    assert readiness() == "ok"


@pytest.mark.django_db
@pytest.mark.parametrize("table", [Commune, Rome])
def test_without_reference_data_it_is_no_deployment(table) -> None:
    """Pages are served, but no place or trade is found."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table._meta.db_table} CASCADE")

    with pytest.raises(CommandError, match="run manage.py load_reference"):
        call_command("check", "--deploy")
