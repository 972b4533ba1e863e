"""The memory and the health checks of real processes of Celery."""

import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import close_old_connections

from opus.celery import app
from opus.lib.background_files import FileFailure, FileState
from referrals.acts.act_rights import ActKind
from referrals.documents.models import Document
from referrals.making.actions import make
from tests.conftest import listening_worker, wait_until
from tests.offers.helpers.factories import OfferFactory
from tests.operations.deployment.test_units import SERVICES
from tests.referrals.factories import CandidateFactory, DocumentFactory

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]

LIMIT = re.compile(r"^Max data size\s+(\d+)\s+(\d+)", re.MULTILINE)


def processes_of(node: str) -> list[int]:
    """The processes that run that worker's tasks."""
    [stats] = app.control.inspect([node], timeout=20, limit=1).stats().values()
    return list(stats["pool"]["processes"])


def state_of(document: Document) -> tuple[str, str]:
    close_old_connections()
    found = Document.objects.get(pk=document.pk)
    return found.state, found.failure


def test_every_process_of_a_worker_has_its_limit(worker, idle_worker):
    """S31."""
    for number in processes_of(idle_worker):
        limits = LIMIT.search(Path(f"/proc/{number}/limits").read_text())
        assert limits
        assert [int(each) for each in limits.groups()] == (
            [settings.WORKER_DATA_BYTES] * 2
        )


@pytest.fixture
def small_worker(transactional_db: None, broker: str) -> Iterator[str]:
    app.control.purge()
    with pytest.MonkeyPatch.context() as patch:
        name = "tests.operations.deployment.small_worker"
        patch.setenv("DJANGO_SETTINGS_MODULE", name)
        with listening_worker(broker) as node:
            yield node


@pytest.mark.thorough
@pytest.mark.timeout(200)
def test_a_hostile_document_fails_alone(small_worker):
    """S31: it is refused its memory, and the next one is printed."""
    [process] = processes_of(small_worker)
    cells = "<td>mot</td>" * 200_000
    hostile = DocumentFactory(html=f"<table><tr>{cells}</tr></table>")

    app.send_task("opus.lib.background_files.make_waiting_files")
    wait_until(
        lambda: state_of(hostile)[1] != "" or processes_of(small_worker) != [process]
    )

    # Where Python asks for the memory, the document waits. Where the library that sets
    # the text asks, that one ends the process; the document has its lease out.
    assert state_of(hostile) in {
        (FileState.WAITING, FileFailure.BREAKDOWN),
        (FileState.RUNNING, ""),
    }
    candidate = CandidateFactory()
    act = make(
        ActKind.REFERRAL,
        OfferFactory().pk,
        candidate.pk,
        by=candidate.adviser,
        key=uuid.uuid4(),
    )
    document = act.documents.get()
    wait_until(lambda: state_of(document)[0] == FileState.READY, seconds=60)


def run_check(command: str) -> int:
    return subprocess.run(
        ["sh", "-c", command], cwd=settings.BASE_DIR, env=with_programs(), check=False
    ).returncode


def with_programs() -> dict[str, str]:
    programs = Path(sys.executable).parent
    path = f"{programs}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "OPUS_DEMO": "1", "REDIS_URL": broker_now()}


def broker_now() -> str:
    return str(app.conf.broker_url)


def test_the_check_of_the_worker_finds_it(worker, idle_worker):
    command = SERVICES["worker"]["healthcheck"]["test"]
    assert '"celery@$$HOSTNAME"' in command

    def check(node: str) -> int:
        return run_check(command.replace('"celery@$$HOSTNAME"', node))

    assert check(idle_worker) == 0
    assert check("celery@nowhere") != 0


def in_folder(command: str, folder: Path) -> str:
    """The command with a folder of ours in the place of a container's own."""
    [place] = SERVICES["beat"]["tmpfs"]
    assert place in command
    return str(command).replace(place, str(folder))


@pytest.mark.thorough
def test_the_check_of_the_clock_sees_whether_it_goes_on(broker, tmp_path):
    command = in_folder(SERVICES["beat"]["healthcheck"]["test"], tmp_path)
    assert run_check(command) != 0
    words = in_folder(SERVICES["beat"]["command"], tmp_path).split()
    process = subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=settings.BASE_DIR,
        env=with_programs(),
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: run_check(command) == 0)
        process.send_signal(signal.SIGSTOP)
        make_old(tmp_path)
        assert run_check(command) != 0
        process.send_signal(signal.SIGCONT)
        wait_until(lambda: run_check(command) == 0, seconds=40)
    finally:
        process.kill()
        process.wait(timeout=60)
        app.control.purge()


def make_old(folder: Path) -> None:
    for path in folder.glob("beat*"):
        os.utime(path, (0, 0))
