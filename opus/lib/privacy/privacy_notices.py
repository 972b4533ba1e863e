"""The privacy notice of forms about persons (V15; GDPR 13)."""

import enum

from django.conf import settings

from opus.lib.privacy.personal_data import delays


class PrivacyNotice(enum.Enum):
    def __init__(
        self, purpose: str, kept: str, ground: str = "mission d’intérêt public"
    ) -> None:
        self.purpose = purpose
        self._kept = kept
        self.ground = ground

    CANDIDATES = (
        "proposer des offres et suivre les réponses",
        "{acts} ({unregistered} sans inscription)",
    )
    CVS = (
        "que l’agence de l’offre lise le CV et réponde",
        "{cv} après la fin de la demande",
    )
    QUESTIONS = ("que l’agence de l’offre décide sur la candidature", "{acts}")
    MAILS = (
        "écrire à la personne",
        "{acts}",
        "son accord, qu’elle retire quand elle veut",
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
        "sans nom ni compte (qui a répondu : le temps du compte)",
    )

    @property
    def is_candidates(self) -> bool:
        """Return whether registered persons turn to their agency (art. 10)."""
        return self.name in {"CANDIDATES", "CVS", "QUESTIONS", "MAILS"}

    @property
    def kept(self) -> str:
        return self._kept.format_map(delays())

    @property
    def dpo(self) -> str:
        return str(settings.CONTACT["dpo"])
