"""Technical logs as JSON lines: no line can be forged by what somebody typed (S41)."""

import json
import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any


class JsonFormatter(logging.Formatter):
    """One record, one line. JSON escapes the line breaks that a value may hold."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)

    def formatException(self, ei: Any) -> str:
        """Where it broke and the kind of each error, never its words.

        A database names the row that it refuses, a parser what it could not read:
        that may be what somebody typed. Of a database's refusal, the code and the
        rule's name are told.
        """
        _, error, _ = ei
        return "\n".join(story(error)) if error else ""


def story(error: BaseException) -> list[str]:
    """The error and those that led to it, the first one first."""
    earlier = error.__cause__ or (
        None if error.__suppress_context__ else error.__context__
    )
    told = [*story(earlier), "…which led to:"] if earlier else []
    return [*told, *frames(error.__traceback__), kind_of(error)]


def frames(trace: TracebackType | None) -> list[str]:
    return [line.rstrip() for line in traceback.format_tb(trace)]


def kind_of(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    diagnosis = getattr(error, "diag", None)
    known = (
        getattr(diagnosis, "sqlstate", None),
        getattr(diagnosis, "constraint_name", None),
    )
    return " ".join([name, *filter(None, known)])
