"""Errors sent to Sentry, without personal data (S41)."""

import logging
import traceback
from typing import Any

import sentry_sdk
from django.conf import settings

from opus.lib.logs import current_fields, earlier, kind_of, message_of

# All that leaves; the library adds the versions of its own parts.
SENT = {
    *("event_id", "timestamp", "platform", "level", "logger", "message"),
    *("transaction", "tags", "exception", "environment", "server_name"),
}


class SentryHandler(logging.Handler):
    """Sends each line as an event of our own making.

    No integration of the library runs: it would collect addresses, bodies, headers and
    variables by itself.
    """

    def __init__(self, dsn: str) -> None:
        super().__init__()
        sentry_sdk.init(
            dsn=dsn,
            default_integrations=False,
            auto_enabling_integrations=False,
            auto_session_tracking=False,
            send_default_pii=False,
            include_local_variables=False,
            max_breadcrumbs=0,
            before_send=scrubbed,
        )

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith("sentry_sdk"):
            sentry_sdk.capture_event(event_of(record))


def scrubbed(event: Any, hint: Any) -> Any:
    return {name: value for name, value in event.items() if name in SENT}


def event_of(record: logging.LogRecord) -> Any:
    error = record.exc_info[1] if record.exc_info else None
    fields = current_fields()
    return {
        "level": "fatal" if record.levelno >= logging.CRITICAL else "error",
        "logger": record.name,
        "message": message_of(record),
        # The name of the route or of the task.
        "transaction": fields.get("route") or fields.get("task") or "",
        "tags": dict(fields),
        **({"exception": {"values": exceptions(error)}} if error else {}),
    }


def exceptions(error: BaseException) -> list[dict[str, Any]]:
    """Return kinds and places, the first cause first."""
    cause = earlier(error)
    this = {"type": kind_of(error), "stacktrace": {"frames": frames(error)}}
    return [*(exceptions(cause) if cause else []), this]


def frames(error: BaseException) -> list[dict[str, Any]]:
    root = f"{settings.BASE_DIR}/"
    return [
        {
            "filename": frame.filename.removeprefix(root),
            "function": frame.name,
            "lineno": frame.lineno,
            "context_line": frame.line,
            "in_app": frame.filename.startswith(root)
            and "site-packages" not in frame.filename,
        }
        for frame in traceback.extract_tb(error.__traceback__)
    ]
