"""The models of accounts, by subject."""

from accounts.models.access import CharterAcceptance, FirstAccess
from accounts.models.amendments import Amendment, AmendmentStep
from accounts.models.breaches import Breach, BreachReason, BreachState, BreachStep
from accounts.models.conventions import Convention, ConventionState, ConventionStep
from accounts.models.endings import Ending, EndingOrigin, EndingStep
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
from accounts.models.partnerships import Partnership
from accounts.models.proposals import ProposalState
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
    "AccountStep",
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
    "Carrier",
    "CharterAcceptance",
    "ClosingReason",
    "Convention",
    "ConventionState",
    "ConventionStep",
    "Ending",
    "EndingOrigin",
    "EndingStep",
    "FactorReset",
    "FactorResetStep",
    "FirstAccess",
    "IdentityCheck",
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
    "Service",
    "SessionEnd",
    "Structure",
    "StructureKind",
    "SuspensionReason",
    "Terms",
    "Throttle",
    "TotpDevice",
    "Usage",
    "User",
    "UserState",
]
