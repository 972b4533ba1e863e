import datetime as dt
from typing import Any

from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import WebhookEvent

ERASED = "fr.opus.personne.effacee"


@outbox.webhook("candidate-erased")
def candidate_erased(
    *, candidate: str, at: str, acts: dict[str, str]
) -> WebhookEvent | None:
    """Return the webhook: her number and her acts (GDPR 19).

    Her rows are gone: the arguments bring the numbers, and no value.
    """
    erased_at = dt.datetime.fromisoformat(at)
    data: dict[str, Any] = {"actes": sorted(acts)}
    # The last event of this subject.
    sequence = int(erased_at.timestamp())
    return WebhookEvent(
        type=ERASED, subject=candidate, sequence=sequence, at=erased_at, data=data
    )
