"""A file through a real broker and a real worker, and a worker that dies (R6, R7)."""

import os
import signal

import pytest
from django.db import close_old_connections
from django.utils import timezone

from accounts.exports.models import Export
from offers.catalogue.models import Offer
from offers.catalogue.writes import writing_offers
from offers.search import exports
from offers.search.criteria import Criteria
from opus.celery import app
from opus.lib.documents.spreadsheets import Format
from tests.accounts.factories import AdviserFactory, ExportFactory
from tests.conftest import wait_until
from tests.offers.helpers.factories import OfferFactory

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]

# Enough rows for a worker to be in the middle of them.
MANY = 4_000


def again(export: Export) -> Export:
    close_old_connections()
    found: Export = Export.objects.get(pk=export.pk)
    return found


def bring_many() -> None:
    """One offer, many times."""
    model = OfferFactory.build()
    names = [field.attname for field in Offer._meta.concrete_fields]
    told = {
        name: getattr(model, name)
        for name in names
        if name not in {"reference", "state_at", "imported_at"}
    }
    with writing_offers():
        Offer.objects.bulk_create(
            Offer(**told, reference=f"MANY{number:05}") for number in range(MANY)
        )


def processes_of(worker: str) -> list[int]:
    """Those that do its work."""
    stats = app.control.inspect([worker], timeout=20, limit=1).stats()[worker]
    return stats["pool"]["processes"]


@pytest.mark.thorough
def test_a_file_is_ready_within_seconds_of_its_asking(worker):
    offer = OfferFactory()

    export = exports.request_export(
        Criteria.from_text("q=macon"), by=AdviserFactory(), file_format=Format.CSV
    )

    wait_until(lambda: again(export).is_ready)
    assert offer.pk in bytes(again(export).content).decode()


@pytest.mark.thorough
def test_a_file_whose_worker_was_killed_half_way_is_made_by_the_next(worker_to_kill):
    """R7: the row tells that nothing is heard of it, the sweep finds it."""
    bring_many()
    export = ExportFactory(format="ods", arguments={"query": "q=macon"})
    processes = processes_of(worker_to_kill)
    app.send_task(
        "opus.lib.background_files.make_file", ["accounts.export", str(export.pk)]
    )
    wait_until(lambda: again(export).rows_done > 0)

    # As the system does that runs out of memory: without a word.
    for pid in processes:
        os.kill(pid, signal.SIGKILL)

    half = again(export)
    assert (half.state, half.content) == ("en_cours", None)
    # A minute later.
    Export.objects.update(next_attempt_at=timezone.now())
    app.send_task("opus.lib.background_files.make_waiting_files")
    wait_until(lambda: again(export).is_ready)
    assert (again(export).rows_done, again(export).attempts) == (MANY, 2)
