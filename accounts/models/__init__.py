"""The models of accounts, by subject."""

from accounts.models.absences import Leave
from accounts.models.access import CharterAcceptance, FirstAccess
from accounts.models.addresses import AddressChange
from accounts.models.conventions import (
    Convention,
    ConventionState,
    ConventionStep,
    Service,
)
from accounts.models.factors import BackupCode, BackupSheet, Passkey, TotpDevice
from accounts.models.letters import Carrier, Letter, LetterKind
from accounts.models.limits import Throttle, Usage
from accounts.models.lost_factors import (
    FactorReset,
    FactorResetStep,
    IdentityCheck,
    LossReason,
    ResetState,
)
from accounts.models.nominations import Nomination, NominationState, NominationStep
from accounts.models.reviews import TeamReview, TeamReviewAnswer
from accounts.models.sessions import OpenSession, SessionEnd
from accounts.models.structures import Agency, AgencyKind, Structure, StructureKind
from accounts.models.users import (
    AccountStep,
    ClosingReason,
    Role,
    SuspensionReason,
    User,
    UserState,
)

__all__ = [
    "AccountStep",
    "AddressChange",
    "Agency",
    "AgencyKind",
    "BackupCode",
    "BackupSheet",
    "Carrier",
    "CharterAcceptance",
    "ClosingReason",
    "Convention",
    "ConventionState",
    "ConventionStep",
    "FactorReset",
    "FactorResetStep",
    "FirstAccess",
    "IdentityCheck",
    "Leave",
    "Letter",
    "LetterKind",
    "LossReason",
    "Nomination",
    "NominationState",
    "NominationStep",
    "OpenSession",
    "Passkey",
    "ResetState",
    "Role",
    "Service",
    "SessionEnd",
    "Structure",
    "StructureKind",
    "SuspensionReason",
    "TeamReview",
    "TeamReviewAnswer",
    "Throttle",
    "TotpDevice",
    "Usage",
    "User",
    "UserState",
]
