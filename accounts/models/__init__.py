"""The models of accounts, by subject."""

from accounts.enums import Service
from accounts.meetings.models import Attendance, Reply, ReviewMeeting
from accounts.models.absences import Leave
from accounts.models.access import FirstAccess, IdentityCheck
from accounts.models.addresses import AddressChange
from accounts.models.alerts import (
    Alert,
    AlertState,
    Conclusion,
    Level,
    Rule,
    WatchCursor,
)
from accounts.models.amendments import Amendment
from accounts.models.breaches import Breach, BreachReason, BreachState
from accounts.models.charter import CharterAcceptance
from accounts.models.conventions import (
    Convention,
    ConventionState,
)
from accounts.models.corrections import AccountCorrection
from accounts.models.endings import Ending, EndingOrigin
from accounts.models.exports import Export
from accounts.models.factors import BackupCode, BackupSheet, Passkey, TotpDevice
from accounts.models.holds import AccountHold
from accounts.models.letters import Carrier, Letter, LetterKind
from accounts.models.limits import Throttle, Usage
from accounts.models.lost_factors import FactorReset, LossReason, ResetState
from accounts.models.nominations import Nomination
from accounts.models.partnerships import Partnership
from accounts.models.proposals import ProposalState
from accounts.models.reviews import TeamReview, TeamReviewAnswer
from accounts.models.security import SecurityEvent, SecurityEventKind
from accounts.models.sessions import OpenSession, SessionEnd
from accounts.models.structures import Agency, AgencyKind, Structure, StructureKind
from accounts.models.users import AccountStep, User
from accounts.nomination_enums import NominationState
from accounts.user_enums import (
    ClosingReason,
    Role,
    SuspensionReason,
    UserState,
)
