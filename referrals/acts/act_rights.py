"""The matrix: an adviser's rights on an offer (3.2).

``acts_on`` is pure: ``situation_of`` gathers its input. Each refusal has its sentence
and article.
"""

import dataclasses
import enum
from collections.abc import Mapping

from django.db.models import TextChoices

from accounts.enums import Service
from accounts.users.enums import PARTNER_ROLES, Role, UserState
from offers.enums import Mode, OfferState
from opus.lib.french import of


class ActKind(TextChoices):
    """The four acts of article 3.2."""

    REFERRAL = "mise_en_contact", "Mise en contact"
    SCREENED_REFERRAL = "mec_preselection", "Mise en contact avec présélection"
    CV_REQUEST = "demande_cv", "Demande de CV"
    APPOINTMENT = "convocation", "Convocation"


class Verdict(enum.Enum):
    ALLOWED = "allowed"
    # The offer's mode needs another act: no fault of the adviser.
    NOT_ON_THIS_OFFER = "not_on_this_offer"
    REFUSED = "refused"


@dataclasses.dataclass(frozen=True)
class Permission:
    """One cell of the matrix: verdict and reason."""

    verdict: Verdict
    reason: str = ""
    article: str = ""

    @property
    def is_allowed(self) -> bool:
        return self.verdict is Verdict.ALLOWED

    @property
    def sentence(self) -> str:
        return f"{self.reason} ({self.article})." if self.reason else ""


@dataclasses.dataclass(frozen=True)
class Situation:
    """All input of the matrix, as plain values.

    ``posts_left``: None if unlimited. ``live_acts``: of this person on this offer.
    ``reading``: column A or B of article 3.2 on preselection.
    ``whose``: the adviser's name, if another person reads the answer.
    """

    role: str
    account_state: str
    convention_in_force: bool
    services: frozenset[str]
    mode: str
    offer_state: str
    posts_left: int | None = None
    live_acts: frozenset[ActKind] = frozenset()
    reading: str = "A"
    whose: str = ""
    # The number of the request by which her data are frozen (GDPR 18).
    frozen_by: str = ""


PRESELECTION_ACTS = frozenset(
    {ActKind.SCREENED_REFERRAL, ActKind.CV_REQUEST, ActKind.APPOINTMENT}
)
# The columns of article 3.2. Reading B allows the three acts on both kinds of offers
# with preselection, because the article permits that reading.
OFFERED: Mapping[str, Mapping[str, frozenset[ActKind]]] = {
    "A": {
        Mode.DIRECT: frozenset({ActKind.REFERRAL}),
        Mode.DELEGATED: frozenset({ActKind.SCREENED_REFERRAL}),
        Mode.PRESELECTED: frozenset({ActKind.CV_REQUEST, ActKind.APPOINTMENT}),
    },
    "B": {
        Mode.DIRECT: frozenset({ActKind.REFERRAL}),
        Mode.DELEGATED: PRESELECTION_ACTS,
        Mode.PRESELECTED: PRESELECTION_ACTS,
    },
}


def kinds_going_on(mode: str, reading: str) -> frozenset[ActKind]:
    """Return the kinds of act that may go on, on an offer that has this mode today.

    An application goes on whoever preselects.
    """
    applications = {ActKind.SCREENED_REFERRAL} if mode != Mode.DIRECT else set()
    return OFFERED[reading][mode] | applications


# In a bulk action, each offer gets the first of these that it allows. No convocation:
# each has an hour of its own.
AT_ONCE = (ActKind.REFERRAL, ActKind.SCREENED_REFERRAL, ActKind.CV_REQUEST)

WITHDRAWN_BECAUSE = {
    OfferState.SUSPENDED: "France Travail a suspendu cette offre",
    OfferState.CANCELLED: "France Travail a annulé cette offre",
    OfferState.FILLED: "Cette offre est pourvue",
    OfferState.ABSENT: "France Travail ne diffuse plus cette offre",
}

