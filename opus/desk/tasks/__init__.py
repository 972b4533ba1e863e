"""Regular tasks by subject, imported here for the worker."""

from opus.desk.tasks import incidents, probes, tickets
