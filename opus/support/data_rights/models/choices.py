"""The persons, rights, routes and states of article 10."""

from django.db import models


class PersonKind(models.TextChoices):
    """The four groups of article 10."""

    REGISTERED = "inscrit", "demandeur d’emploi inscrit à France Travail"
    NOT_REGISTERED = "non_inscrit", "candidat qui n’est pas inscrit"
    STAFF = "agent", "agent de France Travail"
    PARTNER = "partenaire", "agent d’une structure partenaire"
    EMPLOYER = "employeur", "employeur"


class Right(models.TextChoices):
    """The rights, each with its present article."""

    ACCESS = "acces", "Accès aux données (RGPD, art. 15)"
    RECTIFICATION = "rectification", "Rectification (RGPD, art. 16)"
    ERASURE = "effacement", "Effacement (RGPD, art. 17)"
    RESTRICTION = "limitation", "Limitation du traitement (RGPD, art. 18)"
    OBJECTION = "opposition", "Opposition (RGPD, art. 21)"


class Route(models.TextChoices):
    """The route of an answer: agency or DPO (art. 10)."""

    AGENCY = "agence", "l’agence France Travail de la personne"
    DPO = "dpo", "le délégué à la protection des données (DPO)"


class RequestState(models.TextChoices):
    RECEIVED = "recue", "reçue, identité à vérifier"
    VERIFIED = "verifiee", "identité vérifiée"
    UNDER_WAY = "en_cours", "en cours"
    ANSWERED = "repondue", "répondue"
    REFUSED = "refusee", "refusée"


# A person is attached in these states, and a copy is prepared in the second.
FOUND_IN = (RequestState.VERIFIED, RequestState.UNDER_WAY)
OPEN_STATES = (RequestState.RECEIVED, RequestState.VERIFIED, RequestState.UNDER_WAY)


ALONE = (
    "Vous avez enregistré cette demande pour une autre personne\xa0: un collègue "
    "vérifie l’identité, prépare la copie et la télécharge. Il faut être deux."
)


class Check(models.TextChoices):
    """The check of the identity; no copy is kept."""

    IN_PERSON = "piece", "En personne, au vu d’une pièce d’identité"
    CALL_BACK = "rappel", "Par un rappel au numéro déjà connu"
    SPACE = "espace", "Par l’espace personnel de la personne à France Travail"
    COPY = "copie", "Copie d’une pièce d’identité, lue puis détruite"
    SIGNED_IN = "connexion", "Par la connexion à Opus, avec les deux facteurs"


class Refusal(models.TextChoices):
    """The coded reason of a refusal (GDPR 11, 12)."""

    IDENTITY = "identite", "L’identité n’a pas pu être établie"
    UNFOUNDED = "infondee", "Demande manifestement infondée ou excessive (art. 12.5)"
    DUTY = "obligation", "Obligation légale de conserver (art. 17.3 et 18.2)"
    OTHERS = "autrui", "Atteinte aux droits d’autres personnes (art. 15.4)"
    EXACT = "exactes", "Les données sont exactes et complètes (RGPD, art. 16)"
    NO_CASE = "hors_cas", "Aucun des cas prévus (RGPD, art. 17.1 et 18.1)"
    COMPELLING = "imperieux", "Motifs impérieux, ou sécurité (RGPD, art. 21.1)"


class RequestCorrection(models.TextChoices):
    """Why the kind, the agency or the identifiers of a request were corrected."""

    NUMBER = "identifiant", "Son identifiant France Travail le montre"
    SAID = "dit", "La personne l’a précisé"
    FOLLOWED = "suivie", "Une autre agence la suit"
    TYPED = "saisie", "La demande a été mal enregistrée"


class Delay(models.TextChoices):
    """The reason for two more months (GDPR 12.3)."""

    COMPLEX = "complexe", "La demande est complexe"
    MANY = "nombre", "La personne a fait de nombreuses demandes"


class GestureKind(models.TextChoices):
    """What was done about the data; the trigger has the same codes."""

    COPY = "copie", "copie des données téléchargée"
    RECTIFICATION = "rectification", "données rectifiées"
    ERASURE = "effacement", "données effacées"
    RESTRICTION = "limitation", "données gelées"
    OBJECTION = "opposition", "traitement arrêté"
    PASSED_ON = "transmission", "demande transmise à l’émetteur des offres"
    NOTHING = "rien", "aucune donnée dans Opus"
    LIFTING = "levee", "limitation levée"


class Answer(models.TextChoices):
    GRANTED = "accordee", "accordée"
    PARTLY = "en_partie", "accordée en partie"


# The gestures that answer a right; *nothing* answers them all.
ANSWERED_BY = {
    Right.ACCESS: {GestureKind.COPY},
    Right.RECTIFICATION: {GestureKind.RECTIFICATION, GestureKind.PASSED_ON},
    Right.ERASURE: {GestureKind.ERASURE, GestureKind.PASSED_ON},
    Right.RESTRICTION: {GestureKind.RESTRICTION, GestureKind.PASSED_ON},
    Right.OBJECTION: {GestureKind.OBJECTION, GestureKind.PASSED_ON},
}
# The reasons to refuse a right, in whole or in part; before the identity is checked
# there is one only.
REFUSED_FOR = {
    Right.ACCESS: (Refusal.OTHERS,),
    Right.RECTIFICATION: (Refusal.EXACT,),
    Right.ERASURE: (Refusal.DUTY, Refusal.NO_CASE),
    Right.RESTRICTION: (Refusal.NO_CASE,),
    Right.OBJECTION: (Refusal.COMPELLING,),
}


def reasons_for(right: str) -> list[tuple[str, str]]:
    """Return the reasons of a refusal of this right, as choices."""
    common = (Refusal.IDENTITY, Refusal.UNFOUNDED)
    return [(one.value, one.label) for one in (*REFUSED_FOR[Right(right)], *common)]


class OfferPart(models.TextChoices):
    """What an offer says of its employer; codes only (V1)."""

    NAME = "entreprise", "le nom de l’entreprise"
    CONTACT = "contact", "la personne ou les coordonnées à contacter"
    TEXT = "texte", "le texte de l’offre"
