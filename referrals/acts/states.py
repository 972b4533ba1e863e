"""The states and coded reasons of the four kinds of act, and what they mean.

Apart against a circular import. Handed over and cancelled have one name in all kinds,
and a state that is live in one kind is live in every kind that has it.
"""

from django.db import models
from django.db.models import Q

from referrals.acts.act_rights import ActKind


class ReferralState(models.TextChoices):
    """Without preselection."""

    PROPOSED = "proposee", "proposée"
    HANDED_OVER = "remise", "document remis"
    CONTACTED = "contact", "contact pris"
    INTERVIEW = "entretien", "entretien"
    ENDED = "terminee", "suite connue"
    CANCELLED = "annulee", "annulée"


class ScreenedState(models.TextChoices):
    """With preselection."""

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
    """Convocation."""

    PLANNED = "planifiee", "planifiée"
    CHANGED = "modifiee", "modifiée"
    HANDED_OVER = "remise", "convocation remise"
    TO_TELL = "a_renseigner", "à renseigner"
    ATTENDED = "effectuee", "entretien effectué"
    ABSENT = "absent", "absence"
    KEPT = "retenu", "candidature retenue"
    NOT_KEPT = "non_retenu", "candidature non retenue"
    CANCELLED = "annulee", "annulée"


STATES: dict[ActKind, type[models.TextChoices]] = {
    ActKind.REFERRAL: ReferralState,
    ActKind.SCREENED_REFERRAL: ScreenedState,
    ActKind.CV_REQUEST: CvState,
    ActKind.APPOINTMENT: AppointmentState,
}
# The kinds that end with an outcome (5.2, 5.3).
PLACEMENTS = (ActKind.REFERRAL, ActKind.SCREENED_REFERRAL)

# States that wait for news of the candidate or the employer.
WAITING_STATES = (
    ReferralState.HANDED_OVER,
    ReferralState.CONTACTED,
    ReferralState.INTERVIEW,
)
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
# Of all kinds.
LIVE_STATES = tuple(
    dict.fromkeys(
        str(state.value)
        for state in (
            ReferralState.PROPOSED,
            *WAITING_STATES,
            *SCREENED_LIVE,
            *CV_LIVE,
            *APPOINTMENT_LIVE,
        )
    )
)
# The states of a refusal: its document is void.
REFUSED_STATES = (ScreenedState.SET_ASIDE.value, CvState.NOT_KEPT.value)
# The agency agreed: it opened the slot, or confirmed the adviser's own date (2.9).
AGREED = Q(details__slot__isnull=False) | Q(details__confirmed_at__isnull=False)
# The states in which the document is still to be handed over (art. 7).
NOT_HANDED_OVER = (
    Q(kind=ActKind.REFERRAL, state=ReferralState.PROPOSED)
    | Q(kind=ActKind.SCREENED_REFERRAL, state=ScreenedState.PROPOSED)
    # A reminder may come before the hand-over of the letter.
    | Q(kind=ActKind.CV_REQUEST, state__in=CV_AWAITED, handed_over_on__isnull=True)
    | Q(
        kind=ActKind.APPOINTMENT,
        state__in=[AppointmentState.PLANNED, AppointmentState.CHANGED],
    )
)
# The wait for news of the person or the employer.
WAITS_FOR_NEWS = Q(kind=ActKind.REFERRAL, state__in=WAITING_STATES) | Q(
    kind=ActKind.SCREENED_REFERRAL, state__in=SCREENED_WAITING
)


class CancelReason(models.TextChoices):
    """The reasons to cancel an act after 24 hours."""

    CANDIDATE = "candidat", "le candidat y renonce"
    MISTAKE = "erreur", "erreur de candidat ou d’offre"
    OFFER_GONE = "offre", "l’offre n’est plus à pourvoir"
    DUPLICATE = "doublon", "candidature déjà faite autrement"
    LEFT = "parti", "le candidat n’est plus accompagné"


