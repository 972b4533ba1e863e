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
from accounts.signin.models import (
    BackupCode,
    BackupCodeSet,
    CharterAcceptance,
    FactorReset,
    FactorResetStep,
    OpenSession,
    Passkey,
    ProvedNetwork,
    SecurityEvent,
    Throttle,
    TotpDevice,
    Usage,
)
from accounts.structures.models import Agency, Structure
from accounts.team.models import TeamReview, TeamReviewAnswer
from accounts.users.models import (
    AccountCorrection,
    AccountHold,
    AccountStep,
    AddressChange,
    FirstAccess,
    Leave,
    User,
)
