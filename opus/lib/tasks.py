"""The tasks of each subject, imported here for the worker."""

from opus.lib import outbox, tasks_audit, tasks_privacy
from opus.lib.files import tasks as files
from opus.lib.text_guard import tasks as text_guard