ALREADY = {
    ActKind.REFERRAL: "Cette offre est déjà proposée à ce candidat",
    ActKind.SCREENED_REFERRAL: "Cette offre est déjà proposée à ce candidat",
    ActKind.CV_REQUEST: "Le CV de ce candidat est déjà demandé pour cette offre",
    ActKind.APPOINTMENT: "Ce candidat est déjà convoqué pour cette offre",
}


def usual_on(mode: str, reading: str) -> ActKind:
    """Return the act of that mode in a bulk action."""
    return next(kind for kind in AT_ONCE if kind in OFFERED[reading][mode])


def acts_on(situation: Situation) -> dict[ActKind, Permission]:
    """Return the answer for each act (art. 3.2)."""
    general = _general_refusal(situation)
    return {kind: general or _answer(kind, situation) for kind in ActKind}


def _general_refusal(situation: Situation) -> Permission | None:
    """Return the deepest reason that forbids all four acts."""
    if situation.role not in PARTNER_ROLES:
        return _refused(
            "Les propositions appartiennent aux conseillers des structures partenaires",
            "convention, art. 3.2",
        )
    # For a reader of France Travail, the sentence names the adviser's account.
    account = f"Le compte {of(situation.whose)}" if situation.whose else "Votre compte"
    of_structure = "sa structure" if situation.whose else "votre structure"
    convention = (
        "La convention de sa structure" if situation.whose else "Votre convention"
    )
    if situation.account_state != UserState.ACTIVE:
        return _refused(
            f"{account} n’est pas actif : "
            f"adressez-vous à {_who_reactivates(situation)}",
            "convention, art. 4.2",
        )
    if not situation.convention_in_force:
        return _refused(
            f"La convention de {of_structure} n’est pas en vigueur",
            "convention, art. 13",
        )
    if Service.CONSULTATION not in situation.services:
        return _refused(
            f"{convention} n’ouvre pas la consultation des offres",
            "convention, art. 3.1 et annexe 1",
        )
    if Service.REFERRALS not in situation.services:
        return _refused(
            f"Consultation seule : {convention[0].lower()}{convention[1:]} ne délègue "
            "pas la mise en relation",
            "convention, art. 3.2 et annexe 1",
        )
    if situation.frozen_by:
        return _refused(
            "Ce candidat a fait geler ses données (demande n°\xa0"
            f"{situation.frozen_by})\xa0: aucune proposition ne se fait avant que "
            "France Travail lève cette limitation",
            "RGPD, art. 18",
        )
    if situation.offer_state != OfferState.ACTIVE:
        return _refused(
            WITHDRAWN_BECAUSE[OfferState(situation.offer_state)], "convention, art. 3.1"
        )
    return None


def _who_reactivates(situation: Situation) -> str:
    """Return the contact who can reactivate the account (art. 4.2)."""
    whose = "son" if situation.whose else "votre"
    if situation.role == Role.RGC:
        return f"{whose} correspondant France Travail"
    return f"{whose} responsable de gestion des comptes"


def _answer(kind: ActKind, situation: Situation) -> Permission:
    if kind not in OFFERED[situation.reading][situation.mode]:
        reason = _why_not_here(kind, situation.mode)
        return Permission(Verdict.NOT_ON_THIS_OFFER, reason, "convention, art. 3.2")
    if kind in situation.live_acts:
        return _refused(ALREADY[kind], "convention, art. 3.2")
    if situation.posts_left is not None and situation.posts_left <= 0:
        return _refused(
            "Tous les postes de cette offre sont pris", "convention, art. 3.2"
        )
    return Permission(Verdict.ALLOWED)


def _why_not_here(kind: ActKind, mode: str) -> str:
    if mode == Mode.DIRECT:
        return "Réservé aux offres avec présélection"
    if kind == ActKind.REFERRAL:
        return "Réservé aux offres sans présélection"
    if kind == ActKind.SCREENED_REFERRAL:
        return "Réservé aux offres dont la présélection vous est déléguée"
    return "Réservé aux offres dont France Travail garde la présélection"


def _refused(reason: str, article: str) -> Permission:
    return Permission(Verdict.REFUSED, reason, article)
