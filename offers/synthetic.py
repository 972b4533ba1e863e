"""Invented offers in the shape of France Travail's API, for demonstrations and benches.

Every text is ours; trades are those of ROME, places are real communes drawn by their
population. The same seed and day give the same offers, one after the other, so that a
million of them never lie in memory. A known share carries the faults of real offers.
"""

from bisect import bisect
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any, NamedTuple

from offers.gazetteer import DATA, Place, read_places
from opus.lib.territory import departments, read_rows

DAYS = 45
CONSONANTS = "BCDFGHJKLMNPQRSTVWXZ"
# France Travail's numbers grow and stand at 2…: an invented offer must not pass for a
# real one that is imported beside it.
FIRST_NUMBER = 600
NUMBERS = 400 * len(CONSONANTS) ** 4
# Coprime with NUMBERS: walking by it meets every number once.
STRIDE = 73_939_133

# Shares of the faults that real offers have (docs: the offers feed).
NO_COORDINATES = 0.08
DEPARTMENT_ONLY = 0.02
NO_PLACE = 0.004
SWAPPED = 0.006
MARKUP = 0.03
NO_UPDATE_DATE = 0.01
FORMER_CODE = 0.05  # of the communes that have one
UNPUBLISHED = 0.08
DIRECT = 0.70
DELEGATED = 0.18

# Trades that make most of the market, and how much likelier than the others they are.
COMMON_TRADES = {
    "K1304": 260, "K1302": 200, "J1501": 220, "J1506": 150, "K1303": 120,
    "G1602": 200, "G1603": 150, "G1605": 80, "G1803": 190, "G1501": 90,
    "D1106": 180, "D1507": 120, "D1505": 60, "D1402": 70, "D1403": 70,
    "N1101": 130, "N1103": 170, "N1105": 150, "N4101": 140, "N4105": 120,
    "F1703": 140, "F1602": 130, "F1603": 120, "F1606": 90, "F1704": 60,
    "H2913": 80, "H2102": 90, "H3302": 70, "I1304": 140, "I1604": 100,
    "K2204": 240, "A1203": 90, "A1405": 60, "A1401": 60, "M1607": 130,
    "M1203": 110, "M1601": 80, "M1805": 80, "M1501": 50, "K1207": 70,
    "K2503": 90, "C1102": 40, "E1205": 20, "L1401": 10, "B1802": 15,
}  # fmt: skip


class Domain(NamedTuple):
    """What the offers of one letter of ROME speak of."""

    settings: Sequence[str]
    tasks: Sequence[str]
    skills: Sequence[str]
    pay: tuple[float, float]  # least and most, euros an hour
    trades: Sequence[str]  # words of company names


