"""The configuration of logs: JSON lines without personal data (S41)."""

from typing import Any

JSON: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "opus.lib.logs.json_formatter.JsonFormatter"}},
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
            "()": "opus.lib.logs.sentry.SentryHandler",
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
