"""A matrix walked within one test: every cell apart, all that fail are named."""

import inspect
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction

from tests.soundness import expect_sound, has_database, is_watched

Test = Callable[..., None]
PARAM = type(pytest.param())


def each_case(
    names: str | Sequence[str],
    cells: Iterable[Any],
    ids: Callable[[Any], str] | None = None,
    at_each_run: int | None = None,
) -> Callable[[Test], Test]:
    """Walk the cells in one test, each a subtest; written like ``parametrize``.

    Fixtures are set up once. The rows that a cell writes are checked as those of a
    test are, then rolled back. ``at_each_run``: so many of them, others at each run;
    all with ``--thorough``, which counts the test among its own.
    """
    given = names.replace(" ", "").split(",") if isinstance(names, str) else [*names]
    is_row = not isinstance(names, str) or len(given) > 1
    rows = [
        cell.values if isinstance(cell, PARAM) else cell if is_row else [cell]
        for cell in cells
    ]
    number = min(at_each_run or len(rows), len(rows))

    def decorate(test: Test) -> Test:
        wanted = inspect.signature(test).parameters
        fixtures = {*wanted, "request", "subtests"} - {*given}

        def walk(**values: Any) -> None:
            own = {name: values[name] for name in wanted if name not in given}
            is_thorough = values["request"].config.getoption("--thorough")
            # pytest-randomly sets the seed.
            drawn = range(len(rows)) if is_thorough else drawn_of(len(rows), number)
            for row in (rows[index] for index in drawn):
                cell = dict(zip(given, row, strict=True))
                named = {name: (ids or repr)(value) for name, value in cell.items()}
                with values["subtests"].test(**named), apart(values["request"]):
                    test(**own, **cell)

        walk.__name__, walk.__doc__ = test.__name__, test.__doc__
        walk.__module__ = test.__module__
        walk.__dict__.update(test.__dict__)
        if number < len(rows):
            walk.__dict__["leaves_cells_out"] = True
        kind = inspect.Parameter.KEYWORD_ONLY
        parameters = [inspect.Parameter(name, kind) for name in sorted(fixtures)]
        walk.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return walk

    return decorate


def drawn_of(whole: int, number: int) -> list[int]:
    """Some of the numbers below, in their order."""
    return sorted(random.sample(range(whole), number))


@contextmanager
def apart(request: pytest.FixtureRequest) -> Iterator[None]:
    """Check the rows that are written here, then roll them back."""
    if not has_database(request):
        yield
        return
    assert connection.in_atomic_block, "its rows would be committed"
    mail.outbox.clear()
    # Not a block of its own: a durable one could not stand within it.
    mark = transaction.savepoint_create()
    try:
        yield
        if is_watched(request):
            expect_sound()
    finally:
        transaction.set_rollback(False)
        transaction.savepoint_rollback(mark)
