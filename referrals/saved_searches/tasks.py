import datetime as dt

from celery import shared_task

from opus.lib import jobs
from referrals.saved_searches.jobs import send_alerts

# A new offer is notified within a minute: this interval, five seconds of margin for
# open transactions (``watermark``), and the outbox.
ALERTS_EVERY = 30


@shared_task(expires=ALERTS_EVERY)
@jobs.exclusive("search-alerts", every=dt.timedelta(seconds=ALERTS_EVERY))
def send_search_alerts() -> None:
    """Send the e-mails of searches, at once or mornings (U5)."""
    send_alerts()
