"""After a test that wrote something: no row breaks an invariant (R28).

One statement, and none after a test that only read. Factories make acts past the
actions, without step or document: the check of documents is held to the acts that have
a first step, that of steps to none.
"""

from collections.abc import Iterator
from typing import Any
from weakref import WeakSet

import pytest
from django.db import connection

from opus.operations import invariants as invariants
from opus.operations.invariants import Invariant, statement
from tests import one_entry

DATABASE = {"db", "transactional_db", "live_server", "worker"}
EXECUTE = "EXECUTE invariants"
WROTE = "SELECT pg_current_xact_id_if_assigned() IS NOT NULL"

# The connections that have the statement.
prepared: WeakSet[Any] = WeakSet()


def rules() -> Iterator[Invariant]:
    """Every check of rows, that of documents for acts made by their action."""
    for rule in invariants.rules():
        if not rule.is_of_rows or rule.name.endswith("_without_step"):
            continue
        sql = rule.sql
        if rule.name == "act_without_document":
            first = (
                "SELECT FROM referrals_actstep WHERE act_id = act.id AND origin = ''"
            )
            sql += f" AND EXISTS ({first})"
        yield Invariant(rule.name, rule.label, sql)


def find_broken() -> dict[str, int]:
    """Count what breaks each check; planned once for a connection, not by each test."""
    connection.ensure_connection()
    link: Any = connection.connection
    if link not in prepared:
        link.execute(f"PREPARE invariants AS {statement(rules())}")
        prepared.add(link)
    return {name: number for name, number in link.execute(EXECUTE) if number}


def has_database(request: pytest.FixtureRequest) -> bool:
    return bool(
        request.node.get_closest_marker("django_db")
        or DATABASE & set(request.fixturenames)
    )


def wrote() -> bool:
    """Whether the test left something: in its transaction, or in the tables."""
    if connection.needs_rollback or not connection.is_usable():
        return False
    if not connection.in_atomic_block:
        return True
    with connection.cursor() as cursor:
        cursor.execute(WROTE)
        return bool(cursor.fetchone()[0])


def is_watched(request: pytest.FixtureRequest) -> bool:
    """Whether the rows of this test must keep the rules of the product."""
    plants = request.node.get_closest_marker("plants_defects")
    return has_database(request) and not plants


def expect_sound() -> None:
    """Fail if what was written breaks an invariant, or the journal repeats itself."""
    if wrote():
        if broken := find_broken():
            pytest.fail(f"Rows that no rule of the product allows: {broken}")
        if twice := one_entry.count_presses():
            pytest.fail(f"More than one line of the journal for one request: {twice}")
        if leaks := one_entry.find_leaks():
            pytest.fail(f"What was typed stands where it must not: {leaks}")
    one_entry.forget()


@pytest.fixture(autouse=True)
def rows_keep_the_invariants(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test whose rows no rule of the product allows."""
    if is_watched(request):
        # Set up before this fixture, so that the rows are still there after it.
        request.getfixturevalue("_django_db_helper")
        yield
        expect_sound()
    else:
        yield
        one_entry.forget()
