"""The cast and the guards of the whole suite."""

import gc
import os
import random
import shutil
import subprocess
import sys
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from hypothesis import settings as hypothesis_settings

from accounts.signin import sessions
from accounts.signin.models import ProvedNetwork
from accounts.signin.sessions import SessionStore
from opus.celery import app as celery_app
from opus.lib import jobs
from opus.lib.background_files import SWEEP_EVERY, make_waiting_files
from tests import one_entry, tables
from tests.accounts.factories import AdviserFactory, FtAdminFactory, RgcFactory
from tests.soundness import find_broken
from tests.soundness import rows_keep_the_invariants as rows_keep_the_invariants

# Outermost: it sees the answers of all tests, whoever asked (S37).
settings.MIDDLEWARE.insert(0, "tests.one_entry.RecordPosts")
# On a busy machine a large page may wait longer than people would; some tests lower it.
settings.PAGE_WAITS = 60
QUEUE = celery_app.conf.task_default_queue
# On a busy machine any example may take long: the timeout of the test is enough.
hypothesis_settings.register_profile("opus", deadline=None)
hypothesis_settings.load_profile("opus")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--thorough", action="store_true", help="run the tests marked thorough as well"
    )


def find_chromium() -> str | None:
    """Return the program of the browser tests: OPUS_CHROMIUM, else one that is here."""
    # The first has no window to draw: it takes a third of the processor.
    names = ["chromium-headless-shell", "chromium", "chromium-browser"]
    names += ["google-chrome", "google-chrome-stable"]
    named = os.environ.get("OPUS_CHROMIUM")
    program = next(filter(None, map(shutil.which, [named] if named else names)), None)
    if named and not program:
        raise pytest.UsageError(f"OPUS_CHROMIUM names no program: {named}")
    return program


def pytest_report_header() -> str:
    if program := find_chromium():
        return f"browser: {program} (OPUS_CHROMIUM names another)"
    return "No Chromium found, so the browser tests are left out."


