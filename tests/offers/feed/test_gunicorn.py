"""The feed behind the real web server: what a client of Django's cannot send."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.db import connection

from offers.catalogue.models import Offer
from opus.lib.audit.models import AuditEntry
from tests.conftest import wait_until
from tests.offers.helpers.feed import (
    BATCH,
    SECRET,
    URL,
    body_of,
    content,
    event,
    signed,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Gunicorn on the database of this test."""
    base = os.environ["DATABASE_URL"].rpartition("/")[0]
    with gunicorn(tmp_path, f"{base}/{connection.settings_dict['NAME']}") as number:
        yield number


@pytest.fixture
def feed_socket(tmp_path: Path) -> Iterator[Path]:
    """The feed's own process, on a socket of the file system."""
    base = os.environ["DATABASE_URL"].rpartition("/")[0]
    database = f"{base}/{connection.settings_dict['NAME']}"
    path = tmp_path / "feed.sock"
    others = {"OPUS_FEED_BIND": f"unix:{path}"}
    with web_server("gunicorn_feed.py", tmp_path, database, **others):
        wait_until(path.is_socket)
        yield path


@contextmanager
def gunicorn(folder: Path, database: str, **others: str) -> Iterator[int]:
    """The real web server, as in production, and its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    others = {"OPUS_BIND": f"127.0.0.1:{number}", **others}
    with web_server("gunicorn.py", folder, database, **others):
        wait_until(lambda: is_open(number))
        yield number


@contextmanager
def web_server(
    config: str, folder: Path, database: str, **others: str
) -> Iterator[int]:
    """The number of a gunicorn with one process, on this database, until the end."""
    log = (folder / "web.log").open("wb")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "--config", f"opus/{config}"),
            *("--workers", "1", "opus.wsgi"),
        ],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "OPUS_DEMO": "1",
            "OPUS_FEED_SECRETS": SECRET,
            "DATABASE_URL": database,
            "DJANGO_SETTINGS_MODULE": "tests.opus.web_settings",
            **others,
        },
        stdout=log,
        stderr=log,
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=60)
        log.close()


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def lines(tmp_path: Path) -> list[str]:
    """What the server told of the feed, and of anything that broke."""
    told = (tmp_path / "web.log").read_text().splitlines()
    entries = [json.loads(line) for line in told if line.startswith("{")]
    return [
        entry["message"]
        for entry in entries
        if entry["message"].startswith("Feed:") or entry["level"] == "ERROR"
    ]


def send(port: int, body: bytes, *, in_chunks: bool = False) -> tuple[int, Any]:
    """(status, JSON) of a signed delivery."""
    link = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Host": "localhost", "Content-Type": BATCH, **signed(body)}
    pieces = (body[start : start + 65_536] for start in range(0, len(body), 65_536))
    try:
        link.request(
            *("POST", URL),
            body=pieces if in_chunks else body,
            headers=headers,
            encode_chunked=in_chunks,
        )
        response = link.getresponse()
        return response.status, json.loads(response.read())
    finally:
        link.close()


def say(port: int, text: str) -> bytes:
    """The status line that answers to bytes of our own making."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
        head = f"POST {URL} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {BATCH}\r\n"
        link.sendall((head + text).encode())
        link.shutdown(socket.SHUT_WR)
        return link.recv(1_000).split(b"\r\n")[0]


@pytest.mark.thorough
def test_bodies_of_every_size_and_shape_have_their_answer(port, tmp_path):
    """S36: the stream goes on, whatever was thrown at it."""
    huge = body_of([event("creee", data=content(description="x" * 6_000_000))])
    fine = body_of([event("creee")])
    answers = [
        send(port, huge)[0],
        send(port, huge, in_chunks=True)[0],
        send(port, b"x" * 40_000_000)[0],
        say(port, "Content-Length: 1000\r\n\r\n[{"),
        say(port, "Transfer-Encoding: chunked\r\n\r\nZZ\r\n"),
        send(port, fine, in_chunks=True),
        send(port, body_of([event("annulee", sequence=2)])),
    ]

    figures = {"recus": 1, "appliques": 1, "ignores": 0, "rejetes": []}
    assert answers == [
        *(413, 413, 413),
        b"HTTP/1.1 401 Unauthorized",
        b"HTTP/1.1 400 Bad Request",
        (200, figures),
        (200, figures),
    ]
    assert Offer.objects.get().state == "annulee"
    assert lines(tmp_path) == [
        "Feed: 413, 5 Mo au plus par lot.",
        "Feed: 413, 5 Mo au plus par lot.",
        "Feed: 413, 5 Mo au plus par lot.",
        "Feed: 401, Signature absente, fausse ou trop ancienne.",
        "Feed: 400, Le corps n’est pas arrivé jusqu’au bout.",
    ]


