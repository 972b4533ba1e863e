"""Work after the answer, by subject; each module is named here, for the worker."""

from accounts.tasks import letters, vacancies

__all__ = ["letters", "vacancies"]
