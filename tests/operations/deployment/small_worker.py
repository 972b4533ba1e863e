"""Settings of a worker with little memory: a large document is soon too large."""

from opus.settings import *  # noqa: F403

WORKER_DATA_BYTES = 256 * 1024 * 1024
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 240_000
