from django.db import models

MESSAGE_MAX = 2000
REASON_MAX = 1000


class Topic(models.TextChoices):
    SIGN_IN = "connexion", "Connexion, mot de passe, second facteur"
    OFFERS = "offres", "Recherche et offres"
    ACTS = "actes", "Propositions (mise en contact, demande de CV, convocation)"
    DOCUMENTS = "documents", "Documents et impression"
    ACCOUNTS = "comptes", "Comptes, quota, convention"
    ACCESSIBILITY = "accessibilite", "Accessibilité"
    DATA = "donnees", "Données personnelles"
    EVOLUTION = "evolution", "Suggestion pour Opus"
    OTHER = "autre", "Autre sujet"


# Authors may mention their own health there: only identifiers are refused (V3).
OF_THE_WRITER = (Topic.ACCESSIBILITY, Topic.DATA)


class TicketState(models.TextChoices):
    OPEN = "ouvert", "ouverte"
    TAKEN = "pris", "prise en charge"
    WAITING = "precision", "en attente de précision"
    ANSWERED = "repondu", "répondue"
    CLOSED = "clos", "close"
    REOPENED = "rouvert", "rouverte"
    # Only for a proposal of evolution (art. 11).
    STUDIED = "etude", "à l’étude"
    PLANNED = "prevue", "prévue"
    DECLINED = "declinee", "déclinée"
    DELIVERED = "livree", "livrée"


PROPOSAL_STATES = (
    TicketState.STUDIED,
    TicketState.PLANNED,
    TicketState.DECLINED,
    TicketState.DELIVERED,
)
ENDS = (TicketState.ANSWERED, TicketState.CLOSED, *PROPOSAL_STATES)
# States without a next one.
FINAL = (TicketState.CLOSED, TicketState.DECLINED, TicketState.DELIVERED)
# States in which France Travail owes an answer: a request for details stops no delay.
OWED = (TicketState.OPEN, TicketState.TAKEN, TicketState.WAITING, TicketState.REOPENED)


class Closing(models.TextChoices):
    SETTLED = "repondue", "Réponse donnée"
    DUPLICATE = "doublon", "Doublon d’une autre demande"
    IRRELEVANT = "sans_objet", "Sans rapport avec Opus, ou indésirable"


class Kind(models.TextChoices):
    AUTHOR = "demande", "message du demandeur"
    ANSWER = "reponse", "réponse de France Travail"
    QUESTION = "precision", "France Travail demande une précision"


class Due(models.TextChoices):
    LATE = "retard", "en retard"
    TODAY = "aujourdhui", "à répondre aujourd’hui"
    AHEAD = "avenir", "dans le délai"
    KEPT = "tenu", "répondue dans le délai"
    MISSED = "depasse", "répondue hors délai"
    NONE = "sans", "sans réponse à donner"


WRONG_CLOSING = (
    "Ce motif ne convient pas : « Réponse donnée » demande une réponse ; une demande "
    "déjà répondue se clôt par ce motif seul."
)
TOO_LATE = (
    "Cette demande ne peut plus être rouverte : le délai pour revenir sur la réponse "
    "est passé. Faites une nouvelle demande, en rappelant son numéro."
)
