"""The models of referrals, by subject."""

from referrals.models.acts import Act, Referral, ReferralState, ReferralStep
from referrals.models.candidates import Candidate
from referrals.models.documents import Document, DocumentState
from referrals.models.outcomes import DeclaredBy, Outcome, OutcomeCode

__all__ = [
    "Act",
    "Candidate",
    "DeclaredBy",
    "Document",
    "DocumentState",
    "Outcome",
    "OutcomeCode",
    "Referral",
    "ReferralState",
    "ReferralStep",
]
