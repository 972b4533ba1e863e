from accounts.agreements.models.amendments import Amendment, AmendmentStep
from accounts.agreements.models.articles import AgreementDocument, ModelText, SignedCopy
from accounts.agreements.models.conventions import (
    Convention,
    ConventionStep,
    Partnership,
)
from accounts.agreements.models.letters import Letter
from accounts.agreements.models.terminations import (
    Breach,
    BreachStep,
    Ending,
    EndingStep,
)
from accounts.exports.models import Export
from accounts.meetings.models import ReviewMeeting
from accounts.nominations.models import Nomination, NominationStep
from accounts.security.models import Alert, AlertStep, DetectionCursor
from accounts.signin.models.access_changes import SecurityEvent
from accounts.signin.models.charter import CharterAcceptance
from accounts.signin.models.factor_recovery import FactorReset, FactorResetStep
from accounts.signin.models.factors import (
    BackupCode,
    BackupCodeSet,
    Passkey,
    TotpDevice,
)
from accounts.signin.models.rate_limits import Throttle, Usage
from accounts.signin.models.sessions import OpenSession, ProvedNetwork
from accounts.structures.models import Agency, Structure
from accounts.team.models import TeamReview, TeamReviewAnswer
from accounts.users.models.absences import Leave
from accounts.users.models.addresses import AddressChange
from accounts.users.models.first_access import FirstAccess
from accounts.users.models.privacy import AccountCorrection, AccountHold
from accounts.users.models.users import AccountStep, User
