import datetime as dt

from celery import shared_task
from django.db import transaction

from opus.desk.emails.incidents import notify_staff
from opus.desk.models.incidents import Incident
from opus.lib import jobs


@shared_task
@jobs.alone("watch-incidents", every=dt.timedelta(hours=1))
def watch_incidents() -> None:
    """Remind staff of incidents without an update for a day (art. 6, R17)."""
    with transaction.atomic():
        for incident in Incident.objects.unspoken():
            notify_staff(incident)
