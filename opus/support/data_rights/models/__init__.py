from opus.support.data_rights.models.choices import (
    ALONE,
    ANSWERED_BY,
    FOUND_IN,
    OPEN_STATES,
    Answer,
    Check,
    Delay,
    GestureKind,
    OfferPart,
    PersonKind,
    Refusal,
    RequestCorrection,
    RequestState,
    Right,
    Route,
    reasons_for,
)
from opus.support.data_rights.models.gestures import (
    ConcernedCandidate,
    ConcernedOffer,
    RightsGesture,
)
from opus.support.data_rights.models.person_files import PersonFile
from opus.support.data_rights.models.replies import Reply, ReplyKind
from opus.support.data_rights.models.requests import RightsRequest, RightsRequestStep
