"""The cast and the guards of the whole suite."""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth import (
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
)
from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY

from accounts import sessions
from accounts.session_store import SessionStore
from opus.celery import app as celery_app
from tests import tables
from tests.accounts.factories import AdviserFactory, FtAdminFactory, RgcFactory
from tests.soundness import find_broken
from tests.soundness import rows_keep_the_invariants as rows_keep_the_invariants


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--thorough",
        action="store_true",
        help="run the tests marked thorough as well",
    )


def find_chromium() -> str | None:
    """Return the program that drives the browser tests, if this machine has one."""
    names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    if named := os.environ.get("OPUS_CHROMIUM"):
        names = [named]
    return next(filter(None, map(shutil.which, names)), None)


def pytest_report_header() -> str:
    if find_chromium():
        return ""
    return "No Chromium found, so the browser tests are left out."


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Without ``--thorough`` those tests are left out, and counted as deselected."""
    if config.getoption("--thorough"):
        return
    left_out = [item for item in items if item.get_closest_marker("thorough")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Reference data once for all; transactional tests leave them as they are.

    A database kept since last month lacks a month of the audit log.
    """
    with django_db_blocker.unblock():
        call_command("load_reference", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT opus_open_audit_months(now(), 13)")
        tables.keep()
    with tables.quickly_emptied():
        yield
    # What the whole suite left (R28).
    with django_db_blocker.unblock():
        assert find_broken() == {}
    # A browser's last connection, or a worker's, may outlive its test by a moment; the
    # database could not be dropped under it.
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="session", autouse=True)
def unordered_rows_come_shuffled() -> Iterator[None]:
    """PostgreSQL promises no order where none is asked: no test may lean on one."""
    fetch_all = QuerySet._fetch_all

    def fetch_shuffled(rows: Any) -> None:
        is_first = rows._result_cache is None
        fetch_all(rows)
        if is_first and not rows.ordered:
            random.shuffle(rows._result_cache)  # pytest-randomly sets the seed.

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QuerySet, "_fetch_all", fetch_shuffled)
        yield


def sign_in(client: Client, user: Any) -> Client:
    """A session with both factors, as after a sign-in of this instant.

    Written once, whole: the client's own way writes the session in four steps.
    """
    if settings.SESSION_COOKIE_NAME in client.cookies:
        client.logout()
    session = SessionStore()
    session[SESSION_KEY] = user._meta.pk.value_to_string(user)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[DEVICE_ID_SESSION_KEY] = user.totpdevice_set.get().persistent_id
    sessions.begin(session)
    sessions.confirm(session)
    session.create()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME].update({"path": "/", "secure": True})
    type(user).objects.filter(pk=user.pk).update(last_login=timezone.now())
    return client


@pytest.fixture
def client() -> Client:
    """A browser that speaks HTTPS, since every cookie is ``Secure``."""
    return Client(headers={"host": "localhost"}, SERVER_NAME="localhost")


@pytest.fixture
def adviser(db: None) -> Any:
    return AdviserFactory()


@pytest.fixture
def rgc(db: None) -> Any:
    return RgcFactory()


@pytest.fixture
def ft_admin(db: None) -> Any:
    return FtAdminFactory()


@pytest.fixture
def as_adviser(client: Client, adviser: Any) -> Client:
    return sign_in(client, adviser)


@pytest.fixture
def as_rgc(client: Client, rgc: Any) -> Client:
    return sign_in(client, rgc)


@pytest.fixture
def as_ft_admin(client: Client, ft_admin: Any) -> Client:
    return sign_in(client, ft_admin)


@pytest.fixture(scope="session", autouse=True)
def broker() -> str:
    """This process's own corner of Valkey, so that two do not take the other's work.

    Set before anything connects: an open connection would keep the address it had.
    """
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    if settings.REDIS_URL.startswith("redis+socket:"):
        address = f"{settings.REDIS_URL}?virtual_host={number}"
    else:
        address = urlsplit(settings.REDIS_URL)._replace(path=f"/{number}").geturl()
    celery_app.conf.broker_url = address
    return address


@pytest.fixture
def worker(transactional_db: None, broker: str) -> Iterator[None]:
    """A real Celery worker on the database of this test, as in production."""
    name = connection.settings_dict["NAME"]
    base = os.environ["DATABASE_URL"].rpartition("/")[0]
    # What earlier tests asked of a worker that was not there.
    celery_app.control.purge()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "opus",
            "worker",
            "-c",
            "1",
            "-l",
            "INFO",
        ],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "OPUS_DEMO": "1",
            "DATABASE_URL": f"{base}/{name}",
            "REDIS_URL": broker,
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: bool(celery_app.control.ping(timeout=0.5)))
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_until(holds: Callable[[], bool], *, seconds: float = 30) -> None:
    """Look again and again until something holds.

    Raises:
        AssertionError: it never did.
    """
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
