"""Work by the clock, by subject; each module is named here, for the worker."""

from opus.desk.tasks import incidents, opinions, probes, tickets

__all__ = ["incidents", "opinions", "probes", "tickets"]
