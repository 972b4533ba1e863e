from opus.lib.privacy.personal_data import Retention, Table, declare

SEALED = "cette copie elle-même"

declare(
    Table(
        "support.RightsRequest",
        Retention.REQUESTS,
        accounts=("account",),
        candidates=("candidates__candidate",),
        others=("checked_by", "recorded_by"),
    ),
    Table(
        "support.RightsRequestStep",
        Retention.REQUESTS,
        accounts=("request__account",),
        candidates=("request__candidates__candidate",),
        others=("by",),
    ),
    Table(
        "support.ConcernedCandidate",
        Retention.ACTS,
        accounts=("request__account",),
        candidates=("candidate",),
    ),
    Table(
        "support.PersonFile",
        Retention.FILES,
        accounts=("request__account",),
        candidates=("request__candidates__candidate",),
        others=("asked_by", "taken_by"),
        left_out={"content": SEALED},
    ),
)