DOMAINS = {
    "A": Domain(
        (
            "une exploitation familiale ouverte à l’accueil de saisonniers",
            "un domaine qui cultive en agriculture biologique",
            "une équipe chargée d’espaces verts publics et privés",
        ),
        (
            "préparer les sols et les plantations",
            "tailler, tondre et désherber selon la saison",
            "récolter, trier et conditionner les produits",
            "soigner les animaux et surveiller leur état",
            "conduire et entretenir le matériel de culture",
            "arroser et suivre l’état sanitaire des cultures",
            "tenir propres les abords et les bâtiments",
            "noter les interventions dans le carnet de suivi",
        ),
        (
            "Reconnaître les végétaux",
            "Conduire un tracteur",
            "Entretenir un espace extérieur",
            "Utiliser un engin de tonte",
            "Appliquer des règles de culture biologique",
            "Récolter un produit agricole",
        ),
        (12.1, 15.5),
        ("Jardins", "Vergers", "Pépinières"),
    ),
    "B": Domain(
        (
            "un atelier qui fabrique de petites séries",
            "une maison connue pour ses restaurations d’objets anciens",
            "une équipe de création de cinq personnes",
        ),
        (
            "préparer les matières et les supports",
            "réaliser des pièces d’après un modèle",
            "retoucher et finir les pièces à la main",
            "conseiller les clients sur une commande particulière",
            "tenir l’atelier et ses outils en état",
            "restaurer des objets abîmés",
            "préparer les expositions et les marchés",
        ),
        (
            "Dessiner un croquis",
            "Assembler des pièces",
            "Réaliser des finitions",
            "Choisir une matière",
            "Restaurer un objet",
        ),
        (12.1, 17.0),
        ("Atelier", "Maison", "Fabrique"),
    ),
    "C": Domain(
        (
            "un cabinet qui suit des particuliers et des commerçants",
            "une agence de quartier à taille humaine",
            "un service de gestion en pleine réorganisation",
        ),
        (
            "accueillir les clients et comprendre leur besoin",
            "étudier les dossiers et vérifier les pièces",
            "proposer des contrats et expliquer les garanties",
            "suivre les échéances et relancer les impayés",
            "organiser les visites et rédiger les comptes rendus",
            "mettre à jour les dossiers dans le logiciel de gestion",
            "rendre compte de l’activité chaque semaine",
        ),
        (
            "Étudier un dossier de crédit",
            "Négocier un contrat",
            "Évaluer un bien immobilier",
            "Gérer un sinistre",
            "Suivre un portefeuille de clients",
        ),
        (13.0, 24.0),
        ("Cabinet", "Conseil", "Patrimoine"),
    ),
    "D": Domain(
        (
            "un magasin de centre-ville ouvert six jours sur sept",
            "une boutique spécialisée, appréciée pour son conseil",
            "un rayon frais qui change chaque semaine",
        ),
        (
            "accueillir et conseiller la clientèle",
            "mettre en rayon et vérifier les dates",
            "tenir la caisse et le fonds de caisse",
            "préparer les commandes et les livraisons",
            "passer les commandes auprès des fournisseurs",
            "soigner la vitrine et l’étiquetage",
            "participer aux inventaires",
            "développer les ventes auprès des professionnels",
        ),
        (
            "Accueillir une clientèle",
            "Encaisser une vente",
            "Mettre en rayon",
            "Réaliser un inventaire",
            "Conseiller un client",
            "Prospecter de nouveaux clients",
        ),
        (12.1, 16.5),
        ("Comptoir", "Halles", "Marché"),
    ),
    "E": Domain(
        (
            "une agence qui conçoit affiches, sites et vidéos",
            "une imprimerie équipée de machines récentes",
            "une rédaction locale",
        ),
        (
            "préparer les fichiers et vérifier les épreuves",
            "concevoir des supports imprimés et numériques",
            "écrire et relire des textes courts",
            "régler les machines et contrôler les couleurs",
            "organiser des événements et leur promotion",
            "tenir à jour les comptes des réseaux sociaux",
        ),
        (
            "Concevoir une maquette",
            "Rédiger un article",
            "Retoucher une image",
            "Régler une presse",
            "Organiser un événement",
        ),
        (12.5, 20.0),
        ("Studio", "Encres", "Images"),
    ),
    "F": Domain(
        (
            "une entreprise de maçonnerie et de rénovation",
            "une entreprise artisanale de douze compagnons",
            "un groupe qui construit des écoles et des logements",
        ),
        (
            "lire les plans et implanter l’ouvrage",
            "monter les murs et couler les dalles",
            "poser les réseaux et raccorder les appareils",
            "préparer les supports et appliquer les enduits",
            "sécuriser le chantier et ses accès",
            "charger, décharger et ranger les matériaux",
            "contrôler l’aplomb et le niveau",
            "nettoyer et plier le chantier en fin de journée",
        ),
        (
            "Lire un plan",
            "Préparer un mortier",
            "Monter un échafaudage",
            "Poser un carrelage",
            "Raccorder une installation électrique",
            "Respecter les règles de sécurité d’un chantier",
        ),
        (12.4, 18.5),
        ("Bâtisseurs", "Chantiers", "Toitures"),
    ),
    "G": Domain(
        (
            "un restaurant de soixante couverts, cuisine maison",
            "un hôtel ouvert toute l’année",
            "un village de vacances près de la plage",
            "une cuisine centrale qui livre des écoles",
        ),
        (
            "mettre en place la salle ou la cuisine",
            "préparer les entrées, les plats et les desserts",
            "accueillir les clients et prendre les commandes",
            "servir à table et débarrasser",
            "faire la plonge et nettoyer le poste",
            "tenir les chambres et les parties communes",
            "animer des activités pour petits et grands",
            "contrôler les livraisons et ranger les réserves",
        ),
        (
            "Respecter les normes d’hygiène alimentaire",
            "Dresser une table",
            "Cuisiner des plats chauds",
            "Prendre une commande",
            "Nettoyer une cuisine",
            "Animer un groupe",
        ),
        (12.1, 15.5),
        ("Auberge", "Table", "Brasserie"),
    ),
    "H": Domain(
        (
            "un atelier de mécanique de précision",
            "une usine agroalimentaire en équipes alternées",
            "un site qui modernise ses lignes de production",
        ),
        (
            "approvisionner et régler la machine",
            "surveiller la production et relever les mesures",
            "contrôler la qualité des pièces",
            "signaler les pannes et aider au dépannage",
            "emballer et étiqueter les produits finis",
            "assembler des éléments d’après un plan",
            "tenir le poste propre et sûr",
            "proposer des améliorations de la ligne",
        ),
        (
            "Conduire une machine automatisée",
            "Contrôler une pièce",
            "Souder à l’arc",
            "Lire un plan technique",
            "Appliquer les règles de sécurité d’un atelier",
            "Conditionner un produit",
        ),
        (12.2, 19.0),
        ("Mécanique", "Industries", "Conserves"),
    ),
    "I": Domain(
        (
            "un service qui entretient cinquante sites",
            "un garage toutes marques",
            "une équipe d’intervention chez les clients",
        ),
        (
            "diagnostiquer une panne et la réparer",
            "entretenir les équipements selon le planning",
            "remplacer les pièces usées",
            "tenir le stock de pièces détachées",
            "rédiger un rapport d’intervention",
            "conseiller l’utilisateur sur l’entretien",
            "vérifier les installations de sécurité",
        ),
        (
            "Diagnostiquer une panne",
            "Réparer un moteur",
            "Lire un schéma électrique",
            "Entretenir une chaudière",
            "Utiliser un appareil de mesure",
        ),
        (12.6, 20.0),
        ("Maintenance", "Garage", "Technique"),
    ),
    "J": Domain(
        (
            "une résidence pour personnes âgées",
            "un cabinet de soins en centre-ville",
            "un service hospitalier de jour",
        ),
        (
            "aider aux soins d’hygiène et de confort",
            "surveiller l’état de la personne et transmettre",
            "préparer et distribuer les médicaments prescrits",
            "accueillir les patients et leurs proches",
            "tenir à jour les dossiers de soins",
            "désinfecter le matériel et les locaux",
            "participer aux réunions de l’équipe soignante",
        ),
        (
            "Réaliser des soins d’hygiène",
            "Transmettre une information de soin",
            "Écouter une personne fragile",
            "Appliquer un protocole de soin",
            "Prendre des constantes",
        ),
        (12.3, 22.0),
        ("Résidence", "Santé", "Soins"),
    ),
    "K": Domain(
        (
            "une association d’aide à domicile",
            "un service public de proximité",
            "une entreprise de propreté qui forme ses équipes",
            "une crèche de trente places",
        ),
        (
            "accompagner la personne dans les gestes du quotidien",
            "entretenir le logement et le linge",
            "préparer et prendre les repas avec la personne",
            "nettoyer bureaux, halls et sanitaires",
            "surveiller un site et ses accès",
            "accueillir le public et l’orienter",
            "veiller sur de jeunes enfants et les éveiller",
            "rendre compte à la responsable de secteur",
        ),
        (
            "Entretenir un logement",
            "Accompagner une personne dépendante",
            "Nettoyer des locaux",
            "Veiller à la sécurité d’un enfant",
            "Contrôler un accès",
            "Accueillir un public",
        ),
        (12.1, 15.0),
        ("Entraide", "Services", "Voisinage"),
    ),
    "L": Domain(
        (
            "une salle de spectacle municipale",
            "une compagnie en tournée régionale",
            "un club qui compte huit cents adhérents",
        ),
        (
            "installer la lumière et le son",
            "préparer le plateau et les décors",
            "accompagner les artistes pendant la tournée",
            "entraîner les jeunes du club",
            "tenir le planning des répétitions",
            "accueillir le public les soirs de spectacle",
        ),
        (
            "Monter un décor",
            "Régler un éclairage",
            "Mixer une bande sonore",
            "Encadrer un entraînement",
            "Organiser une tournée",
        ),
        (12.3, 20.0),
        ("Scène", "Théâtre", "Club"),
    ),
    "M": Domain(
        (
            "le siège d’un groupe coopératif",
            "un service administratif de huit personnes",
            "une jeune entreprise du numérique",
            "un cabinet comptable",
        ),
        (
            "tenir l’accueil et le standard",
            "rédiger courriers et comptes rendus",
            "saisir les factures et rapprocher les comptes",
            "préparer les éléments de paie",
            "suivre les recrutements et les formations",
            "développer et tester des applications",
            "suivre les indicateurs de l’activité",
            "assister les utilisateurs et suivre leurs demandes",
        ),
        (
            "Utiliser un tableur",
            "Rédiger un courrier",
            "Tenir une comptabilité",
            "Développer une application",
            "Gérer un agenda",
            "Établir une paie",
        ),
        (12.4, 27.0),
        ("Bureau", "Logiciels", "Gestion"),
    ),
    "N": Domain(
        (
            "une plateforme qui expédie dans toute la région",
            "un réseau de transport de voyageurs",
            "un entrepôt à température dirigée",
        ),
        (
            "réceptionner et contrôler les marchandises",
            "préparer les commandes au casque ou au terminal",
            "conduire un chariot élévateur",
            "charger le véhicule et arrimer",
            "livrer les clients dans les délais",
            "transporter des voyageurs en sécurité",
            "tenir les documents de transport",
            "signaler toute anomalie du véhicule",
        ),
        (
            "Conduire un chariot élévateur",
            "Préparer une commande",
            "Conduire un poids lourd",
            "Charger un véhicule",
            "Organiser une tournée de livraison",
        ),
        (12.1, 16.5),
        ("Transports", "Logistique", "Messagerie"),
    ),
}

