from typing import Any

from opus.lib.privacy import retention
from opus.lib.privacy.personal_data import Retention, Table, declare
from opus.support.data_rights.models import (
    OPEN_STATES,
    ConcernedCandidate,
    RightsRequest,
)

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


# Keep the data of a person while her request is open (art. 10).
retention.keeps(
    retention.Keeper(
        "demande d’exercice des droits en cours",
        accounts=RightsRequest.objects.open,
        candidates=lambda: ConcernedCandidate.objects.filter(
            request__state__in=OPEN_STATES
        ),
    )
)
# So are those of a restricted account; a candidate's limit keeps her own (GDPR 18.2).
retention.keeps(
    retention.Keeper(
        "limitation demandée par la personne", accounts=RightsRequest.objects.restricted
    )
)
retention.deletes(
    Retention.REQUESTS, "demandes d’exercice des droits", RightsRequest.objects.at_term
)
