"""Whether an opinion that somebody asked for has come: asked along with the account."""

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from opus.desk.models import OpinionState, SecondOpinion

# By the database's clock: the query of the accounts is kept for a day.
UNSEEN = SecondOpinion.objects.filter(
    ~Q(state=OpinionState.ASKED) | Q(until__lte=Now()),
    account=OuterRef("pk"),
    seen_at=None,
)
OPINIONS_TO_SEE = Exists(UNSEEN)
