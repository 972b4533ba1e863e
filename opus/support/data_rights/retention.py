from opus.lib.privacy import retention
from opus.lib.privacy.personal_data import Retention
from opus.support.data_rights.models import (
    OPEN_STATES,
    ConcernedCandidate,
    RightsRequest,
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
