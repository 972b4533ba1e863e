"""The privacy notice of forms about persons (V15; GDPR 13)."""

import enum

from django.conf import settings

from opus.lib.privacy.personal_data import delays

PUBLIC_INTEREST = "mission d’intérêt public"


class PrivacyNotice(enum.Enum):
    def __init__(
        self,
        purpose: str,
        kept: str,
        ground: str = PUBLIC_INTEREST,
        is_candidates: bool = False,
    ) -> None:
        self.purpose = purpose
        self._kept = kept
        self.ground = ground
        # Registered candidates use their agency (art. 10).
        self.is_candidates = is_candidates

    CANDIDATES = (
        "proposer des offres et suivre les réponses",
        "{acts} ({unregistered} sans inscription)",
        PUBLIC_INTEREST,
        True,
    )
    CVS = (
        "que l’agence de l’offre lise le CV et réponde",
        "{cv} après la fin de la demande",
        PUBLIC_INTEREST,
        True,
    )
    QUESTIONS = (
        "que l’agence de l’offre décide sur la candidature",
        "{acts}",
        PUBLIC_INTEREST,
        True,
    )
    MAILS = (
        "écrire à la personne",
        "{acts}",
        "son accord, qu’elle retire quand elle veut",
        True,
    )
    ACCOUNTS = (
        "ouvrir un accès à la personne et le protéger",
        "{account} après la fermeture du compte",
    )
    CONVENTION = ("l’exécuter", "{convention} après la fin de la convention")
    SUPPORT = ("répondre", "{tickets} après la clôture de la demande")
    RIGHTS = ("y répondre", "{requests} après la réponse", "obligation légale")
    SURVEY = (
        "améliorer Opus",
        "sans nom ni compte (qui a répondu : le temps du compte)",
    )

    @property
    def kept(self) -> str:
        return self._kept.format_map(delays())

    @property
    def dpo(self) -> str:
        return str(settings.CONTACT["dpo"])
