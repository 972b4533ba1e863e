from accounts.agreements.models.amendments import Amendment, AmendmentStep, in_words
from accounts.agreements.models.breaches import (
    LIVE_BREACHES,
    Breach,
    BreachReason,
    BreachState,
    BreachStep,
)
from accounts.agreements.models.conventions import (
    IN_FORCE_STATES,
    OVER_STATES,
    TOLD_DAYS_BEFORE,
    Convention,
    ConventionState,
    ConventionStep,
)
from accounts.agreements.models.four_eyes import ProposalState
from accounts.agreements.models.letters import (
    Carrier,
    Letter,
    LetterKind,
    clean_registered_number,
    s10_check_digit,
)
from accounts.agreements.models.partnerships import Partnership
from accounts.agreements.models.terminations import Ending, EndingOrigin, EndingStep
from accounts.agreements.models.terms import TERMS, Terms, fold
