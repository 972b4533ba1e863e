from opus.lib.http.body_limits import (
    DRAIN_STEP,
    TooLargeResponse,
    body_stream,
    content_length,
)
from opus.lib.http.middleware import PROBES
from opus.lib.http.responses import (
    RETRY_AFTER_BREAKDOWN,
    database_away,
    session_ended,
    too_many_requests,
)

__all__ = [
    "DRAIN_STEP",
    "PROBES",
    "RETRY_AFTER_BREAKDOWN",
    "TooLargeResponse",
    "body_stream",
    "content_length",
    "database_away",
    "session_ended",
    "too_many_requests",
]
