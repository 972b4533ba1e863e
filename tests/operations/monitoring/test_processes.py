"""S41, R15: real processes write JSON, add up figures, send errors without words."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import brotli
import pytest
from django.conf import settings
from django.db import connection
from prometheus_client.parser import text_string_to_metric_families
from stack import free_port

from opus.celery import app
from opus.lib import logs
from opus.operations.tasks import check_jobs
from tests.conftest import wait_until
from tests.offers.feed.test_gunicorn import is_open

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]
CANARY = "canari-5540"
TOKEN = "jeton-d-essai-0123456789-abcdefgh"
# Celery's worker writes it by itself as it stops.
LAST_WORDS = "worker: Warm shutdown (MainProcess)"
NUMBER = "0123456789abcdef0123456789abcdef"


@contextmanager
def process(log: Path, *words: str, **variables: str) -> Iterator[None]:
    base = os.environ["DATABASE_URL"].rpartition("/")[0]
    database = f"{base}/{connection.settings_dict['NAME']}"
    # Tests may run as root, against which Celery warns before its logs begin.
    quiet = {"PYTHONWARNINGS": "ignore:You're running the worker"}
    aside = log.with_suffix(".out")
    with log.open("wb") as errors, aside.open("wb") as output:
        started = subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=settings.BASE_DIR,
            env=os.environ
            | quiet
            | {"OPUS_DEMO": "1", "DATABASE_URL": database}
            | variables,
            stdout=output,
            stderr=errors,
        )
        try:
            yield
        finally:
            started.terminate()
            started.wait(timeout=60)


def lines(log: Path) -> list[dict[str, Any]]:
    """All lines, each of which must be JSON; standard output has none."""
    assert log.with_suffix(".out").read_text().strip() in {"", LAST_WORDS}
    found = [json.loads(line) for line in log.read_text().splitlines()]
    assert all(
        {"at", "level", "logger", "message", "pid"} <= one.keys() for one in found
    )
    return found


def requests_of(log: Path) -> list[dict[str, Any]]:
    return [one for one in lines(log) if one["logger"] == "opus.access"]


def get(port: int, path: str, **headers: str) -> tuple[int, bytes]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as link:
        link.request("GET", path, headers={"Host": "localhost", **headers})
        response = link.getresponse()
        return response.status, response.read()


def counted(port: int, view: str) -> float:
    status, text = get(port, "/metriques/", Authorization=f"Bearer {TOKEN}")
    assert status == 200
    return sum(
        sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
        if sample.name == "opus_http_requests_total" and sample.labels["view"] == view
    )


class Ingest:
    """A local server that receives events as Sentry does."""

    def __init__(self) -> None:
        received = self.received = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                received.append((dict(self.headers), self.rfile.read(length)))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.dsn = f"http://cle@127.0.0.1:{self.server.server_port}/1"

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(text.splitlines()[-1]) for text in self.texts()]

    def texts(self) -> list[bytes]:
        """Return what was sent, as it was before its compression."""
        encodings = {headers["Content-Encoding"] for headers, _ in self.received}
        assert encodings == {"br"}
        return [brotli.decompress(body) for _, body in self.received]


@pytest.fixture
def ingest() -> Iterator[Ingest]:
    ingest = Ingest()
    yield ingest
    ingest.server.shutdown()
    ingest.server.server_close()


GUNICORN = ("gunicorn", "--config", "opus/gunicorn.py", "opus.wsgi")
FEED = ("gunicorn", "--config", "opus/gunicorn_feed.py", "opus.wsgi")
CELERY = ("celery", "--app", "opus", "--quiet")


def test_two_processes_write_json_and_add_up_their_figures(tmp_path):
    """R15, S41."""
    site, figures, log = free_port(), free_port(), tmp_path / "web.log"
    variables = {
        "OPUS_BIND": f"127.0.0.1:{site}",
        "OPUS_METRICS_BIND": f"127.0.0.1:{figures}",
        "OPUS_METRICS_TOKEN": TOKEN,
        "OPUS_TRUSTED_PROXIES": "1",
        "DJANGO_SETTINGS_MODULE": "tests.opus.web_settings",
        "TMPDIR": str(tmp_path),
    }
    sent = 0
    with process(log, *GUNICORN, **variables):
        wait_until(lambda: is_open(site) and is_open(figures), seconds=60)

        def both_answered() -> bool:
            nonlocal sent
            for _ in range(8):
                get(site, "/livez", **{"X-Request-ID": NUMBER})
                sent += 1
            return len({one["pid"] for one in requests_of(log)}) == 2

        wait_until(both_answered, seconds=60)
        assert [counted(figures, "livez") for _ in range(6)] == [sent] * 6
        get(site, f"/fiche/{CANARY}/?q={CANARY}")
        with socket.create_connection(("127.0.0.1", site), timeout=5) as link:
            link.sendall(f"GET /{CANARY} {CANARY}\r\n\r\n".encode())
            assert b" 400 " in link.recv(1000)
        assert get(figures, "/livez")[0] == 404
        assert get(figures, "/metriques/")[0] == 404
        assert len(list(tmp_path.glob("opus-metrics-*"))) == 1

    found = lines(log)
    assert {one["logger"] for one in found} == {"gunicorn.error", "opus.access"}
    assert [one for one in found if one["message"] == "Invalid request"]
    assert {one["request"] for one in found if one.get("route") == "livez"} >= {NUMBER}
    assert CANARY not in log.read_text()
    assert "127.0.0.1" not in "".join(map(str, requests_of(log)))
    assert list(tmp_path.glob("opus-metrics-*")) == []


def test_the_feeds_process_shows_its_own_requests(tmp_path):
    """R15."""
    site, figures, log = free_port(), free_port(), tmp_path / "feed.log"
    variables = {
        "OPUS_FEED_BIND": f"127.0.0.1:{site}",
        "OPUS_FEED_METRICS_BIND": f"127.0.0.1:{figures}",
        "OPUS_METRICS_TOKEN": TOKEN,
        "DJANGO_SETTINGS_MODULE": "tests.opus.web_settings",
    }
    with process(log, *FEED, **variables):
        wait_until(lambda: is_open(site) and is_open(figures), seconds=60)
        get(site, "/api/offres/evenements")

        assert counted(figures, "feed_events") == 1
        assert (
            b"opus_mute"
            not in get(figures, "/metriques/", Authorization=f"Bearer {TOKEN}")[1]
        )
    assert lines(log)


def test_an_error_reaches_sentry_without_a_word_of_it(tmp_path, ingest):
    """S41."""
    site, log = free_port(), tmp_path / "web.log"
    variables = {
        "OPUS_BIND": f"127.0.0.1:{site}",
        "OPUS_SENTRY_DSN": ingest.dsn,
        "DJANGO_SETTINGS_MODULE": "tests.opus.breaking_settings",
    }
    with process(log, *GUNICORN, **variables):
        wait_until(lambda: is_open(site), seconds=60)
        headers = {"Cookie": f"c={CANARY}", "Referer": f"http://localhost/{CANARY}"}
        status, _ = get(site, f"/casse/?q={CANARY}", **headers)
        assert status == 500
        wait_until(lambda: bool(ingest.received), seconds=20)

    [event] = ingest.events()
    assert event["transaction"] == "tests.opus.breaking_urls.broken"
    assert event["tags"]["request"] in log.read_text()
    [error] = event["exception"]["values"]
    assert error["type"] == "builtins.ValueError"
    assert error["stacktrace"]["frames"][-1]["function"] == "broken"
    assert {"type", "stacktrace"} == error.keys()
    assert not {"request", "user", "breadcrumbs", "extra", "modules"} & event.keys()
    [text] = ingest.texts()
    assert CANARY.encode() not in text
    assert b'"vars"' not in text
    for words in (b"/casse/", b"127.0.0.1"):
        assert words not in json.dumps(event).encode()


def test_worker_and_beat_write_json_with_the_request_of_each_task(tmp_path, broker):
    """R15, S41."""
    app.control.purge()
    worker, beat = tmp_path / "worker.log", tmp_path / "beat.log"
    options = ("--concurrency", "1", "--hostname", f"{tmp_path.name}@localhost")
    schedule = ("--schedule", str(tmp_path / "schedule"))
    logs.set_fields(request=NUMBER)
    check_jobs.delay()
    app.send_task(check_jobs.name, args=[CANARY])  # One argument too many.
    logs.set_fields()
    with process(worker, *CELERY, "worker", *options, REDIS_URL=broker):
        wait_until(lambda: worker.read_text().count("check_jobs[") == 2, seconds=100)
    with process(beat, *CELERY, "beat", *schedule, REDIS_URL=broker):
        wait_until(lambda: "Sending due task" in beat.read_text(), seconds=60)
        # Celery's beat ended while it sends finds its shelf closed, and breaks.
        time.sleep(1)
    app.control.purge()

    good, bad = [one for one in lines(worker) if "check_jobs[" in one["message"]]
    assert "succeeded" in good["message"]
    assert "raised unexpected" in bad["message"]
    assert "builtins.TypeError" in bad["trace"]
    for one in (good, bad):
        assert one["request"] == NUMBER
        assert one["task"] == check_jobs.name
    assert CANARY not in worker.read_text()
    assert lines(beat)
