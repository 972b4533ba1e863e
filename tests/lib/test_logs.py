"""What libraries quote of people does not reach a line of the log (S41)."""

import json
import logging
from typing import Any

import pytest
from django.test import Client

from opus.lib import logs
from opus.lib.logs import JsonFormatter
from tests.log_lines import log_lines

TOKEN = "canari-3177"


def line(name: str, message: Any, *args: Any, **others: Any) -> dict[str, Any]:
    record = logging.LogRecord(name, logging.ERROR, "", 1, message, args, None)
    vars(record).update(others)
    return json.loads(JsonFormatter().format(record))


QUOTED = [
    ("django.request", "%s: %s", ("Internal Server Error", f"/fiche/{TOKEN}/")),
    ("django.security.csrf", "Forbidden (%s): %s", (f"Referer {TOKEN}", "/x/")),
    ("django.security.DisallowedHost", f"Invalid HTTP_HOST header: '{TOKEN}'", ()),
    ("gunicorn.error", f"Invalid request from ip=192.0.2.7: {TOKEN}", ()),
    ("gunicorn.error", "Error handling request %s", (f"/fiche/{TOKEN}/?q={TOKEN}",)),
    ("gunicorn.error", ValueError(TOKEN), ()),
    ("celery.worker.request", "Task handler raised error: %r", (ValueError(TOKEN),)),
    (
        "celery.app.trace",
        "Task %(name)s[%(id)s] %(description)s: %(exc)s",
        (
            {
                "name": "essai",
                "id": "7",
                "description": "raised unexpected",
                "exc": f"ValueError('{TOKEN}')",
                "args": [TOKEN],
            },
        ),
    ),
]


@pytest.mark.parametrize(("name", "message", "args"), QUOTED)
def test_a_librarys_line_quotes_nobody(name, message, args):
    told = line(name, message, *args)

    assert TOKEN not in str(told)
    assert "192.0.2.7" not in str(told)
    assert told["message"]


def test_it_still_says_what_happened():
    """The control."""
    said = [line(name, message, *args)["message"] for name, message, args in QUOTED]

    assert said == [
        "Internal Server Error: …",
        "Refused: csrf",
        "Refused: DisallowedHost",
        "Invalid request",
        "Error handling request",
        "builtins.ValueError",
        "Task handler raised error: 'builtins.ValueError'",
        "Task essai[7] raised unexpected: …",
    ]


def test_our_own_lines_are_as_written():
    told = line("opus.lib.outbound.outbox", "Outbox %s (%s).", 7, "/a/")

    assert told["message"] == "Outbox 7 (/a/)."


def test_a_line_has_the_fields_of_its_request_until_the_next_one():
    logs.set_fields(request="abc", task="")
    logs.add_fields(route="home")
    during = line("opus", "Essai.")
    logs.set_fields()
    after = line("opus", "Essai.")

    assert (during["request"], during["route"]) == ("abc", "home")
    assert "task" not in during
    assert not {"request", "route"} & after.keys()


@pytest.mark.django_db
@pytest.mark.urls("tests.opus.breaking_urls")
def test_a_page_that_breaks_is_logged_by_its_route():
    """R15, S41."""
    client = Client(raise_request_exception=False)
    with log_lines() as written:
        response = client.get("/casse/", {"q": TOKEN})

    broken, access = written
    assert response.status_code == 500
    assert broken["message"] == "Internal Server Error: …"
    assert broken["route"] == access["route"] == "tests.opus.breaking_urls.broken"
    assert broken["request"] == access["request"] == response["X-Request-ID"]
    assert "builtins.ValueError" in broken["trace"]
    assert TOKEN not in str(written)
