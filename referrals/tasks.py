import datetime as dt

from celery import shared_task

from opus.lib import jobs
from referrals.acts.jobs import check_silence, confirm_acts, notify_withdrawals
from referrals.appointments.jobs import check_appointments
from referrals.caseloads import actions
from referrals.cv_requests.jobs import check_cvs
from referrals.documents.jobs import load_printer, notify_changes
from referrals.privacy.retention import forget_habits
from referrals.saved_searches.jobs import send_search_alerts


@shared_task
@jobs.exclusive("apply-transfers", every=dt.timedelta(minutes=5))
def apply_transfers() -> None:
    actions.confide_again()
    actions.apply_due()
