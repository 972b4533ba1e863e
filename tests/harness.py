"""Races, random walks and letters, for the tests of any subject."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.core import mail
from django.db import IntegrityError, OperationalError, connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from referrals.making.actions import ActRefused


def letters():
    """What leaves now."""
    mail.outbox.clear()
    outbox.relay()
    return mail.outbox


def in_parallel(*calls):
    """Run them at the same instant, each with its own connection; or the refusals."""
    together = threading.Barrier(len(calls))

    def run(call):
        try:
            together.wait(timeout=60)
            return call()
        except (ActRefused, MoveRefused, IntegrityError, OperationalError) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def walk_at_random(machine, *, walks, steps):
    """Run the machine, each walk in a transaction of its own."""

    class InItsOwnTransaction(machine):
        def __init__(self):
            self.sandbox = transaction.atomic()
            self.sandbox.__enter__()
            super().__init__()

        def teardown(self):
            transaction.set_rollback(True)
            self.sandbox.__exit__(None, None, None)

    run_state_machine_as_test(
        InItsOwnTransaction,
        settings=settings(
            max_examples=walks,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
