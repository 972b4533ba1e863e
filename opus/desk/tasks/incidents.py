"""The clock of incidents: each day has its news (art. 6, R17)."""

import datetime as dt

from celery import shared_task
from django.db import transaction

from opus.desk.emails.incidents import tell_staff
from opus.desk.models import Incident
from opus.lib import jobs


@shared_task
@jobs.alone("watch-incidents", every=dt.timedelta(hours=1))
def watch_incidents() -> None:
    """Tell staff of those that nobody spoke of for a day; once a day each."""
    with transaction.atomic():
        for incident in Incident.objects.unspoken():
            tell_staff(incident)
