from typing import Any

from opus.lib.privacy.personal_data import Retention, Table, declare

SEALED = "cette copie elle-même"


def of_requests(
    model: str,
    *others: str,
    way: str = "request__",
    retention: Retention = Retention.REQUESTS,
    **more: Any,
) -> Table:
    """Return a table whose rows concern the persons of a request."""
    return Table(
        f"support.{model}",
        retention,
        accounts=(f"{way}account",),
        candidates=(f"{way}candidates__candidate",),
        others=others,
        **more,
    )


OFFERS = ("request__offers__offer",)

declare(
    of_requests(
        "RightsRequest", "checked_by", "recorded_by", way="", offers=("offers__offer",)
    ),
    of_requests("RightsRequestStep", "by", offers=OFFERS),
    Table(
        "support.ConcernedCandidate",
        Retention.ACTS,
        accounts=("request__account",),
        candidates=("candidate",),
    ),
    Table("support.ConcernedOffer", Retention.REQUESTS, offers=("offer",)),
    of_requests("RightsGesture", "by", offers=OFFERS),
    of_requests(
        "Reply",
        "made_by",
        offers=OFFERS,
        left_out={"html": "le PDF joint dit la même chose"},
    ),
    of_requests(
        "PersonFile",
        "asked_by",
        "taken_by",
        retention=Retention.FILES,
        left_out={"content": SEALED},
    ),
)
