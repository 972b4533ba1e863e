"""The models of accounts, by subject."""

from accounts.models.access import CharterAcceptance, FirstAccess, TotpDevice
from accounts.models.conventions import (
    Convention,
    ConventionState,
    ConventionStep,
    Service,
)
from accounts.models.letters import Carrier, Letter, LetterKind
from accounts.models.limits import Throttle
from accounts.models.nominations import (
    Nomination,
    NominationState,
    NominationStep,
)
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
    "Agency",
    "AgencyKind",
    "Carrier",
    "CharterAcceptance",
    "ClosingReason",
    "Convention",
    "ConventionState",
    "ConventionStep",
    "FirstAccess",
    "Letter",
    "LetterKind",
    "Nomination",
    "NominationState",
    "NominationStep",
    "Role",
    "Service",
    "Structure",
    "StructureKind",
    "SuspensionReason",
    "Throttle",
    "TotpDevice",
    "User",
    "UserState",
]