class SetAsideReason(models.TextChoices):
    SKILLS = "competences", "compétences différentes de celles demandées"
    EXPERIENCE = "experience", "expérience insuffisante pour ce poste"
    MOBILITY = "mobilite", "lieu ou déplacements incompatibles"
    AVAILABILITY = "disponibilite", "disponibilité incompatible"
    LICENCE = "habilitation", "permis ou habilitation manquant"
    DUPLICATE = "doublon", "candidature déjà reçue par ailleurs"
    ENOUGH = "assez", "assez de candidatures retenues"


class CvRefusal(models.TextChoices):
    SKILLS = "competences", "compétences différentes de celles demandées"
    EXPERIENCE = "experience", "expérience insuffisante pour ce poste"
    MOBILITY = "mobilite", "lieu ou déplacements incompatibles"
    AVAILABILITY = "disponibilite", "disponibilité incompatible"
    LICENCE = "habilitation", "permis ou habilitation manquant"
    UNREADABLE = "illisible", "CV illisible ou incomplet"
    ENOUGH = "assez", "assez de candidatures retenues"


class AbsenceKind(models.TextChoices):
    """An absence has no consequence, and is not shared (5.5)."""

    EXCUSED = "excusee", "absence excusée"
    UNEXCUSED = "non_excusee", "absence non excusée"


class CalledOffBy(models.TextChoices):
    CANDIDATE = "candidat", "le candidat"
    ORGANISER = "organisateur", "l’organisateur"


class NotHandedBecause(models.TextChoices):
    """The reasons why the document was not handed over before."""

    SPOKEN = "dit", "le candidat a été prévenu de vive voix"
    SAME_DAY = "jour", "rendez-vous pris et tenu le jour même"


# The code that an act keeps in these states, by kind; "" elsewhere.
REASONS: dict[ActKind, dict[str, type[models.TextChoices]]] = {
    ActKind.SCREENED_REFERRAL: {ScreenedState.SET_ASIDE: SetAsideReason},
    ActKind.CV_REQUEST: {CvState.NOT_KEPT: CvRefusal},
    ActKind.APPOINTMENT: {
        AppointmentState.ABSENT: AbsenceKind,
        AppointmentState.CANCELLED: CalledOffBy,
        AppointmentState.ATTENDED: NotHandedBecause,
        AppointmentState.KEPT: NotHandedBecause,
        AppointmentState.NOT_KEPT: NotHandedBecause,
    },
}


# --- What PostgreSQL holds of them ----------------------------------------------------


def state_of_its_kind() -> Q:
    found = Q()
    for kind, states in STATES.items():
        found |= Q(kind=kind, state__in=states.values)
    return found


def reason_of_its_state() -> Q:
    """Return the condition: a code where the state has one, of its own list.

    A convocation that took place has one only if its document was not handed over.
    """
    found = Q()
    for kind in ActKind:
        coded = REASONS.get(kind, {})
        for state, codes in coded.items():
            values = list(codes.values)
            if codes is NotHandedBecause:
                values.append("")
            found |= Q(kind=kind, state=state, reason__in=values)
        found |= Q(kind=kind, reason="") & ~Q(state__in=list(coded))
    return found


HANDED_OVER = Q(handed_over_on__isnull=False) & ~Q(channel="")


def handed_over_first() -> Q:
    """Return the condition: no step before the hand-over of the document (art. 7).

    An application that follows a CV or an appointment has no document of its own; a
    convocation may be held for a coded reason.
    """
    begun = [ReferralState.PROPOSED, ReferralState.CANCELLED]
    letters = [
        CvState.HANDED_OVER,
        CvState.RECEIVED,
        CvState.SENT,
        CvState.KEPT,
        CvState.NOT_KEPT,
    ]
    held = [
        AppointmentState.HANDED_OVER,
        AppointmentState.ATTENDED,
        AppointmentState.KEPT,
        AppointmentState.NOT_KEPT,
    ]
    return (
        HANDED_OVER
        | Q(kind=ActKind.REFERRAL, state__in=begun)
        | Q(kind=ActKind.SCREENED_REFERRAL, state__in=begun)
        | Q(kind=ActKind.SCREENED_REFERRAL, follows__isnull=False)
        | Q(kind=ActKind.CV_REQUEST) & ~Q(state__in=letters)
        | Q(kind=ActKind.APPOINTMENT) & (~Q(state__in=held) | ~Q(reason=""))
    )
