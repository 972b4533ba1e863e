from django.db.models import Q

from offers.enums import OfferState
from referrals.acts.states import LIVE_STATES, ReferralState
from referrals.follow_up.filters import Choices

WITHDRAWN = Q(state__in=LIVE_STATES) & ~Q(offer__state=OfferState.ACTIVE)


CHOICES: Choices = {
    "": ("Toutes", Q()),
    "a-remettre": ("Document à remettre", Q(state=ReferralState.PROPOSED)),
    "en-cours": (
        "En cours",
        Q(state__in=LIVE_STATES) & ~Q(state=ReferralState.PROPOSED),
    ),
    "retirees": ("Offre retirée", WITHDRAWN),
    "terminees": ("Suite connue", Q(state=ReferralState.ENDED)),
    "annulees": ("Annulées", Q(state=ReferralState.CANCELLED)),
}
