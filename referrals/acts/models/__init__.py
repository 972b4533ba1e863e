from referrals.acts.models.acts import (
    ACT_MOVED,
    Act,
    ActQuerySet,
    ActStep,
    CancelReason,
    Channel,
    draw_act_number,
    rules_of,
)
from referrals.acts.models.outcomes import DeclaredBy, Outcome, OutcomeCode, OutcomeKind
from referrals.acts.models.placements import Placement, PlacementQuerySet
