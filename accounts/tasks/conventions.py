"""What the calendar does to conventions: tidying and e-mails (R12, R25).

No access opens or closes here: that is a predicate on dates, asked at each request.
"""

import datetime as dt

from celery import shared_task

from accounts import deadlines
from opus.lib import jobs


@shared_task
@jobs.alone("watch-conventions", every=dt.timedelta(minutes=30))
def watch_conventions() -> None:
    """States that follow their dates, and what accounts are told beforehand."""
    deadlines.tidy()
    deadlines.tell_ends()
    deadlines.tell_excesses()
