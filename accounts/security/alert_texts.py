"""French texts of each rule: observation, meaning, action."""

import dataclasses

from accounts.security.models import Alert, Rule
from accounts.users.models.users import User


@dataclasses.dataclass(frozen=True)
class Advice:
    """Texts of one rule; ``saw`` formats the alert's number.

    ``in_journal``: what only who reads the journal can do.
    """

    saw: str
    means: str
    to_do: str
    in_journal: str = ""

    def saw_on(self, alert: Alert) -> str:
        return self.saw.format(n=alert.peak)

    def to_do_for(self, reader: User | None) -> str:
        reads = reader and reader.has_perm("lib.view_auditentry") and reader.is_national
        return f"{self.to_do} {self.in_journal}".strip() if reads else self.to_do


CALL = (
    "Appelez la personne à un numéro que vous connaissez déjà, sans passer par Opus. "
    "Si ce n’est pas elle, ou au moindre doute, suspendez le compte : c’est immédiat "
    "et réversible."
)
STAFF_LOOK = (
    "Ouvrez l’historique des comptes de la structure et demandez au directeur de la "
    "structure, sans passer par le RGC, si c’est voulu. Sinon, suspendez le compte du "
    "RGC et remettez les autres en état."
)
LOOK = (
    "Demandez à la personne ce qu’elle faisait à ce moment. Si elle l’explique, rien "
    "d’autre n’est à faire ; sinon, suspendez le compte."
)

