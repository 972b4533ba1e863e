"""The coded words of an appointment (domain 5.5)."""

from django.db import models


class MoveReason(models.TextChoices):
    """The agency's reasons for a move: codes, no text."""

    AGENCY = "agence", "l’agence n’est pas disponible"
    EMPLOYER = "employeur", "l’employeur l’a demandé"
    PERSON = "personne", "le candidat ne pouvait pas venir"
    CLOSED = "fermeture", "jour férié ou locaux fermés"


class CallOffReason(models.TextChoices):
    """The agency's own reasons to call off, beside those of any act."""

    AGENCY = "agence", "l’agence n’est pas disponible"
    EMPLOYER = "employeur", "l’employeur ne reçoit plus"


class MeetingMode(models.TextChoices):
    PLACE = "lieu", "sur place"
    PHONE = "telephone", "par téléphone"
    VIDEO = "visio", "en visioconférence"
