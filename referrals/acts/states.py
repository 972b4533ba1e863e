"""The states of acts, apart against a circular import.

Two states have the same name in all: handed over and cancelled.
"""

from django.db import models


class ReferralState(models.TextChoices):
    """Without preselection (domain 5.2)."""

    PROPOSED = "proposee", "proposée"
    HANDED_OVER = "remise", "document remis"
    CONTACTED = "contact", "contact pris"
    INTERVIEW = "entretien", "entretien"
    ENDED = "terminee", "suite connue"
    CANCELLED = "annulee", "annulée"


class ScreenedState(models.TextChoices):
    """With preselection (domain 5.3)."""

    PROPOSED = "proposee", "proposée"
    HANDED_OVER = "remise", "document remis"
    TO_REVIEW = "a_examiner", "à examiner"
    ASKED_FOR_MORE = "complement", "complément demandé"
    SET_ASIDE = "ecartee", "écartée"
    SHORTLISTED = "preselection", "présélectionnée"
    PRESENTED = "presentee", "présentée à l’employeur"
    INTERVIEW = "entretien", "entretien"
    ENDED = "terminee", "suite connue"
    CANCELLED = "annulee", "annulée"


class CvState(models.TextChoices):
    REQUESTED = "demandee", "demandée"
    HANDED_OVER = "remise", "document remis"
    REMINDED = "relancee", "relancée"
    RECEIVED = "recu", "CV reçu"
    SENT = "transmis", "transmis à l’agence"
    KEPT = "retenu", "CV retenu"
    NOT_KEPT = "non_retenu", "CV non retenu"
    WITHOUT_CV = "sans_cv", "sans CV"
    CANCELLED = "annulee", "annulée"


class AppointmentState(models.TextChoices):
    """Convocation (domain 5.5)."""

    PLANNED = "planifiee", "planifiée"
    CHANGED = "modifiee", "modifiée"
    HANDED_OVER = "remise", "convocation remise"
    TO_TELL = "a_renseigner", "à renseigner"
    ATTENDED = "effectuee", "entretien effectué"
    ABSENT = "absent", "absence"
    KEPT = "retenu", "candidature retenue"
    NOT_KEPT = "non_retenu", "candidature non retenue"
    CANCELLED = "annulee", "annulée"


# States that wait for news of the candidate or the employer.
WAITING_STATES = (
    ReferralState.HANDED_OVER,
    ReferralState.CONTACTED,
    ReferralState.INTERVIEW,
)
LIVE_STATES = (ReferralState.PROPOSED, *WAITING_STATES)
SCREENED_WAITING = (ScreenedState.PRESENTED, ScreenedState.INTERVIEW)
SCREENED_LIVE = (
    ScreenedState.PROPOSED,
    ScreenedState.HANDED_OVER,
    ScreenedState.TO_REVIEW,
    ScreenedState.ASKED_FOR_MORE,
    ScreenedState.SHORTLISTED,
    *SCREENED_WAITING,
)
CV_AWAITED = (CvState.REQUESTED, CvState.HANDED_OVER, CvState.REMINDED)
CV_LIVE = (*CV_AWAITED, CvState.RECEIVED, CvState.SENT)
APPOINTMENT_TO_COME = (
    AppointmentState.PLANNED,
    AppointmentState.CHANGED,
    AppointmentState.HANDED_OVER,
)
APPOINTMENT_LIVE = (*APPOINTMENT_TO_COME, AppointmentState.TO_TELL)
