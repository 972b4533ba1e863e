import datetime as dt

from django.db import models

# The structure must report a departure or absence within this delay (4.3).
VACANCY_LETTER_WITHIN = dt.timedelta(days=8)


class NominationState(models.TextChoices):
    PROPOSED = "propose", "proposé"
    ACCEPTED = "accepte", "accepté"
    REFUSED = "refuse", "refusé"
    ABANDONED = "abandonne", "proposition abandonnée"
    IN_OFFICE = "en_fonction", "en fonction"
    WITHDRAWN = "retire", "agrément retiré"
    LEFT = "parti", "parti"
    ABSENT = "absent", "absent plus de trois mois"
    OVER = "fini", "fin de la convention"


UNDER_WAY_STATES = (NominationState.PROPOSED, NominationState.ACCEPTED)

OPEN_STATES = (*UNDER_WAY_STATES, NominationState.IN_OFFICE)

IN_FORCE_STATES = (NominationState.ACCEPTED, NominationState.IN_OFFICE)

ENDED_STATES = (
    NominationState.WITHDRAWN,
    NominationState.LEFT,
    NominationState.ABSENT,
    NominationState.OVER,
)

# What the structure must report; a withdrawal is the regional director's own (4.3).
REPORTED_STATES = (NominationState.LEFT, NominationState.ABSENT)
NOT_REPORTED_STATES = (NominationState.WITHDRAWN, NominationState.OVER)


class Opinion(models.TextChoices):
    FAVOURABLE = "favorable", "favorable"
    UNFAVOURABLE = "defavorable", "défavorable"


class Director(models.TextChoices):
    """Directors who give an opinion before a withdrawal (art. 4.3)."""

    TERRITORY = "dt", "directeur territorial"
    SITE = "site", "directeur de site"


class RefusalReason(models.TextChoices):
    NOT_PERMANENT = (
        "non_permanent",
        "ne fait pas partie du personnel permanent de la structure",
    )
    NOT_RESPONSIBLE = (
        "sans_responsabilite",
        "n’a pas de responsabilité opérationnelle sur les utilisateurs",
    )
    FUNCTION = "fonction", "fonction incompatible avec la gestion des comptes"
    INCOMPLETE = "dossier", "proposition incomplète"
    BREACH = "manquement", "manquement antérieur aux règles d’utilisation d’Opus"


class WithdrawalReason(models.TextChoices):
    """The regional director's reasons for a withdrawal (art. 4.3)."""

    BREACH = "manquement", "manquement aux règles d’utilisation d’Opus (art. 5.1 et 9)"
    NEGLECT = "comptes", "comptes laissés ouverts après un départ (art. 4.2)"
    FUNCTION = "fonction", "n’a plus de responsabilité opérationnelle (art. 4.1)"


class CopyChannel(models.TextChoices):
    HAND = "main", "en main propre"
    MAIL = "courriel", "par courriel"
    POST = "courrier", "par courrier"


class AnnouncedEnd(models.TextChoices):
    LEAVING = NominationState.LEFT.value, "départ"
    ABSENCE = NominationState.ABSENT.value, "absence de plus de trois mois"