OPENINGS = (
    "Nous recherchons pour {setting} une personne au poste de {job}.",
    "Vous rejoignez {setting} à {town} comme {job}.",
    "{company} vous accueille dans {setting}\xa0: nous créons un poste de {job}.",
    "Dans le cadre d’un remplacement, {setting} cherche {job} à {town}.",
    "Envie d’un métier utile\xa0? Le poste de {job} vous attend dans {setting}.",
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
CLOSINGS = (
    "Le poste est à pourvoir dès que possible.",
    "Les horaires sont connus trois semaines à l’avance.",
    "Un tuteur vous suit pendant le premier mois.",
    "Le lieu est desservi par le bus\xa0; un vélo peut être prêté.",
    "Le permis B est nécessaire, le véhicule est fourni.",
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

# (code, label of today, label of yesterday, nature, how often)
CONTRACTS = (
    ("CDI", "CDI", "Contrat à durée indéterminée", "Contrat travail", 430),
    ("CDD", "CDD", "Contrat à durée déterminée", "Contrat travail", 240),
    ("MIS", "Intérim", "Mission intérimaire", "Contrat travail", 200),
    ("SAI", "Saisonnier", "Contrat travail saisonnier", "Contrat travail", 40),
    ("CDD", "CDD", "Contrat à durée déterminée", "Contrat apprentissage", 35),
    ("CDD", "CDD", "Contrat à durée déterminée", "Cont. professionnalisation", 15),
    ("LIB", "Profession libérale", "Profession libérale", "Emploi non salarié", 12),
    ("DDI", "CDD Insertion", "CDD Insertion", "Insertion par l'activ.éco.", 14),
    ("CDD", "CDD", "Contrat à durée déterminée", "CUI - CAE", 6),
    ("CDI", "CDI", "CDI", "CDI de chantier ou d'opération", 4),
    ("DIN", "CDI Intérimaire", "CDI Intérimaire", "Contrat travail", 2),
    ("FRA", "Franchise", "Franchise", "Emploi non salarié", 2),
)
LASTING = {"CDI", "LIB", "DIN", "FRA"}
SCHEDULES = (
    "Travail en journée",
    "Travail le samedi",
    "Travail en horaires décalés",
    "Travail posté (2x8, 3x8, 5x8, etc.)",
    "Travail les week-ends et jours fériés",
    "Travail de nuit",
)
FULL_WEEKS = ("35H", "35H", "35H", "37H", "39H", "35H30")
PART_WEEKS = ("20H", "24H", "28H", "30H", "17H30", "10H")


class Dice:
    """Random draws of the kinds that offers need, from one seed."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(seed).random  # noqa: S311 - nothing secret is drawn

    def happens(self, share: float) -> bool:
        return self.draw() < share

    def number(self, least: int, most: int) -> int:
        return least + int(self.draw() * (most - least + 1))

    def pick[T](self, values: Sequence[T]) -> T:
        return values[int(self.draw() * len(values))]

    def weighed[T](self, values: Sequence[T], totals: Sequence[int]) -> T:
        """One value, by running totals of weights."""
        return values[bisect(totals, self.draw() * totals[-1])]

    def some(self, values: Sequence[str], count: int) -> Sequence[str]:
        """So many different values, as neighbours on a ring: quicker than a sample."""
        start = int(self.draw() * len(values))
        return (*values[start:], *values[:start])[:count]


class Trade(NamedTuple):
    """A trade of ROME, and how an offer names it."""

    code: str
    label: str
    title: str
    job: str


def read_trades() -> tuple[list[Trade], list[int]]:
    """Every ROME trade, and how often it comes (as running totals)."""
    trades, weights = [], []
    for row in read_rows(DATA / "rome.csv"):
        label = row["label"]
        job = label.split(" / ")[0]
        job = job[0].lower() + job[1:]
        trades.append(Trade(row["code"], label, f"{label} (H/F)", job))
        weights.append(COMMON_TRADES.get(row["code"], 3))
    return trades, list(accumulate(weights))


def read_towns() -> tuple[list[Place], list[int]]:
    """Communes that hold no arrondissement, weighed by their inhabitants."""
    towns, weights = [], []
    for place in read_places():
        if place.point is None or place.code in {"75056", "13055", "69123"}:
            continue
        towns.append(place)
        weights.append(max(place.population, 20))
    return towns, list(accumulate(weights))


def number_of(index: int) -> str:
    """An offer number, 3 digits and 4 letters; no two indexes share one."""
    digits, rest = divmod(index * STRIDE % NUMBERS, len(CONSONANTS) ** 4)
    letters = ""
    for _ in range(4):
        rest, letter = divmod(rest, len(CONSONANTS))
        letters += CONSONANTS[letter]
    return f"{FIRST_NUMBER + digits}{letters}"


def make_offers(
    count: int, *, seed: int = 1, today: date | None = None
) -> Iterator[dict[str, Any]]:
    """Offers of the 45 days that ended as ``today`` began (UTC), one after the other.

    Args:
        count: at most 64 million: numbers are not used twice.
        seed: another one gives other offers under other numbers.
    """
    dice = Dice(seed)
    trades, trade_weights = read_trades()
    towns, town_weights = read_towns()
    old_codes = read_rows(DATA / "communes_anciennes.csv")
    former = {row["today"]: row["code"] for row in old_codes}
    contract_weights = list(accumulate(contract[-1] for contract in CONTRACTS))
    end = datetime.combine(today or datetime.now(UTC).date(), datetime.min.time(), UTC)
    first_number = seed * 15_485_863

    for index in range(count):
        reference = number_of(first_number + index)
        trade = dice.weighed(trades, trade_weights)
        domain = DOMAINS[trade.code[0]]
        town = dice.weighed(towns, town_weights)
        kind = dice.weighed(CONTRACTS, contract_weights)
        company = make_company(dice, domain)
        age = dice.draw() * DAYS * 86_400
        created = end - timedelta(seconds=age + 1)
        updated = created + timedelta(seconds=age * dice.draw() * dice.draw())
        experience = dice.pick("DDESEE")
        years = dice.number(1, 5)
        text = make_description(dice, domain, trade, town, company, experience, years)
        is_part_time = dice.happens(0.2)
        week = dice.pick(PART_WEEKS if is_part_time else FULL_WEEKS)
        posts = 1 if dice.happens(0.93) else dice.number(2, 6)
        offer: dict[str, Any] = {
            "id": reference,
            "intitule": trade.title
            if dice.happens(0.8)
            else f"{trade.label} à {town.name}",
            "description": mark_up(text) if dice.happens(MARKUP) else text,
            "dateCreation": stamp(created),
            "dateActualisation": stamp(updated),
            "lieuTravail": make_place(dice, town, former),
            "romeCode": trade.code,
            "romeLibelle": trade.label,
            "appellationlibelle": trade.label,
            "entreprise": {"nom": company, "entrepriseAdaptee": False},
            "typeContrat": kind[0],
            "typeContratLibelle": make_contract_label(dice, kind),
            "natureContrat": kind[3],
            "experienceExige": experience,
            "experienceLibelle": "Débutant accepté"
            if experience == "D"
            else f"{years} An(s)",
            "competences": [
                {"libelle": skill, "exigence": "S"}
                for skill in dice.some(domain.skills, 3)
            ],
            "dureeTravailLibelle": f"{'Temps partiel - ' if is_part_time else ''}"
            f"{week}/semaine\n{dice.pick(SCHEDULES)}",
            "dureeTravailLibelleConverti": "Temps partiel"
            if is_part_time
            else "Temps plein",
            "alternance": kind[3] == "Contrat apprentissage",
            "nombrePostes": posts,
            "offresManqueCandidats": dice.happens(0.12),
            "origineOffre": {
                "origine": "1",
                "urlOrigine": f"https://offres.example/{reference}",
            },
        }
        if dice.happens(0.8):
            offer["accessibleTH"] = dice.happens(0.1)
        if dice.happens(0.6):
            offer["salaire"] = make_pay(dice, domain)
        if dice.happens(0.5):
            label, description = dice.pick(QUALITIES)
            quality = {"libelle": label, "description": description}
            offer["qualitesProfessionnelles"] = [quality]
        if dice.happens(0.2):
            offer["permis"] = [{"libelle": "B - Véhicule léger", "exigence": "E"}]
        if dice.happens(NO_UPDATE_DATE):
            del offer["dateActualisation"]
        add_mode(dice, offer, town, company, posts)
        yield offer


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def make_company(dice: Dice, domain: Domain) -> str:
    name = f"{dice.pick(domain.trades)} {dice.pick(NAME_STARTS)}{dice.pick(NAME_ENDS)}"
    form = dice.pick(LEGAL_FORMS)
    return f"{form} {name}" if form else name


def make_description(
    dice: Dice,
    domain: Domain,
    trade: Trade,
    town: Place,
    company: str,
    experience: str,
    years: int,
) -> str:
    opening = dice.pick(OPENINGS).format(
        setting=dice.pick(domain.settings),
        job=trade.job,
        town=town.name,
        company=company,
    )
    tasks = "\xa0;\n- ".join(dice.some(domain.tasks, 4))
    profile = dice.pick(PROFILES[experience]).format(
        years=f"{years} an{'s' if years > 1 else ''}"
    )
    closing = " ".join(dice.some(CLOSINGS, 2))
    return f"{opening}\n\nVos missions\xa0:\n- {tasks}.\n\n{profile}\n{closing}"


def mark_up(text: str) -> str:
    """The text as some employers' tools send it: tags and entities."""
    text = text.replace("é", "&eacute;").replace("’", "&#039;")
    return "<p>" + text.replace("\n\n", "</p><p>").replace("\n", "<br />") + "</p>"


def make_place(dice: Dice, town: Place, former: dict[str, str]) -> dict[str, Any]:
    """``lieuTravail``, now and then as incomplete or as wrong as upstream's."""
    chance = dice.draw()
    if chance < NO_PLACE:
        return {"libelle": "France"}
    if chance < NO_PLACE + DEPARTMENT_ONLY:
        name = departments()[town.department].name
        return {"libelle": f"{town.department} - {name}"}
    place: dict[str, Any] = {
        "libelle": f"{town.department} - {town.name}",
        "commune": town.code,
    }
    if town.postcodes:
        place["codePostal"] = town.postcodes[0]
    if town.code in former and dice.happens(FORMER_CODE):
        place["commune"] = former[town.code]
    if town.point is None or dice.happens(NO_COORDINATES):
        return place
    latitude = round(town.point[0] + (dice.draw() - 0.5) * 0.02, 6)
    longitude = round(town.point[1] + (dice.draw() - 0.5) * 0.02, 6)
    if dice.happens(SWAPPED):
        latitude, longitude = longitude, latitude
    return place | {"latitude": latitude, "longitude": longitude}


def make_contract_label(dice: Dice, kind: tuple[str, str, str, str, int]) -> str:
    label = kind[1] if dice.happens(0.7) else kind[2]
    if kind[0] in LASTING:
        return label
    if kind[0] == "MIS" and dice.happens(0.3):
        return f"{label} - {dice.number(1, 28)} Jour(s)"
    return f"{label} - {dice.number(1, 18)} Mois"


def make_pay(dice: Dice, domain: Domain) -> dict[str, str]:
    least, most = domain.pay
    low = least + (most - least) * dice.draw() * 0.6
    high = low + (most - low) * dice.draw() * 0.5
    period = dice.draw()
    if period < 0.35:
        label = f"Horaire de {low:.2f} Euros à {high:.2f} Euros sur 12 mois"
    elif period < 0.75:
        low, high = round(low * 152), round(high * 152)
        label = f"Mensuel de {low},00 Euros à {high},00 Euros sur 12 mois"
    elif period < 0.98:
        low, high = round(low * 1.82) * 1000, round(high * 1.82) * 1000
        label = f"Annuel de {low}.0 Euros à {high}.0 Euros sur 12.0 mois"
    else:
        label = "Annuel de"
    return {"libelle": label}


def add_mode(
    dice: Dice, offer: dict[str, Any], town: Place, company: str, posts: int
) -> None:
    """How France Travail handles the offer, and the contact that goes with it."""
    chance = dice.draw()
    digits = town.department.replace("A", "0").replace("B", "0")
    opus: dict[str, Any] = {
        "publiee": not dice.happens(UNPUBLISHED),
        "preselection": chance >= DIRECT,
        "delegationMiseEnRelation": DIRECT <= chance < DIRECT + DELEGATED,
        "agenceGestionnaire": f"{digits}{dice.number(1, 9):0{5 - len(digits)}d}",
    }
    if posts > 1 and dice.happens(0.5):
        opus["postesRestants"] = dice.number(1, posts)
    offer["opus"] = opus
    if opus["preselection"]:
        offer["contact"] = {
            "nom": f"Agence France Travail {town.name}",
            "coordonnees1": f"{dice.number(1, 90)} rue de la Gare",
        }
        return
    slug = "".join(letter for letter in company.lower() if "a" <= letter <= "z")
    offer["contact"] = {
        "nom": company,
        "courriel": f"emploi@{slug}.example",
        "telephone": f"{dice.pick(PHONE_STARTS)} {dice.number(0, 99):02d}"
        f" {dice.number(0, 99):02d}",
    }
