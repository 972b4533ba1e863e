"""The models of the desk, by subject."""

from opus.desk.models.rights import (
    Check,
    ConcernedCandidate,
    Delay,
    PersonFile,
    PersonKind,
    Refusal,
    RequestState,
    Right,
    RightsRequest,
    RightsRequestStep,
    Route,
)

__all__ = [
    "Check",
    "ConcernedCandidate",
    "Delay",
    "PersonFile",
    "PersonKind",
    "Refusal",
    "RequestState",
    "Right",
    "RightsRequest",
    "RightsRequestStep",
    "Route",
]
