from referrals.appointments.codes import (
    AbsenceKind,
    MeetingMode,
    MoveReason,
    NotHandedBecause,
)
from referrals.models.acts import Act, ActStep, CancelReason, Channel
from referrals.models.candidates import Candidate
from referrals.models.corrections import Correction
from referrals.models.cv_requests import (
    CvFile,
    CvFormat,
    CvRefusal,
    CvRequest,
    CvRequestStep,
)
from referrals.models.documents import (
    Document,
    EasyDocument,
    EasyForm,
    VoidDocument,
)
from referrals.models.favourites import Favourite
from referrals.models.mails import ConsentWay, DocumentMail, MailConsent
from referrals.models.outcomes import DeclaredBy, Outcome, OutcomeCode, OutcomeKind
from referrals.models.placements import Placement
from referrals.models.print_jobs import PrintedDocument, PrintJob
from referrals.models.referrals import Referral, ReferralStep
from referrals.models.screened import (
    ScreenedReferral,
    ScreenedReferralStep,
    SetAsideReason,
)
from referrals.models.slots import Slot
from referrals.models.stand_ins import StandIn
from referrals.models.states import (
    LIVE_STATES,
    CvState,
    ReferralState,
    ScreenedState,
    SummonsState,
)
from referrals.models.summonses import Summons, SummonsStep
from referrals.models.transfers import (
    CaseloadTransfer,
    CaseloadTransferStep,
    TransferState,
)
from referrals.privacy.models import CandidateHold, PastActs
from referrals.saved_searches.models import AlertPace, SavedSearch
