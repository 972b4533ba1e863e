"""What the tests of acts share."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext


@pytest.fixture
def query_count() -> Callable[..., int]:
    """How many queries a call makes on what was given, once a process is warm."""

    def count(call: Callable[[], Any], *, given: Callable[[], Any]) -> int:
        given()
        call()
        with CaptureQueriesContext(connection) as queries:
            call()
        return len(queries)

    return count
