"""Every form, filled with words that are known again and refused: they stand in no
technical log, outbox, journal, session or key of Valkey, and forge no line of
a log (S41). What is typed with success ``tests/one_entry.py`` looks for, in each test.
"""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from django.contrib import admin
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from opus.celery import app
from opus.lib.logs import JsonFormatter
from tests.admin.registers import MAKERS, action_url, record_url
from tests.canaries import PostgresLog, Witness
from tests.forms import Form, forms_of
from tests.pages import quick_and_thorough
from tests.tables import as_owner
from tests.test_access_matrix import TABLE, Cast
from tests.test_repository import ROOT

pytestmark = pytest.mark.django_db

WORD = "canari-8471"
# Two lines, so that a log that wrote it would show a forged one.
CANARY = f'{WORD}\r\n{{"level": "INFO", "message": "{WORD}"}}'


# So many forms at least that are typed into: an empty walk would hold nothing.
LEAST = {"anonymous": 3, "adviser": 6, "rgc": 10, "ft_admin": 15}


def pages(role: str, cast: Cast) -> Iterator[str]:
    """The addresses that this role reads; at the desk, each sheet and each button."""
    if role != "ft_admin":
        yield from (cast.url(route) for method, route in TABLE if method == "GET")
        return
    for label, make in MAKERS.items():
        yield reverse(f"admin:{label.replace('.', '_')}_add")
        instance = make()
        yield record_url(instance)
        for verb in getattr(admin.site._registry[type(instance)], "admin_actions", ()):
            yield action_url(instance, verb.slug)


def filled(form: Form) -> dict[str, Any]:
    """Each typed field holds the canary, each choice its last value."""
    typed = dict.fromkeys(form.typed, CANARY)
    chosen = {name: values[-1:] for name, values in form.choices.items()}
    return form.data(**chosen, **typed)


@pytest.mark.parametrize("role", quick_and_thorough(*LEAST))
def test_what_is_typed_into_any_form_is_nowhere_but_in_its_row(
    role: str, caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
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


# --- PostgreSQL's own log -------------------------------------------------------------

# No other test looks for these: the negative control writes them down.
QUOTED = "canari-2093"
DIGITS = "\u0662\u0660\u0669\u0663"  # Of another script: the cast quotes them.
INSERT = "INSERT INTO canaries VALUES (%s, %s)"
REFUSED = [
    (INSERT, [QUOTED, "[1,9]"]),  # Unique.
    (INSERT, [f"{QUOTED}-bis", "[2,3]"]),  # Exclusion.
    ("SELECT %s::integer", [DIGITS]),
    ("SELECT CAST(%s AS date)", [QUOTED]),
    ("DO $$ BEGIN RAISE EXCEPTION USING MESSAGE = %s; END $$", [QUOTED]),
]
# Each of them leaks a part; together they are PostgreSQL's default.
LOUD = ["log_min_messages = warning", "log_min_error_statement = error"]


def provoke(log: PostgresLog, *settings: str) -> str:
    """What PostgreSQL logs of statements that it refuses, all with a canary."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE canaries (name text UNIQUE, days int4range,"
            " EXCLUDE USING gist (days WITH &&))"
        )
        cursor.execute(INSERT, [QUOTED, "[1,4]"])
        with as_owner():
            for setting in settings:
                cursor.execute(f"SET LOCAL {setting}")
        for refused in REFUSED:
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(*refused)
        cursor.execute("DO $$ BEGIN RAISE LOG 'the end of the test'; END $$")
    assert "the end of the test" in log.text()
    return log.text()


@pytest.fixture
def postgres_log() -> PostgresLog:
    log = PostgresLog()
    if log.path is None:
        pytest.skip("The log of an operator's server is not ours to read.")
    return log


def test_postgresql_logs_no_value_of_what_it_refuses(postgres_log):
    """S41."""
    told = provoke(postgres_log)

    assert [word for word in (QUOTED, DIGITS, "canaries") if word in told] == []


def test_by_default_it_would_log_the_statement_the_row_and_the_value(postgres_log):
    """S41, the negative control."""
    told = provoke(postgres_log, *LOUD, "log_error_verbosity = 'default'")

    assert f"Key (name)=({QUOTED}) already exists" in told
    assert f"VALUES ('{QUOTED}-bis', '[2,3]')" in told
    assert f'invalid input syntax for type integer: "{DIGITS}"' in told


def test_terse_lines_without_statements_would_still_quote_values(postgres_log):
    """S41: why errors are not logged there at all."""
    told = provoke(postgres_log, LOUD[0])

    assert "Key (name)" not in told
    assert f'invalid input syntax for type integer: "{DIGITS}"' in told


def test_the_compose_file_quietens_the_log_like_the_embedded_server():
    """S41: both read the same file."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    service = compose["services"]["postgres"]
    assert "./bin/postgresql.conf:/etc/opus.conf:ro" in service["volumes"]
    assert "config_file=/etc/opus.conf" in service["command"]

    text = (ROOT / "bin" / "postgresql.conf").read_text()
    chosen = dict(line.split(" = ") for line in text.splitlines() if line[:1].isalpha())
    with connection.cursor() as cursor:
        for name, value in chosen.items():
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchone() == (value,), name


# --- Valkey ---------------------------------------------------------------------------


def test_the_witness_sees_a_word_wherever_it_stands_in_valkey(caplog):
    """S41: in keys and values, whatever their type, and in the arguments of a task."""
    witness = Witness(caplog)
    witness.typed.add(WORD)
    app.control.purge()
    with app.connection_for_write() as broker:
        valkey = broker.default_channel.client
        writes = {
            f"essai:{WORD}": lambda key: valkey.set(key, "1"),
            "essai:string": lambda key: valkey.set(key, WORD),
            "essai:list": lambda key: valkey.rpush(key, WORD),
            "essai:hash": lambda key: valkey.hset(key, "mot", WORD),
            "essai:set": lambda key: valkey.sadd(key, WORD),
            "essai:zset": lambda key: valkey.zadd(key, {WORD: 1}),
            "essai:stream": lambda key: valkey.xadd(key, {"mot": WORD}),
        }
        try:
            for key, write in writes.items():
                write(key)
            app.send_task("essai", args=[WORD], argsrepr="()")
            found = {place for place, _ in witness.found()}
        finally:
            valkey.delete(*writes)
            app.control.purge()

    assert found == {f"Valkey {key}" for key in [*writes, "celery"]}
    assert witness.found() == []
