"""The models of referrals, by subject."""

from referrals.models.acts import (
    Act,
    CancelReason,
    Channel,
    Referral,
    ReferralState,
    ReferralStep,
)
from referrals.models.candidates import Candidate
from referrals.models.documents import Document, DocumentState, Failure, VoidSheet
from referrals.models.outcomes import DeclaredBy, Outcome, OutcomeCode, OutcomeKind

__all__ = [
    "Act",
    "CancelReason",
    "Candidate",
    "Channel",
    "DeclaredBy",
    "Document",
    "DocumentState",
    "Failure",
    "Outcome",
    "OutcomeCode",
    "OutcomeKind",
    "Referral",
    "ReferralState",
    "ReferralStep",
    "VoidSheet",
]