def pytest_itemcollected(item: pytest.Item) -> None:
    """A matrix of which each run walks some cells is walked whole by --thorough."""
    some_cells = getattr(getattr(item, "function", None), "leaves_cells_out", False)
    some_items = item.get_closest_marker("at_each_run")
    if item.config.getoption("--thorough") and (some_cells or some_items):
        item.add_marker(pytest.mark.thorough)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Without ``--thorough`` those tests are left out, and counted as deselected."""
    if config.getoption("--thorough"):
        return
    left_out = {item for item in items if item.get_closest_marker("thorough")}
    left_out |= not_drawn(items, seed=config.getoption("randomly_seed", 0))
    if left_out:
        config.hook.pytest_deselected(items=[*left_out])
        items[:] = [item for item in items if item not in left_out]


def not_drawn(items: list[pytest.Item], *, seed: int) -> set[pytest.Item]:
    """Of the tests that say how many parameters each run tries: the others."""
    by_test: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("at_each_run"):
            by_test[item.nodeid.partition("[")[0]].append(item)
    left_out: set[pytest.Item] = set()
    for test, those in by_test.items():
        (number,) = those[0].get_closest_marker("at_each_run").args
        # The same in each process of xdist.
        those.sort(key=lambda item: item.nodeid)
        random.Random(f"{seed} {test}").shuffle(those)
        left_out.update(those[number:])
    return left_out


def pytest_collection_finish() -> None:
    """Spare the collector what was imported: it would walk it again at each turn."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a whole run in which no test pressed a button, or no test with success."""
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["pressed"] = sorted(one_entry.pressed)
        config.workeroutput["to_press"] = sorted(one_entry.to_press)
    elif is_whole(config) and session.exitstatus == pytest.ExitCode.OK:
        missed = sorted(one_entry.to_press - one_entry.pressed)
        if missed or not one_entry.to_press:
            report = config.pluginmanager.get_plugin("terminalreporter")
            report.write_line(f"\nNo test presses these with success: {missed}")
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Gather what each process of xdist pressed."""
    output = getattr(node, "workeroutput", {})
    one_entry.pressed.update(output.get("pressed", ()))
    one_entry.to_press.update(output.get("to_press", ()))


def is_whole(config: pytest.Config) -> bool:
    """Whether all tests of a usual run were asked for."""
    picks = ("keyword", "markexpr", "lf", "failedfirst", "collectonly", "deselect")
    picked = any(config.getoption(name, None) for name in picks)
    return config.args == config.getini("testpaths") and not picked


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
        tables.plan_nothing()
    with tables.quickly_emptied():
        yield
    # What the suite left (R28), by a new connection: a test may have cut the last.
    with django_db_blocker.unblock():
        connection.close()
        assert find_broken() == {}
    # A browser's last connection, or a worker's, may outlive its test by a moment; the
    # database could not be dropped under it.
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND usename = current_user"
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


# The network of the test client and of the test server's browser.
HERE = "127.0.0.0/16"


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
    # As a proof from here: the next pages ask nothing.
    ProvedNetwork.objects.update_or_create(
        account=user, network=HERE, defaults={"proved_at": timezone.now()}
    )
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


@contextmanager
def listening_worker(broker: str) -> Iterator[str]:
    """A real Celery worker on the database of this process, as in production.

    Its log is printed with the failure of a test that runs meanwhile.
    """
    base = os.environ["DATABASE_URL"].rpartition("/")[0]
    name = connection.settings_dict["NAME"]
    node = f"tests-{uuid.uuid4()}@localhost"
    options = ["-A", "opus", "worker", "-c", "1", "-l", "INFO", "-n", node]
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", *options],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {"OPUS_DEMO": "1", "DATABASE_URL": f"{base}/{name}", "REDIS_URL": broker},
        stdout=subprocess.DEVNULL,
    )
    try:
        ping = celery_app.control.ping
        # Beside other work it starts slowly.
        wait_until(lambda: bool(ping([node], timeout=0.5)), seconds=100)
        yield node
    finally:
        process.terminate()
        process.wait(timeout=60)


def stop_listening(node: str) -> None:
    celery_app.control.cancel_consumer(QUEUE, **answered(node))


def answered(node: str) -> dict[str, Any]:
    """Wait until that worker has done what it is asked."""
    return {"destination": [node], "reply": True, "limit": 1, "timeout": 20}


@pytest.fixture(scope="session")
def idle_worker(django_db_setup: None, broker: str) -> Iterator[str]:
    """Started once: to start takes longer than most of what a worker is asked."""
    with listening_worker(broker) as node:
        stop_listening(node)
        yield node


@pytest.fixture
def worker(
    transactional_db: None, idle_worker: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A real worker that does what this test asks."""
    # A broker that was away in the test before is asked again at once.
    monkeypatch.setattr(jobs, "_broker_is_away_until", 0.0)
    # What earlier tests asked of a worker that was not listening.
    celery_app.control.purge()
    listens = celery_app.control.add_consumer(QUEUE, **answered(idle_worker))
    assert listens == [{idle_worker: {"ok": f"add consumer {QUEUE}"}}]
    with clock_of_files():
        yield
    stop_listening(idle_worker)
    # What it is doing belongs to this test's rows, too.
    inspect = celery_app.control.inspect([idle_worker], timeout=20, limit=1)
    wait_until(lambda: inspect.active() == {idle_worker: []})


@contextmanager
def clock_of_files() -> Iterator[None]:
    """Ask again for files that nobody made, as production does (R14)."""
    over = threading.Event()

    def tick() -> None:
        while not over.wait(SWEEP_EVERY):
            make_waiting_files.delay()

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.fixture
def worker_to_kill(transactional_db: None, broker: str) -> Iterator[str]:
    """A worker for this test alone, by its name."""
    celery_app.control.purge()
    with listening_worker(broker) as node:
        yield node


def wait_until(holds: Callable[[], bool], *, seconds: float = 60) -> None:
    """Look again and again until something holds.

    Raises:
        AssertionError: it never did.
    """
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