ADVICE: dict[Rule, Advice] = {
    Rule.PERSONS: Advice(
        "Le compte a voulu dépasser le nombre de personnes qu’il peut voir en une "
        "heure ({n} refus).",
        "Quelqu’un copie peut-être les fiches, ou prépare une réunion avec beaucoup de "
        "dossiers. Au-delà du plafond, rien n’a été montré.",
        CALL,
    ),
    Rule.MANY_PERSONS: Advice(
        "Le compte a ouvert {n} personnes différentes en une heure.",
        "C’est la moitié du plafond : une journée chargée, ou le début d’une copie.",
        LOOK,
    ),
    Rule.PERSONS_DAY: Advice(
        "Le compte a voulu dépasser le nombre de personnes qu’il peut voir en "
        "vingt-quatre heures ({n} refus).",
        "Quelqu’un copie peut-être les fiches lentement, sous le plafond de l’heure. "
        "Au-delà du plafond, rien n’a été montré.",
        CALL,
    ),
    Rule.MANY_PERSONS_DAY: Advice(
        "Le compte a ouvert {n} personnes différentes en vingt-quatre heures.",
        "C’est la moitié du plafond : une très grosse journée, ou une copie lente.",
        LOOK,
    ),
    Rule.EXPORTS: Advice(
        "Le compte a voulu dépasser le nombre d’exports d’une journée ({n} refus).",
        "Des fichiers entiers quittent Opus : erreur de manipulation, ou extraction.",
        CALL,
    ),
    Rule.MANY_EXPORTS: Advice(
        "Le compte a fait {n} exports en vingt-quatre heures.",
        "C’est inhabituel sans être interdit.",
        LOOK,
    ),
    Rule.NIGHT: Advice(
        "Le compte a vu {n} personnes différentes entre 22 heures et 6 heures.",
        "Presque personne ne travaille à ces heures : c’est le moment que choisit "
        "celui qui a volé un accès.",
        CALL,
    ),
    Rule.FAR: Advice(
        "Le compte a vu en un jour {n} personnes qui habitent loin de la structure.",
        "Un conseiller accompagne surtout des personnes proches : il sert peut-être à "
        "quelqu’un d’autre.",
        LOOK,
    ),
    Rule.LOOK_UPS: Advice(
        "Le compte a cherché {n} fois en une heure une personne qui n’est pas dans ses "
        "candidats.",
        "Quelqu’un essaie peut-être des noms ou des identifiants au hasard.",
        CALL,
    ),
    Rule.NOT_FOUND: Advice(
        "Le compte a demandé {n} fois en dix minutes une fiche qui n’existe pas ou "
        "n’est pas la sienne.",
        "Un programme essaie des adresses. Il n’a rien obtenu, mais il a la session.",
        CALL,
    ),
    Rule.ADDRESS: Advice(
        "{n} échecs de connexion en dix minutes depuis une même adresse.",
        "Un programme essaie des mots de passe, ou tout un bureau s’est trompé en même "
        "temps. L’adresse est refusée pendant dix minutes.",
        "Si l’adresse n’est celle d’aucune structure, faites-la bloquer en amont.",
        "Regardez dans le journal si un compte s’est connecté juste après.",
    ),
    Rule.ACCOUNT: Advice(
        "{n} échecs de connexion sur un même compte en deux heures.",
        "Quelqu’un essaie d’entrer à la place de la personne, ou elle a perdu son mot "
        "de passe. La connexion par mot de passe est fermée pendant une heure.",
        "Demandez à la personne si c’était elle. Si oui, donnez-lui un nouveau premier "
        "accès ; sinon, rien n’est entré, et le second facteur protège le compte.",
    ),
    Rule.TRIES: Advice(
        "{n} essais de connexion sur un même compte en une minute.",
        "Un programme essaie des mots de passe à la suite. Presque tous ont été "
        "refusés sans être lus.",
        "Rien n’est entré, et le second facteur protège le compte. Demandez à la "
        "personne si c’était elle.",
        "Sinon, regardez dans le journal d’où cela venait.",
    ),
    Rule.STUFFING: Advice(
        "{n} comptes ont eu chacun un échec de connexion en dix minutes.",
        "C’est la marque d’une liste de mots de passe volés, essayée sur chacun.",
        "Prévenez la sécurité de France Travail.",
        "Regardez dans le journal les connexions réussies du même moment et des mêmes "
        "réseaux.",
    ),
    Rule.SESSION_MOVED: Advice(
        "Une session a changé d’adresse et de navigateur d’une page à l’autre.",
        "Le témoin de connexion a peut-être été copié sur un autre ordinateur.",
        "Fermez les sessions du compte sans attendre, puis appelez la personne.",
    ),
    Rule.SESSION_FLIPS: Advice(
        "Une même session a changé de réseau {n} fois en dix minutes, dans un sens "
        "puis dans l’autre.",
        "Le témoin de connexion a peut-être été copié : deux personnes se servent de "
        "la même session.",
        "Fermez les sessions du compte sans attendre, puis appelez la personne. L’un "
        "des deux réseaux au moins n’a pas donné le second facteur : aucune personne "
        "n’y a été montrée. Si ce sont les deux réseaux d’un même bureau (IPv4 et "
        "IPv6), c’est une fausse alerte, que le second facteur donné sur chacun "
        "arrêtera.",
    ),
    Rule.SESSION_CHANGED: Advice(
        "Une session est passée sur un autre navigateur, sur le même réseau.",
        "Un navigateur qui se présente autrement, le plus souvent ; parfois un témoin "
        "de connexion copié.",
        LOOK,
    ),
    Rule.TWO_PLACES: Advice(
        "Le compte a servi à deux endroits à la fois, en moins de dix minutes.",
        "Deux personnes s’en servent : un accès prêté (interdit, art. 5.1) ou volé.",
        CALL,
    ),
    Rule.NEW_PLACE: Advice(
        "Une connexion est venue d’un réseau ou d’un navigateur que le compte "
        "n’utilisait pas.",
        "Un nouvel ordinateur, un déplacement, ou quelqu’un d’autre.",
        LOOK,
    ),
    Rule.NEW_DEVICE: Advice(
        "Un second facteur, un mot de passe ou une adresse a été changé depuis un "
        "appareil que le compte n’avait jamais utilisé.",
        "C’est ce que fait celui qui s’installe dans un compte volé, et aussi la "
        "personne qui change de téléphone.",
        CALL,
    ),
    Rule.SHARING: Advice(
        "Le compte a ouvert plus de deux sessions à la fois.",
        "Il est peut-être prêté à un collègue, ce que la convention interdit "
        "(art. 5.1).",
        LOOK,
    ),
    Rule.SEARCHES: Advice(
        "Le compte a fait un très grand nombre de recherches d’offres en dix minutes.",
        "Un programme copie les offres, ce que la convention n’autorise pas.",
        LOOK,
    ),
    Rule.FEED_FORGED: Advice(
        "{n} envois au flux des offres ont été refusés en dix minutes : leur signature "
        "manque, est fausse ou trop ancienne.",
        "Quelqu’un essaie d’écrire de fausses offres, ou un secret ou une horloge a "
        "changé d’un seul côté. Rien de ces envois n’a été lu.",
        "Faites comparer les secrets et les horloges des deux côtés.",
        "Si l’adresse, qui est dans le journal, n’est pas celle de France Travail, "
        "faites-la bloquer en amont.",
    ),
    Rule.RGC_GESTURES: Advice(
        "Le RGC a fermé, suspendu ou changé d’adresse {n} comptes en une heure.",
        "Une équipe qui change, ou quelqu’un qui tient le compte du RGC et met les "
        "autres dehors.",
        STAFF_LOOK,
    ),
    Rule.RGC_RENEWALS: Advice(
        "Le RGC a renouvelé l’accès, ou demandé la remise à zéro des facteurs, de "
        "{n} comptes en une heure.",
        "Des oublis de vacances, ou quelqu’un qui prépare son entrée dans les comptes "
        "des autres.",
        STAFF_LOOK,
    ),
    Rule.SHORT_LIVED: Advice(
        "Le RGC a fermé un compte qui avait été créé moins de vingt-quatre heures plus "
        "tôt.",
        "Une erreur de saisie, ou un compte ouvert pour un seul usage.",
        STAFF_LOOK,
        "Regardez dans le journal ce que ce compte a vu pendant sa courte vie.",
    ),
    Rule.TRANSFER: Advice(
        "Le RGC a demandé à reprendre des candidats pour lui-même, ou à en transférer "
        "un grand nombre.",
        "Un départ à organiser, ou un moyen de voir des personnes qu’il n’accompagne "
        "pas.",
        STAFF_LOOK,
    ),
    Rule.NEW_RECEIVER: Advice(
        "Des candidats doivent aller à un compte récent, et un autre signe s’ajoute : "
        "heure inhabituelle, réseau inconnu, plusieurs demandes en une heure, accès de "
        "l’auteur changé depuis peu, ou compte ouvert le jour même par lui ({n} "
        "demande(s)).",
        "Un remplacement préparé dans l’urgence, ou un compte ouvert pour lire des "
        "fiches avec une session volée. Les candidats attendent.",
        STAFF_LOOK,
    ),
    Rule.DISOWNED: Advice(
        "Une personne dit ne pas connaître une demande de confier ses candidats "
        "({n} fois).",
        "Un malentendu dans l’équipe, ou un compte volé. La demande est arrêtée, les "
        "sessions du compte sont fermées et il ne peut plus rien confier.",
        f"{STAFF_LOOK} Ensuite, notez « J’ai vérifié » sur le transfert : cela seul "
        "lui rend ses gestes.",
    ),
}
