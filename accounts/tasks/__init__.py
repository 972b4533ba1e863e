"""Work after the answer, by subject; each module is named here, for the worker."""

from accounts.tasks import conventions, letters

__all__ = ["conventions", "letters"]
