from django.db import models


class ConventionState(models.TextChoices):
    DRAFT = "projet", "projet"
    SIGNED = "signee", "signée"
    NOTICE_PERIOD = "preavis", "préavis"
    TERMINATED = "resiliee", "résiliée"
    EXPIRED = "expiree", "expirée"
    ABANDONED = "abandonnee", "projet abandonné"


IN_FORCE_STATES = (ConventionState.SIGNED, ConventionState.NOTICE_PERIOD)
OVER_STATES = (
    ConventionState.TERMINATED,
    ConventionState.EXPIRED,
    ConventionState.ABANDONED,
)
UNSIGNED_STATES = (ConventionState.DRAFT, ConventionState.ABANDONED)
# What follows a convention, or may still follow it.
FOLLOWING_STATES = (ConventionState.DRAFT, *IN_FORCE_STATES)
RENEWABLE_STATES = (*IN_FORCE_STATES, ConventionState.EXPIRED)
