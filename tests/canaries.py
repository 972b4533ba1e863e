"""What was typed, and the places where it must not stand (S41).

Technical logs as production writes them, the outbox, the journal, sessions, what the
broker holds, the counters of the limiter. What is typed is kept in the rows of the
trade, and in the letters as they leave: nowhere else.
"""

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Throttle, Usage
from opus.celery import app
from opus.lib.logs import JsonFormatter
from opus.lib.models import AuditEntry, JobRun, OutboxEntry

# The fields whose words are a person's, a secret's, or free.
SECRET_FIELDS = {
    "address",
    "conseil",
    "credential",
    "decision_by",
    "email",
    "facts",
    "first_name",
    "ft_contact",
    "ft_id",
    "identifier",
    "last_name",
    "name",
    "old_password",
    "opinion_by",
    "partner",
    "password",
    "password1",
    "password2",
    "phone",
    "secret",
    "sender_name",
    "subject",
    "text",
    "who",
}


class Witness:
    """Remembers what was typed since it was asked to, and looks for it."""

    def __init__(self, logs: pytest.LogCaptureFixture) -> None:
        self.logs = logs
        self.typed: set[str] = set()

    def hear(self, data: Any) -> None:
        for name, value in (data or {}).items() if isinstance(data, dict) else ():
            if isinstance(value, SimpleUploadedFile):
                value.seek(0)
                self.typed |= set(value.read().decode().split(";"))
                value.seek(0)
            is_code = name == "code" and any(sign.isdigit() for sign in str(value))
            if name in SECRET_FIELDS or is_code:
                self.typed |= set(value if isinstance(value, list) else [value])

    def found(self) -> list[tuple[str, str]]:
        """What was typed and stands where it must not: the place, the word."""
        words = {word.strip() for word in map(str, self.typed) if len(word.strip()) > 3}
        return [
            (place, word)
            for place, text in places(self.logs.records)
            for word in words
            if word.casefold() in text.casefold()
        ]


def places(records: Iterable[logging.LogRecord]) -> Iterator[tuple[str, str]]:
    """Each place by name, and all that stands in it."""
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
    yield "broker", waiting_at_the_broker()


def waiting_at_the_broker() -> str:
    """What tasks that nobody took yet hold."""
    with app.connection_for_read() as connection:
        valkey = connection.default_channel.client
        held = [
            message
            for key in valkey.keys("*")
            if valkey.type(key) == b"list"
            for message in valkey.lrange(key, 0, -1)
        ]
    return b"\n".join(held).decode()


@contextmanager
def listening(witness: Witness) -> Iterator[None]:
    """Whatever a browser posts meanwhile is heard."""
    post = Client.post

    def heard(self: Client, path: str, data: Any = None, *args: Any, **kw: Any) -> Any:
        witness.hear(data)
        return post(self, path, data, *args, **kw)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "post", heard)
        yield
