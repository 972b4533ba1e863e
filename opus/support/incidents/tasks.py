import datetime as dt

from celery import shared_task
from django.db import transaction

from opus.lib import jobs
from opus.support.incidents.emails import notify_staff
from opus.support.incidents.models import Incident


@shared_task
@jobs.exclusive("check-incidents", every=dt.timedelta(hours=1))
def check_incidents() -> None:
    """Remind staff of incidents without an update (art. 6, R17)."""
    with transaction.atomic():
        for incident in Incident.objects.unspoken():
            notify_staff(incident)
