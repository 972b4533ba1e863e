"""The tasks of each subject, imported here for the worker."""

from opus.operations import tasks_invariants, tasks_monitoring