@pytest.mark.thorough
def test_a_connection_found_dead_is_replaced_and_the_batch_applied(port):
    """R13."""
    created, cancelled = event("creee"), event("annulee", sequence=2)
    first = send(port, body_of([created]))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM ("
            " SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND usename = current_user"
            ") ended"
        )
        [ended] = cursor.fetchone()

    second = send(port, body_of([cancelled]))

    assert ended > 0
    assert (first[0], second[0]) == (200, 200)
    assert Offer.objects.get().state == "annulee"


class SocketConnection(HTTPConnection):
    """HTTP to a socket of the file system, as nginx speaks it."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))


def test_the_feed_has_a_process_of_its_own(feed_socket):
    """P3: no page is made there, where no proxy sends any."""

    def post(body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
        link = SocketConnection(feed_socket)
        link.request("POST", URL, body, {"Content-Type": BATCH, **headers})
        response = link.getresponse()
        try:
            return response.status, json.loads(response.read())
        finally:
            link.close()

    created, cancelled = (
        body_of([event("creee")]),
        body_of([event("annulee", sequence=2)]),
    )

    answers = [
        post(created, signed(created)),
        post(cancelled, {}),
        post(cancelled, signed(cancelled)),
    ]

    figures = {"recus": 1, "appliques": 1, "ignores": 0, "rejetes": []}
    assert [status for status, _ in answers] == [200, 401, 200]
    assert answers[0][1] == answers[2][1] == figures
    assert Offer.objects.get().state == "annulee"
    assert AuditEntry.objects.filter(action="feed_forged").count() == 1


def test_the_proxy_sends_the_events_to_that_process():
    site = (settings.BASE_DIR / "docs" / "operations" / "nginx.conf").read_text()
    [(path, address)] = re.findall(
        r"location = (/api/\S+) {\s+proxy_pass http://127.0.0.1:(\d+);", site
    )
    services = yaml.safe_load((settings.BASE_DIR / "docker-compose.yml").read_text())[
        "services"
    ]

    assert path == URL
    assert services["feed"]["ports"] == [
        f"127.0.0.1:${{OPUS_FEED_PORT:-{address}}}:{address}"
    ]
    assert services["feed"]["environment"]["OPUS_FEED_BIND"].endswith(f":{address}")


def priority(server: int) -> int:
    """The niceness of its process, once it has forked."""
    children = Path(f"/proc/{server}/task/{server}/children")
    wait_until(lambda: bool(children.read_text()))
    return os.getpriority(os.PRIO_PROCESS, int(children.read_text().split()[0]))


@pytest.mark.thorough
def test_the_processor_serves_events_before_pages(tmp_path):
    """P3: pages give up their priority, the feed's process keeps its own."""
    base = os.environ["DATABASE_URL"].rpartition("/")[0]
    database = f"{base}/{connection.settings_dict['NAME']}"
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    with socket.create_server(("127.0.0.1", 0)) as free:
        bind = {"OPUS_BIND": f"127.0.0.1:{free.getsockname()[1]}"}
    with web_server("gunicorn.py", tmp_path, database, **bind) as pages:
        wait_until(lambda: priority(pages) == ours + 10)
    bind = {"OPUS_FEED_BIND": f"unix:{tmp_path}/feed.sock"}
    with web_server("gunicorn_feed.py", tmp_path, database, **bind) as feed:
        wait_until((tmp_path / "feed.sock").is_socket)
        wait_until(lambda: priority(feed) == ours)
