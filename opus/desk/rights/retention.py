from opus.desk.models.rights import ConcernedCandidate, RightsRequest
from opus.desk.models.rights_choices import OPEN_STATES
from opus.lib import retention
from opus.lib.personal_data import Retention

# While a person's request is open, what it is about stays (art. 10).
retention.keeps(
    retention.Keeper(
        "demande d’exercice des droits en cours",
        accounts=RightsRequest.objects.open,
        candidates=lambda: ConcernedCandidate.objects.filter(
            request__state__in=OPEN_STATES
        ),
    )
)
retention.deletes(
    Retention.REQUESTS, "demandes d’exercice des droits", RightsRequest.objects.at_term
)
