"""Every form, filled with words that are known again and refused: they stand in no
technical log, outbox, journal, session or message of the broker, and forge no line of
a log (S41). What is typed with success is looked for in ``tests/test_one_entry.py``.
"""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.urls import reverse

from opus.celery import app
from opus.lib.logs import JsonFormatter
from tests.admin.registers import MAKERS, sheet_url, verb_url
from tests.canaries import Witness
from tests.forms import Form, forms_of
from tests.test_access_matrix import TABLE, Cast

pytestmark = pytest.mark.django_db

WORD = "canari-8471"
# Two lines, so that a log that wrote it would show a forged one.
CANARY = f'{WORD}\r\n{{"level": "INFO", "message": "{WORD}"}}'


def pages(role: str, cast: Cast) -> Iterator[str]:
    """The addresses that this role reads; at the desk, each sheet and each button."""
    if role != "ft_admin":
        yield from (cast.url(route) for method, route in TABLE if method == "GET")
        return
    for label, make in MAKERS.items():
        yield reverse(f"admin:{label.replace('.', '_')}_add")
        instance = make()
        yield sheet_url(instance)
        for verb in getattr(admin.site._registry[type(instance)], "verbs", ()):
            yield verb_url(instance, verb.slug)


def filled(form: Form) -> dict[str, Any]:
    """Each typed field holds the canary, each choice its last value."""
    typed = dict.fromkeys(form.typed, CANARY)
    chosen = {name: values[-1:] for name, values in form.choices.items()}
    return form.data(**chosen, **typed)


@pytest.mark.parametrize("role", ["anonymous", "adviser", "rgc", "ft_admin"])
def test_what_is_typed_into_any_form_is_nowhere_but_in_its_row(
    role: str,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """S41."""
    caplog.set_level(logging.INFO)
    cast = Cast()
    client = cast.client(role)
    app.control.purge()
    witness = Witness(caplog)
    witness.typed.add(WORD)
    tried, found = set(), []

    for path in pages(role, cast):
        response = client.get(path)
        if response.status_code != 200 or "text/html" not in response["Content-Type"]:
            continue
        for form in forms_of(response):
            if not form.typed or (form.action, *form.typed) in tried:
                continue
            tried.add((form.action, *form.typed))
            mark = transaction.savepoint_create()
            with django_capture_on_commit_callbacks(execute=True):
                client.post(form.action, filled(form))
            found += [(form.action, *one) for one in witness.found()]
            transaction.savepoint_rollback(mark)
            caplog.clear()

    assert found == []
    assert len(tried) >= LEAST[role]


# So many forms at least that are typed into: an empty walk would hold nothing.
LEAST = {"anonymous": 3, "adviser": 6, "rgc": 10, "ft_admin": 15}


def test_a_breakdown_is_logged_without_the_words_that_caused_it() -> None:
    """S41: an error tells what it could not read, a database the row it refuses."""
    try:
        try:
            int(CANARY)
        except ValueError as error:
            raise RuntimeError(CANARY) from error
    except RuntimeError as error:
        broken = (type(error), error, error.__traceback__)
    record = logging.LogRecord("essai", logging.ERROR, "", 1, "Panne.", (), broken)

    line = JsonFormatter().format(record)

    assert WORD not in line
    told = json.loads(line)
    assert "RuntimeError" in told["trace"]
    assert "ValueError" in told["trace"]
    assert "test_canaries.py" in told["trace"]
    assert "\n" not in line
