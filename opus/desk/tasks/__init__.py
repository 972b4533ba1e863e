"""Work by the clock, by subject; each module is named here, for the worker."""

from opus.desk.tasks import incidents, probes, tickets

__all__ = ["incidents", "probes", "tickets"]
