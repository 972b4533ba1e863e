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
