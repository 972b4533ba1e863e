import datetime as dt

from celery import shared_task

from opus.lib import jobs
from opus.lib.privacy import retention


@shared_task
@jobs.exclusive(retention.JOB, every=dt.timedelta(days=1))
def purge_personal_data() -> None:
    """Purge the personal data at term (V9, V10).

    Raises PurgeFailed after the rest is purged; R25 then alerts staff.
    """
    if number := retention.run().failures:
        raise retention.PurgeFailed(f"{number} rows could not go.")
