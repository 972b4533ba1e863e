from referrals.acts.tasks import check_silence, confirm_acts, notify_withdrawals
from referrals.appointments.tasks import check_appointments
from referrals.caseloads.tasks import apply_transfers
from referrals.cv_requests.tasks import check_cvs
from referrals.documents.tasks import load_printer, notify_changes
from referrals.privacy.retention import forget_habits
from referrals.saved_searches.tasks import send_search_alerts
