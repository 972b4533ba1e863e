"""The models of referrals, by subject."""

from referrals.models.acts import (
    Act,
    CancelReason,
    Channel,
    Referral,
    ReferralStep,
)
from referrals.models.candidates import Candidate
from referrals.models.documents import Document, DocumentState, VoidSheet
from referrals.models.favourites import Favourite
from referrals.models.outcomes import DeclaredBy, Outcome, OutcomeCode, OutcomeKind
from referrals.models.states import LIVE_STATES, ReferralState
from referrals.models.watches import Watch

__all__ = [
    "Act",
    "CancelReason",
    "Candidate",
    "Channel",
    "DeclaredBy",
    "Document",
    "DocumentState",
    "Favourite",
    "LIVE_STATES",
    "Outcome",
    "OutcomeCode",
    "OutcomeKind",
    "Referral",
    "ReferralState",
    "ReferralStep",
    "VoidSheet",
    "Watch",
]
