"""Choices that several subjects share."""

from django.db import models


class Service(models.TextChoices):
    """Services of annexe 1."""

    CONSULTATION = "consultation", "consultation des offres"
    REFERRALS = "delegation", "délégation de la mise en relation"
