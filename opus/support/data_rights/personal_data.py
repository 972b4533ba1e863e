from opus.lib.privacy.personal_data import Retention, Table, declare

SEALED = "cette copie elle-même"

declare(
    Table(
        "desk.RightsRequest",
        Retention.REQUESTS,
        accounts=("account",),
        candidates=("candidates__candidate",),
        others=("checked_by", "recorded_by"),
    ),
    Table(
        "desk.RightsRequestStep",
        Retention.REQUESTS,
        accounts=("request__account",),
        candidates=("request__candidates__candidate",),
        others=("by",),
    ),
    Table(
        "desk.ConcernedCandidate",
        Retention.ACTS,
        accounts=("request__account",),
        candidates=("candidate",),
    ),
    Table(
        "desk.PersonFile",
        Retention.FILES,
        accounts=("request__account",),
        candidates=("request__candidates__candidate",),
        others=("asked_by", "taken_by"),
        left_out={"content": SEALED},
    ),
)
