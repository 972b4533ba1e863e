OPENINGS = (
    "Nous recherchons pour {setting} une personne au poste {of_job}.",
    "Vous rejoignez {setting} {at_town} au poste {of_job}.",
    "{company} vous accueille dans {setting}\xa0: nous créons un poste {of_job}.",
    "Pour un remplacement, {setting} recrute {at_town} au poste {of_job}.",
    "Envie d’un métier utile\xa0? Le poste {of_job} vous attend dans {setting}.",
)
PROFILES = {
    "D": (
        "Débutants bienvenus\xa0: une formation est assurée sur place.",
        "Aucun diplôme n’est demandé, votre envie d’apprendre suffit.",
    ),
    "S": (
        "Une première expérience serait appréciée.",
        "Vous avez déjà travaillé dans ce métier, même pour une courte durée.",
    ),
    "E": (
        "Vous avez au moins {years} d’expérience sur un poste semblable.",
        "Vous êtes autonome grâce à {years} de pratique.",
    ),
}
# If a diploma is required, a beginner has just obtained it.
GRADUATES = (
    "Jeunes diplômés bienvenus\xa0: une personne expérimentée vous accompagne.",
    "Vous avez le diplôme du métier\xa0; une première expérience n’est pas demandée.",
)
CLOSINGS = (
    "Le poste est à pourvoir dès que possible.",
    "Les horaires sont connus trois semaines à l’avance.",
    "Une personne de l’équipe vous suit pendant le premier mois.",
    "Le lieu est desservi par le bus.",
    "Mutuelle, titres-restaurant et prime de fin d’année.",
    "Nous étudions toutes les candidatures avec la même attention.",
    "L’équipe se retrouve chaque lundi pour préparer la semaine.",
)
QUALITIES = (
    ("Faire preuve d’autonomie", "Travailler sans être encadré de façon continue."),
    ("Avoir l’esprit d’équipe", "S’entraider et partager les informations utiles."),
    ("Faire preuve de rigueur", "Suivre les consignes et vérifier son travail."),
    ("Avoir le sens du service", "Comprendre ce qu’attend la personne et y répondre."),
    ("S’adapter aux changements", "Changer de tâche ou de lieu sans difficulté."),
)
# Invented syllables: a company of this name would be a coincidence.
NAME_STARTS = (
    "Val", "Bor", "Cla", "Dor", "Fol", "Gal", "Jou", "Lun", "Mer", "Nor",
    "Oli", "Pra", "Quer", "Riv", "Sol", "Tar", "Ver", "Vau", "Ari", "Bel",
)  # fmt: skip
NAME_ENDS = (
    "dorne", "vigne", "mance", "lière", "teuil", "zonne", "gères", "brac", "sonne",
    "quier", "rande", "villac", "moret", "fontel", "nadel", "perche", "tignac",
)  # fmt: skip
LEGAL_FORMS = ("SARL", "SAS", "Coopérative", "Association", "Groupe", "")
PHONE_STARTS = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98")


def of_job(job: str) -> str:
    """Return « de maçon », « d’hôte » (always mute)."""
    return f"d’{job}" if job[0].lower() in "aeéioôuh" else f"de {job}"


def at_town(name: str) -> str:
    """Return « à Nice », « au Mans »."""
    for article, merged in (("Le ", "au "), ("Les ", "aux ")):
        if name.startswith(article):
            return merged + name.removeprefix(article)
    return f"à {name}"
