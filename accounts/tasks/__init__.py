"""Work after the answer, by subject; each module is named here, for the worker."""

from accounts.tasks import (
    alerts,
    conventions,
    exports,
    housekeeping,
    letters,
    team,
    vacancies,
)

__all__ = [
    "alerts",
    "conventions",
    "exports",
    "housekeeping",
    "letters",
    "team",
    "vacancies",
]
