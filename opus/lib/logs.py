"""Technical logs as JSON lines, which nobody can forge, without personal data (S41)."""

import json
import logging
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

JSON: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "opus.lib.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
}
LOGGERS: dict[str, dict[str, Any]] = {
    "django": {"handlers": [], "propagate": True},
    # Refusals have their line in opus.access.
    "django.request": {"level": "ERROR"},
    # Each task has a line at its end.
    "celery.worker.strategy": {"level": "WARNING"},
    "fontTools": {"level": "WARNING"},
    # The pull sends thousands of requests in an hour.
    "httpx2": {"level": "WARNING"},
    # Celery's pool, which passes nothing on to the root.
    "multiprocessing": {"handlers": ["stderr"], "level": "WARNING"},
    "weasyprint": {"level": "ERROR"},
}


def of_django(level: str, sentry_dsn: str) -> dict[str, Any]:
    """Return LOGGING; errors also go to Sentry if there is a DSN."""
    handlers = dict(JSON["handlers"])
    if sentry_dsn:
        handlers["sentry"] = {
            "()": "opus.lib.sentry.SentryHandler",
            "level": "ERROR",
            "dsn": sentry_dsn,
        }
    root = {"handlers": list(handlers), "level": level}
    return {**JSON, "handlers": handlers, "root": root, "loggers": LOGGERS}


def of_gunicorn(level: str) -> dict[str, Any]:
    """Return its ``logconfig_dict``; the root belongs to Django's."""
    error = {"handlers": ["stderr"], "level": level, "propagate": False}
    # Our opus.access logs requests, without addresses.
    access = {"handlers": [], "level": "CRITICAL", "propagate": False}
    loggers = {"gunicorn.error": error, "gunicorn.access": access}
    return {**JSON, "root": {}, "loggers": loggers}


# Of every line of a request or a task: ``request`` its id, ``route`` the name of its
# address, ``task`` the name of a task.
_fields = ContextVar[Mapping[str, str]]("log_fields")


def current_fields() -> Mapping[str, str]:
    return _fields.get({})


def set_fields(**fields: str) -> None:
    """Replace all fields; empty ones are left out."""
    _fields.set({name: value for name, value in fields.items() if value})


def add_fields(**fields: str) -> None:
    _fields.set({**current_fields(), **fields})


OURS = {"accounts", "demo", "offers", "opus", "referrals"}
LEFT_OUT = "…"
# Celery's lines about a task, by their named parts: what it returned or received.
WORDS_OF_TASKS = ("args", "exc", "kwargs", "return_value", "traceback")
# What gunicorn writes next contains an IP address, or an address with its tokens.
CUT_AFTER = ("Invalid request", "Error handling request")


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": message_of(record),
            "pid": record.process,
            **current_fields(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)

    def formatException(self, ei: Any) -> str:
        """Return places and kinds of errors, without their words.

        For a database error, also the SQL code and the constraint's name.
        """
        _, error, _ = ei
        return "\n".join(story(error)) if error else ""


def message_of(record: logging.LogRecord) -> str:
    """Return the message, without what a library quotes of people.

    Libraries quote addresses (which contain tokens), headers and words of errors.
    """
    if record.name.partition(".")[0] in OURS:
        return record.getMessage()
    # The words of a refusal are a header or an address: its kind is the logger's name.
    if record.name.startswith("django.security."):
        return f"Refused: {record.name.rpartition('.')[2]}"
    if isinstance(record.msg, BaseException):
        return kind_of(record.msg)
    text = str(record.msg)
    for beginning in CUT_AFTER:
        if record.name.startswith("gunicorn.") and text.startswith(beginning):
            return beginning
    return text % without_words(record.args) if record.args else text


def without_words(args: Any) -> Any:
    if isinstance(args, dict):
        return {**args, **dict.fromkeys(args.keys() & WORDS_OF_TASKS, LEFT_OUT)}
    return tuple(map(without_word, args))


def without_word(value: object) -> object:
    if isinstance(value, BaseException):
        return kind_of(value)
    return LEFT_OUT if isinstance(value, str) and value.startswith("/") else value


def story(error: BaseException) -> list[str]:
    causes = earlier(error)
    before = [*story(causes), "…which led to:"] if causes else []
    frames = map(str.rstrip, traceback.format_tb(error.__traceback__))
    return [*before, *frames, kind_of(error)]


def earlier(error: BaseException) -> BaseException | None:
    """Return the error that led to this one."""
    return error.__cause__ or (
        None if error.__suppress_context__ else error.__context__
    )


def kind_of(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    diagnosis = getattr(error, "diag", None)
    known = [getattr(diagnosis, one, None) for one in ("sqlstate", "constraint_name")]
    return " ".join([name, *filter(None, known)])
