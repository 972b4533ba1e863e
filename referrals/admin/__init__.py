from referrals.admin import (
    accounts,
    cv_requests,
    holds,
    outcome_codes,
    referrals,
    screened,
    slots,
    summonses,
    transfers,
)

__all__ = [
    "accounts",
    "cv_requests",
    "holds",
    "outcome_codes",
    "referrals",
    "screened",
    "slots",
    "summonses",
    "transfers",
]
