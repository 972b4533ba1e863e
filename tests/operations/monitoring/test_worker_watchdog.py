"""A worker that takes nothing although tasks wait ends, for another one (R24)."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings

from opus.celery import app
from opus.lib import worker_watchdog
from opus.lib.worker_watchdog import Watch

TASK = "opus.lib.background_files.make_waiting_files"
ENDS = """
from opus.celery import watch
watch.waits_since = -3600
watch.run()
"""


@pytest.fixture
def waiting_task(broker):
    app.control.purge()
    app.send_task(TASK)
    yield
    app.control.purge()


@pytest.fixture
def silent():
    watch = Watch(app)
    watch.waits_since = time.monotonic() - 2 * worker_watchdog.DEAF_AFTER
    return watch


def test_a_worker_is_deaf_if_tasks_wait_and_none_came(waiting_task, silent):
    """R24."""
    assert silent.is_deaf()
    silent.hear()
    assert not silent.is_deaf()


def test_a_task_that_has_just_come_waits_for_nobody_yet(waiting_task):
    assert not Watch(app).is_deaf()


def test_a_worker_without_work_is_not_deaf(broker, silent):
    app.control.purge()

    assert not silent.is_deaf()


def test_a_worker_that_does_its_task_is_not_deaf(waiting_task, silent, monkeypatch):
    monkeypatch.setattr(worker_watchdog.state, "active_requests", {object()})

    assert not silent.is_deaf()


@pytest.mark.thorough
def test_a_deaf_worker_ends(waiting_task, broker):
    ended = subprocess.run(
        [sys.executable, "-c", ENDS],
        cwd=settings.BASE_DIR,
        env=os.environ | {"OPUS_DEMO": "1", "REDIS_URL": broker},
        check=False,
        timeout=100,
    )

    assert ended.returncode == -signal.SIGTERM
