"""What was typed, and the places where it must not stand (S41).

Technical logs as production writes them, PostgreSQL's log, the outbox, the journal,
sessions, all that Valkey holds, the counters of the limiter. What is typed is kept in
the rows of the trade, and in the letters as they leave: nowhere else.
"""

import base64
import json
import logging
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.contrib.sessions.models import Session

from accounts.signin.models import Throttle, Usage
from opus.celery import app
from opus.lib.audit.models import AuditEntry
from opus.lib.jobs import JobRun
from opus.lib.logs import JsonFormatter
from opus.lib.outbound.models import OutboxEntry

# The fields whose words are a person's, a secret's, or free.
SECRET_FIELDS = {
    *("address", "conseil", "credential", "decision_by", "email", "facts"),
    *("first_name", "ft_contact", "ft_id", "identifier", "last_name", "name"),
    *("old_password", "opinion_by", "partner", "password", "password1", "password2"),
    *("phone", "secret", "sender_name", "subject", "text", "who"),
}


class Witness:
    """Remembers what was typed since it was asked to, and looks for it."""

    def __init__(self, logs: pytest.LogCaptureFixture) -> None:
        self.logs = logs
        self.typed: set[str] = set()
        self.postgres = PostgresLog()

    def found(self) -> list[tuple[str, str]]:
        """What was typed and stands where it must not: the place, the word."""
        log = ("PostgreSQL", self.postgres.text())
        return leaks_of(self.typed, [*places(self.logs.records), log])


def leaks_of(
    words: Iterable[str], places: Iterable[tuple[str, str]]
) -> list[tuple[str, str]]:
    """The words that stand in these places: the place, the word."""
    return [
        (place, word)
        for place, text in places
        for word in words
        if word.casefold() in text.casefold()
    ]


def places(records: Iterable[logging.LogRecord]) -> Iterator[tuple[str, str]]:
    """Each place by name, and all that stands in it."""
    yield from lines_and_rows(records)
    for key, value in all_in_valkey():
        yield f"Valkey {key}", f"{key} {value}"


def lines_and_rows(records: Iterable[logging.LogRecord]) -> Iterator[tuple[str, str]]:
    for record in records:
        yield "log", JsonFormatter().format(record)
    for model in (OutboxEntry, AuditEntry, JobRun, Throttle, Usage):
        for row in model.objects.values():
            # The journal names who did it, by the identifier that Opus drew.
            row.pop("actor", None)
            yield model._meta.label, json.dumps(row, default=str, ensure_ascii=False)
    for row in Session.objects.all():
        held = row.get_decoded()
        # What the next page tells the same person, then forgets.
        held.pop("_messages", None)
        yield "session", json.dumps(held, default=str, ensure_ascii=False)


class PostgresLog:
    """What the servers of the tests log from now on; an operator's log is not read."""

    def __init__(self) -> None:
        folder = os.environ.get("OPUS_TEST_LOGS")
        self.path = Path(folder, "postgres.log") if folder else None
        self.start = self.size()

    def size(self) -> int:
        return self.path.stat().st_size if self.path and self.path.exists() else 0

    def text(self) -> str:
        if not self.size():
            return ""
        assert self.path
        return self.path.read_bytes()[self.start :].decode()


def all_in_valkey() -> Iterator[tuple[str, str]]:
    """Every key of every database, but those of the tests that run beside."""
    with app.connection_for_read() as connection:
        pool = connection.default_channel.client.connection_pool
        ours = pool.connection_kwargs["db"]
        beside = set(range(int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))))
        for name in redis.Redis(connection_pool=pool).info("keyspace"):
            number = int(name.removeprefix("db"))
            if number == ours or number not in beside:
                options = {**pool.connection_kwargs, "db": number}
                kind = pool.connection_class
                other = redis.ConnectionPool(connection_class=kind, **options)
                with redis.Redis.from_pool(other) as valkey:
                    for key in valkey.scan_iter():
                        value = READERS[valkey.type(key)](valkey, key)
                        yield in_clear(key), in_clear(value)


READERS: dict[bytes, Any] = {
    b"string": lambda valkey, key: valkey.get(key),
    b"list": lambda valkey, key: valkey.lrange(key, 0, -1),
    b"hash": lambda valkey, key: valkey.hgetall(key),
    b"set": lambda valkey, key: valkey.smembers(key),
    b"zset": lambda valkey, key: valkey.zrange(key, 0, -1),
    b"stream": lambda valkey, key: valkey.xrange(key),
}
BODY = re.compile(r'"body": "([\w+/=]+)"')


def in_clear(value: Any) -> str:
    """All words of it; Celery writes the arguments of a task in base 64."""
    if isinstance(value, dict):
        return in_clear([*value.items()])
    if isinstance(value, list | tuple | set):
        return "\n".join(map(in_clear, value))
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    bodies = [json.loads(base64.b64decode(body)) for body in BODY.findall(text)]
    return "\n".join([text, *(json.dumps(one, ensure_ascii=False) for one in bodies)])
