from referrals.acts.admin import OutcomeCodeAdmin
from referrals.appointments.admin.appointments import AppointmentAdmin
from referrals.appointments.admin.slots import SlotAdmin
from referrals.caseloads.admin import AccountAdmin, CaseloadTransferAdmin
from referrals.cv_requests.admin import CvRequestAdmin
from referrals.direct.admin import ReferralAdmin
from referrals.preselection.admin import ScreenedReferralAdmin
from referrals.privacy.admin import CandidateHoldAdmin
