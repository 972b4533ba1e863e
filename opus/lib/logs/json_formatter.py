"""Technical logs as JSON lines, which nobody can forge (S41)."""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any


class JsonFormatter(logging.Formatter):
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
        """Return places and kinds of errors, without their words.

        For a database error, also the SQL code and the constraint's name.
        """
        _, error, _ = ei
        return "\n".join(story(error)) if error else ""


def story(error: BaseException) -> list[str]:
    earlier = error.__cause__ or (
        None if error.__suppress_context__ else error.__context__
    )
    causes = [*story(earlier), "…which led to:"] if earlier else []
    frames = map(str.rstrip, traceback.format_tb(error.__traceback__))
    return [*causes, *frames, kind_of(error)]


def kind_of(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    diagnosis = getattr(error, "diag", None)
    known = [getattr(diagnosis, one, None) for one in ("sqlstate", "constraint_name")]
    return " ".join([name, *filter(None, known)])
