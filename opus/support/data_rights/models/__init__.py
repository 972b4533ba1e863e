from opus.support.data_rights.models.choices import (
    ALONE,
    FOUND_IN,
    OPEN_STATES,
    Check,
    Delay,
    PersonKind,
    Refusal,
    RequestState,
    Right,
    Route,
)
from opus.support.data_rights.models.person_files import PersonFile
from opus.support.data_rights.models.requests import (
    ConcernedCandidate,
    RightsRequest,
    RightsRequestStep,
)
