"""Work after the answer, by subject; each module is named here, for the worker."""

from accounts.tasks import housekeeping, letters, team

__all__ = ["housekeeping", "letters", "team"]
