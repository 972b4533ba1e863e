"""The models of accounts, by subject."""

from accounts.agreements.models import (
    Amendment,
    AmendmentStep,
    Breach,
    BreachStep,
    Convention,
    ConventionStep,
    Ending,
    EndingStep,
    Letter,
    Partnership,
)
from accounts.exports.models import Export
from accounts.meetings.models import ReviewMeeting
from accounts.nominations.models import Nomination, NominationStep
from accounts.security.models import Alert, AlertStep, WatchCursor
from accounts.signin.models import (
    BackupCode,
    BackupSheet,
    CharterAcceptance,
    FactorReset,
    FactorResetStep,
    OpenSession,
    Passkey,
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
