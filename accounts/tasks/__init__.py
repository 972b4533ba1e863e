"""Work after the answer, by subject; each module is named here, for the worker."""

from accounts.tasks import alerts, letters

__all__ = ["alerts", "letters"]
