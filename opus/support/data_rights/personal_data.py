from opus.lib.privacy.personal_data import Retention, Table, declare

SEALED = "cette copie elle-même"

declare(
    Table(
        "support.RightsRequest",
        Retention.REQUESTS,
        accounts=("account",),
        candidates=("candidates__candidate",),
        offers=("offers__offer",),
        others=("checked_by", "recorded_by"),
    ),
    Table(
        "support.RightsRequestStep",
        Retention.REQUESTS,
        accounts=("request__account",),
        candidates=("request__candidates__candidate",),
        offers=("request__offers__offer",),
        others=("by",),
    ),
    Table(
        "support.ConcernedCandidate",
        Retention.ACTS,
        accounts=("request__account",),
        candidates=("candidate",),
    ),
    Table("support.ConcernedOffer", Retention.REQUESTS, offers=("offer",)),
    Table(
        "support.RightsGesture",
        Retention.REQUESTS,
        accounts=("request__account",),
        candidates=("request__candidates__candidate",),
        offers=("request__offers__offer",),
        others=("by",),
    ),
    Table(
        "support.Reply",
        Retention.REQUESTS,
        accounts=("request__account",),
        candidates=("request__candidates__candidate",),
        offers=("request__offers__offer",),
        others=("made_by",),
        left_out={"html": "le PDF joint dit la même chose"},
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
