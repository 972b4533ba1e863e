"""Celery's logs: as JSON, with the id of the request that sent a task."""

import logging.config
from typing import Any

from celery import Task
from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun
from django.conf import settings

from opus.lib.logs import context

HEADER = "opus_request"


@setup_logging.connect
def configure(**kwargs: Any) -> None:
    """Replace Celery's own lines and its level."""
    logging.config.dictConfig(settings.LOGGING)


@before_task_publish.connect
def add_request_id(headers: dict[str, Any], **kwargs: Any) -> None:
    if number := context.current().get("request"):
        headers[HEADER] = number


@task_prerun.connect
def begin_task(task: Task, **kwargs: Any) -> None:
    context.begin(task=task.name, request=getattr(task.request, HEADER, None) or "")


@task_postrun.connect
def end_task(**kwargs: Any) -> None:
    context.begin()
