from django.db.models import Q

from referrals.acts.states import ScreenedState
from referrals.follow_up.filters import Choices

S = ScreenedState
CHOICES: Choices = {
    "": ("Toutes", Q()),
    "a-remettre": ("Document à remettre", Q(state__in=[S.PROPOSED, S.HANDED_OVER])),
    "a-examiner": ("À examiner", Q(state=S.TO_REVIEW)),
    "complement": ("Complément demandé", Q(state=S.ASKED_FOR_MORE)),
    "preselectionnees": ("Présélectionnées", Q(state=S.SHORTLISTED)),
    "presentees": ("Présentées", Q(state__in=[S.PRESENTED, S.INTERVIEW])),
    "terminees": ("Suite connue", Q(state=S.ENDED)),
    "ecartees": ("Écartées", Q(state=S.SET_ASIDE)),
    "annulees": ("Annulées", Q(state=S.CANCELLED)),
}
