"""Housekeeping of the audit journal's partitions."""

from celery import shared_task
from django.db import connection


@shared_task
def open_audit_months() -> None:
    """Have the partitions of this month and of the thirteen that follow."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT opus_open_audit_months(now(), 13)")
