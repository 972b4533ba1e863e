from referrals.acts.tasks import (
    confirm_acts,
    notify_withdrawals,
    watch_silence,
)
from referrals.appointments.tasks import watch_appointments
from referrals.caseloads.tasks import apply_transfers
from referrals.cv_requests.tasks import watch_cvs
from referrals.documents.tasks import load_printer
from referrals.privacy.tasks import forget_habits
from referrals.saved_searches.tasks import send_search_alerts
