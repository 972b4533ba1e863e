from referrals.acts.models import Act, ActStep
from referrals.acts.outcomes import Outcome, OutcomeCode
from referrals.appointments.models import (
    Appointment,
    AppointmentDetails,
    DateProposal,
    Slot,
)
from referrals.candidate_emails.models import DocumentMail, MailConsent
from referrals.candidates.models import (
    Candidate,
    MergedRecord,
    ProcessingLimit,
    StandIn,
)
from referrals.caseloads.models import CaseloadTransfer, CaseloadTransferStep
from referrals.corrections.models import Correction
from referrals.cv_requests.models import CvFile, CvRequest
from referrals.direct.models import Referral
from referrals.documents.models import (
    Document,
    EasyDocument,
    PrintedDocument,
    PrintJob,
    VoidDocument,
)
from referrals.favourites.models import Favourite
from referrals.preselection.models import ApplicationQuestion, ScreenedReferral
from referrals.privacy.models import CandidateHold, PastActs
from referrals.saved_searches.models import SavedSearch
