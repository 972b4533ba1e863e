"""Work after the answer, by subject; each module is named here, for the worker."""

from accounts.tasks import (
    alerts,
    conventions,
    housekeeping,
    team,
    vacancies,
)

__all__ = [
    "alerts",
    "conventions",
    "housekeeping",
    "team",
    "vacancies",
]
