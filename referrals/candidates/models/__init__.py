from referrals.candidates.models.candidates import Candidate, CandidateQuerySet
from referrals.candidates.models.stand_ins import (
    StandIn,
    followed_by,
    follower_of,
    history_of,
    longest_end,
    stand_in_of,
)
