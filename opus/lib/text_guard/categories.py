"""Subjects that no text may mention (art. 9.1, V2, V6)."""

from django.db import models


class Category(models.TextChoices):
    ORIGIN = "origine", "l’origine d’une personne"
    POLITICS = "politique", "les opinions politiques"
    BELIEFS = "convictions", "la religion ou les convictions"
    UNION = "syndicat", "l’appartenance syndicale"
    HEALTH = "sante", "la santé ou le handicap"
    SEXUAL = "vie_sexuelle", "la vie sexuelle"
    HARDSHIP = "difficultes", "des difficultés sociales ou personnelles"
    INSULT = "injure", "un jugement blessant"
    NIR = "nir", "un numéro de sécurité sociale"
    IBAN = "iban", "un numéro de compte bancaire"
    PHONE = "telephone", "un numéro de téléphone"
    EMAIL = "courriel", "une adresse de courriel"
    FT_ID = "identifiant", "un identifiant France Travail"


IDENTIFIERS = (
    Category.NIR,
    Category.IBAN,
    Category.PHONE,
    Category.EMAIL,
    Category.FT_ID,
)
# Found by words; the others are numbers and addresses.
SUBJECTS = tuple(one for one in Category if one not in IDENTIFIERS)

# Texts about the service may give its contact.
OF_THE_SERVICE = (Category.PHONE, Category.EMAIL)

HINTS = {
    Category.ORIGIN: "Si une langue compte pour le poste, nommez la langue\u00a0: "
    "«\u00a0parle couramment portugais\u00a0».",
    Category.POLITICS: "Retirez cette mention\u00a0: elle ne dit rien du travail.",
    Category.BELIEFS: "Si les horaires comptent, écrivez-les\u00a0: «\u00a0disponible "
    "du lundi au jeudi\u00a0».",
    Category.UNION: "Si une expérience compte, écrivez ce qui a été fait\u00a0: "
    "«\u00a0a animé des réunions\u00a0».",
    Category.HEALTH: "Écrivez ce que le poste doit permettre\u00a0: «\u00a0cherche un "
    "poste sans port de charges\u00a0», «\u00a0à temps partiel\u00a0».",
    Category.SEXUAL: "Retirez cette mention\u00a0: elle ne dit rien du travail.",
    Category.HARDSHIP: "Écrivez ce qui compte pour le poste\u00a0: «\u00a0disponible "
    "après 9 h\u00a0», «\u00a0sans véhicule\u00a0».",
    Category.INSULT: "Écrivez un fait daté\u00a0: «\u00a0n’est pas venue au "
    "rendez-vous du 3 mars\u00a0».",
    Category.NIR: "Aucun écran d’Opus n’en a besoin\u00a0: retirez-le.",
    Category.IBAN: "Aucun écran d’Opus n’en a besoin\u00a0: retirez-le.",
    Category.PHONE: "Il a sa place sur la fiche de la personne ou de la structure.",
    Category.EMAIL: "Elle a sa place sur la fiche de la personne ou de la structure.",
    Category.FT_ID: "Il a sa place sur la fiche de la personne.",
}
