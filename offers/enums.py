"""Choices that several subjects share."""

from django.db import models


class OfferState(models.TextChoices):
    """The state at France Travail: partners see *active* offers only."""

    ACTIVE = "active", "active"
    SUSPENDED = "suspendue", "suspendue"
    CANCELLED = "annulee", "annulée"
    FILLED = "pourvue", "pourvue"
    ABSENT = "absente", "absente de la source"


class Mode(models.TextChoices):
    """The three columns of article 3.2."""

    DIRECT = "sans", "sans présélection"
    DELEGATED = "deleguee", "avec présélection, déléguée"
    PRESELECTED = "preselection", "avec présélection par France Travail"


MODES_SHOWN = {
    Mode.DIRECT.value: "Sans présélection",
    Mode.DELEGATED.value: "Présélection déléguée",
    Mode.PRESELECTED.value: "Présélection France Travail",
}


class PlaceSource(models.TextChoices):
    GIVEN = "fourni", "coordonnées de l’offre"
    SWAPPED = "inverse", "coordonnées inversées, remises en ordre"
    COMMUNE = "commune", "point de la commune"
    POSTCODE = "code_postal", "point du code postal"
    NONE = "aucun", "sans lieu précis"
