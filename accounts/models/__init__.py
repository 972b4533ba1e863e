"""The models of accounts, by subject."""

from accounts.meetings.models import Attendance, Reply, ReviewMeeting
from accounts.models.absences import Leave
from accounts.models.access import CharterAcceptance, FirstAccess
from accounts.models.addresses import AddressChange
from accounts.models.alerts import (
    Alert,
    AlertState,
    AlertStep,
    Conclusion,
    Level,
    Rule,
    WatchCursor,
)
from accounts.models.amendments import Amendment, AmendmentStep
from accounts.models.breaches import Breach, BreachReason, BreachState, BreachStep
from accounts.models.conventions import (
    Convention,
    ConventionState,
    ConventionStep,
)
from accounts.models.corrections import AccountCorrection
from accounts.models.endings import Ending, EndingOrigin, EndingStep
from accounts.models.exports import Export
from accounts.models.factors import BackupCode, BackupSheet, Passkey, TotpDevice
from accounts.models.holds import AccountHold
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
from accounts.models.partnerships import Partnership
from accounts.models.proposals import ProposalState
from accounts.models.reviews import TeamReview, TeamReviewAnswer
from accounts.models.security import SecurityEvent, SecurityEventKind
from accounts.models.sessions import OpenSession, SessionEnd
from accounts.models.structures import Agency, AgencyKind, Structure, StructureKind
from accounts.models.terms import Service, Terms
from accounts.models.users import (
    AccountStep,
    ClosingReason,
    Role,
    SuspensionReason,
    User,
    UserState,
)

__all__ = [
    "AccountCorrection",
    "AccountHold",
    "AccountStep",
    "Attendance",
    "Reply",
    "ReviewMeeting",
    "AddressChange",
    "Agency",
    "AgencyKind",
    "Amendment",
    "AmendmentStep",
    "Breach",
    "BreachReason",
    "BreachState",
    "BreachStep",
    "BackupCode",
    "BackupSheet",
    "Alert",
    "AlertState",
    "AlertStep",
    "Carrier",
    "CharterAcceptance",
    "ClosingReason",
    "Conclusion",
    "Convention",
    "ConventionState",
    "ConventionStep",
    "Ending",
    "EndingOrigin",
    "EndingStep",
    "Export",
    "FactorReset",
    "FactorResetStep",
    "FirstAccess",
    "IdentityCheck",
    "Leave",
    "Level",
    "Letter",
    "LetterKind",
    "LossReason",
    "Nomination",
    "NominationState",
    "NominationStep",
    "Partnership",
    "ProposalState",
    "OpenSession",
    "Passkey",
    "ResetState",
    "Role",
    "Rule",
    "SecurityEvent",
    "SecurityEventKind",
    "Service",
    "SessionEnd",
    "Structure",
    "StructureKind",
    "SuspensionReason",
    "TeamReview",
    "TeamReviewAnswer",
    "Terms",
    "Throttle",
    "TotpDevice",
    "Usage",
    "User",
    "UserState",
    "WatchCursor",
]
