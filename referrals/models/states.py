"""The states of acts, apart so that candidates and acts may both ask for them."""

from django.db import models


class ReferralState(models.TextChoices):
    """The life of a mise en contact without preselection (domain 5.2)."""

    PROPOSED = "proposee", "proposée"
    HANDED_OVER = "remise", "document remis"
    CONTACTED = "contact", "contact pris"
    INTERVIEW = "entretien", "entretien"
    ENDED = "terminee", "suite connue"
    CANCELLED = "annulee", "annulée"


# Where an act waits for a word of the candidate or the employer.
WAITING_STATES = (
    ReferralState.HANDED_OVER,
    ReferralState.CONTACTED,
    ReferralState.INTERVIEW,
)
LIVE_STATES = (
    ReferralState.PROPOSED,
    ReferralState.HANDED_OVER,
    ReferralState.CONTACTED,
    ReferralState.INTERVIEW,
)
