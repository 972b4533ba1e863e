"""The models of accounts, by subject."""

from accounts.models.access import CharterAcceptance, FirstAccess, TotpDevice
from accounts.models.amendments import Amendment, AmendmentStep
from accounts.models.breaches import Breach, BreachReason, BreachState, BreachStep
from accounts.models.conventions import Convention, ConventionState, ConventionStep
from accounts.models.endings import Ending, EndingOrigin, EndingStep
from accounts.models.letters import Carrier, Letter, LetterKind
from accounts.models.limits import Throttle
from accounts.models.nominations import Nomination, NominationState, NominationStep
from accounts.models.partnerships import Partnership
from accounts.models.proposals import ProposalState
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
    "Carrier",
    "CharterAcceptance",
    "ClosingReason",
    "Convention",
    "ConventionState",
    "ConventionStep",
    "Ending",
    "EndingOrigin",
    "EndingStep",
    "FirstAccess",
    "Letter",
    "LetterKind",
    "Nomination",
    "NominationState",
    "NominationStep",
    "Partnership",
    "ProposalState",
    "Role",
    "Service",
    "Structure",
    "StructureKind",
    "SuspensionReason",
    "Terms",
    "Throttle",
    "TotpDevice",
    "User",
    "UserState",
]
