"""The broker elsewhere: under TLS, or one that Sentinels name."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import processes
import pytest
from django.conf import settings
from django.db import connection

from referrals.documents.models import Document
from tests.conftest import wait_until
from tests.operations.deployment.certificates import make_certificate
from tests.referrals.factories import DocumentFactory
from tests.topology import Trio

VALKEY_SOCKET = urlsplit(os.environ.get("REDIS_URL", "")).path

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.worker,
    pytest.mark.timeout(300),
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not VALKEY_SOCKET, reason="it needs the embedded Valkey"),
]

# As a page wakes the worker: how long it took, in seconds.
WAKE = """
import os, django
django.setup()
from time import monotonic
from django.conf import settings
from opus.delays_and_limits import PATIENCE_OF_PAGES
settings.CELERY_BROKER_TRANSPORT_OPTIONS |= PATIENCE_OF_PAGES
import opus.celery
from opus.lib.background_files import make_waiting_files
from opus.lib import jobs
began = monotonic()
jobs.enqueue(make_waiting_files)
print(monotonic() - began)
"""


def wake(broker: str, **others: str) -> tuple[float, bool]:
    """The seconds that it took, and whether the broker got it."""
    environment = os.environ | {"REDIS_URL": broker, "OPUS_DEMO": "1"} | others
    done = subprocess.run(
        [sys.executable, "-c", WAKE],
        cwd=settings.BASE_DIR,
        env=environment | {"DJANGO_SETTINGS_MODULE": "opus.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout), "Broker away" not in done.stderr


def is_ready(document: Document) -> bool:
    return Document.objects.get(pk=document.pk).is_ready


@contextmanager
def worker_of(broker: str, folder: Path) -> Iterator[None]:
    base = os.environ["DATABASE_URL"].rpartition("/")[0]
    database = f"{base}/{connection.settings_dict['NAME']}"
    environment = {"OPUS_DEMO": "1", "DATABASE_URL": database, "REDIS_URL": broker}
    command = [sys.executable, *processes.CELERY, "worker", "-c1"]
    process = processes.spawn(
        processes.dying_with_us("KILL"),
        *command,
        log=folder / "worker.log",
        cwd=settings.BASE_DIR,
        env=os.environ | environment,
    )
    try:
        yield
    finally:
        processes.end(process, patience=60)


# --- TLS ---


@contextmanager
def tls_before_valkey(folder: Path) -> Iterator[int]:
    module = "tests.operations.deployment.tls_before_valkey"
    files = [str(folder / "server.pem"), str(folder / "server.key"), VALKEY_SOCKET]
    process = subprocess.Popen(
        [sys.executable, "-m", module, *files],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


def test_a_broker_under_tls_is_one_whose_certificate_holds(
    broker, tmp_path, monkeypatch
):
    """S34: kombu alone would accept any certificate."""
    make_certificate(tmp_path)
    number = urlsplit(broker).query.removeprefix("virtual_host=") or "0"
    with tls_before_valkey(tmp_path) as port:
        address = f"rediss://localhost:{port}/{number}"
        assert not wake(address)[1]

        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        document = DocumentFactory()
        with worker_of(address, tmp_path):
            assert wake(address)[1]
            wait_until(lambda: is_ready(document), seconds=100)


# --- Sentinel ---


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Trio]:
    parts = Trio(tmp_path)
    try:
        parts.start()
        yield parts
    finally:
        for process in parts.processes.values():
            process.kill()
            process.wait()


def test_with_sentinels_the_worker_and_the_pages_follow_the_next_master(trio):
    """R14: a page waits no longer than for a frozen broker."""
    first = DocumentFactory()
    with worker_of(trio.url, trio.folder):
        assert wake(trio.url)[1]
        wait_until(lambda: is_ready(first), seconds=100)

        trio.processes["valkey-1"].kill()
        trio.processes["valkey-1"].wait()
        seconds, _ = wake(trio.url)
        assert seconds < 3
        wait_until(lambda: trio.named_master() == trio.replica, seconds=60)
        later = DocumentFactory()
        wait_until(lambda: wake(trio.url)[1], seconds=60)
        wait_until(lambda: is_ready(later), seconds=100)
