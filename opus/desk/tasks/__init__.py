"""The tasks of each subject, imported here for the worker."""

from opus.desk.rights import tasks as rights
from opus.desk.tasks import incidents, probes, tickets
