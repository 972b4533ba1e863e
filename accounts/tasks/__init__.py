"""Work after the answer, by subject; each module is named here, for the worker."""

from accounts.tasks import alerts, housekeeping, letters, team, vacancies

__all__ = ["alerts", "housekeeping", "letters", "team", "vacancies"]
