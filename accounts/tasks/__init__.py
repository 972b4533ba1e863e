"""Work after the answer, by subject; each module is named here, for the worker."""

from accounts.tasks import conventions, housekeeping, letters

__all__ = ["conventions", "housekeeping", "letters"]
