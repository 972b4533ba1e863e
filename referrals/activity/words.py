from referrals.acts.act_rights import ActKind
from referrals.acts.states import (
    AppointmentState,
    CvState,
    ReferralState,
    ScreenedState,
)

KINDS = {
    ActKind.REFERRAL: "Mises en contact",
    ActKind.SCREENED_REFERRAL: "Mises en contact avec présélection",
    ActKind.CV_REQUEST: "Demandes de CV",
    ActKind.APPOINTMENT: "Convocations",
}
STATES = {
    ActKind.REFERRAL: ReferralState,
    ActKind.SCREENED_REFERRAL: ScreenedState,
    ActKind.CV_REQUEST: CvState,
    ActKind.APPOINTMENT: AppointmentState,
}
STAGES = {
    "made": "Faits",
    "handed": "Document remis",
    "ended": "Suite connue",
    "good": "Embauche ou retenue",
}
# What became of the acts: each act is in one row.
FATES = (
    "Embauche ou retenue",
    "Autre suite",
    "En attente d’une suite",
    "Document non remis",
    "Annulées",
)
ALL = "Toutes les propositions"
# The fourteen domains of the ROME, by the first letter of a trade's code.
DOMAINS = {
    "A": "Agriculture, pêche, espaces verts, animaux",
    "B": "Arts et façonnage d’ouvrages d’art",
    "C": "Banque, assurance, immobilier",
    "D": "Commerce, vente, grande distribution",
    "E": "Communication, média, multimédia",
    "F": "Construction, bâtiment, travaux publics",
    "G": "Hôtellerie-restauration, tourisme, loisirs",
    "H": "Industrie",
    "I": "Installation et maintenance",
    "J": "Santé",
    "K": "Services à la personne et à la collectivité",
    "L": "Spectacle",
    "M": "Support à l’entreprise",
    "N": "Transport et logistique",
}
UNKNOWN = "Non précisé"
OTHER_COMMUNES = "Autres communes"
