"""Celery's settings that no machine changes; ``opus.settings`` imports them."""

CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 20
CELERY_TASK_TIME_LIMIT = 30
# Twice the hard limit: a killed worker hides its task for a minute, not an hour (R7).
BROKER_OPTIONS = {
    "visibility_timeout": 90,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "retry_on_timeout": True,
    "health_check_interval": 10,
    # A page never waits for an absent broker: the sweep will find the work (R6, R14).
    # Without this, the default channel tries again for six seconds.
    "max_retries": 0,
}
# What a page waits for a broker that is frozen; a worker, which listens, waits longer.
PATIENCE_OF_PAGES = {
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    "retry_on_timeout": False,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# For as long as it takes.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Europe/Paris"
# A process that grew gives its memory back after the task, in kB: WORKER_DATA_BYTES.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
# After ten calls, some ten seconds, the clock's file is written: a sign of its health.
CELERY_BEAT_SYNC_EVERY = 10
