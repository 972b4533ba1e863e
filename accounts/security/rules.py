"""Detection rules: what to look for, and what to say of it in French (S39).

Thresholds are the settings' (``docs/access.md``).
"""

import dataclasses
import datetime as dt
from typing import Any

from django.conf import settings

from accounts.security import detection_queries as sql
from accounts.security.detection_queries import events, persons
from accounts.security.models import Alert, Rule
from accounts.users.models import User
from opus.lib.audit.journal import READS, Action

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
DAY = 24 * HOUR


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


@dataclasses.dataclass(frozen=True, kw_only=True)
class Watch:
    rule: Rule = dataclasses.field(kw_only=False)
    # What Opus saw, with its number; what it may mean; what to do, and what only who
    # reads the journal can do.
    saw: str
    means: str
    to_do: str = CALL
    in_journal: str = ""
    query: str = events()
    actions: tuple[Action, ...] = ()
    # How far back a hit looks; a rule of a day or a night looks back at least that.
    window: dt.timedelta = HOUR
    # A burst ends after this delay without a hit; by default the window.
    quiet: dt.timedelta | None = None
    # Name of its threshold in ``settings.DETECTION``; without one, one entry is enough.
    threshold: str = ""
    every: str = "minute"
    # Type of ``who``: an account's number, an address, or the whole service.
    subject: str = "compte"

    def parameters(self, since: dt.datetime, until: dt.datetime) -> dict[str, Any]:
        """Return what its query may name, the settings' limits among it."""
        limits = vars(settings.DETECTION)
        return {
            **limits,
            "lately": settings.ACCOUNT_SAFETY.new_address,
            "actions": list(self.actions),
            "every": self.every,
            "since": since,
            "until": until,
            "window": self.window,
            "threshold": limits[self.threshold] if self.threshold else 1,
        }

    def saw_on(self, alert: Alert) -> str:
        return self.saw.format(n=alert.peak)

    def to_do_for(self, reader: User | None) -> str:
        reads = reader and reader.has_perm("lib.view_auditentry") and reader.is_national
        return f"{self.to_do} {self.in_journal}".strip() if reads else self.to_do


# These give the author access to the account; their entries have ``new_device``.
CHANGES_OF_ACCESS = (
    Action.FACTOR_ENROLLED,
    Action.FACTOR_REMOVED,
    Action.BACKUP_CODES_DRAWN,
    Action.PASSWORD_CHANGED,
    Action.ACCOUNT_CHANGED,
)
REQUESTS = (Action.CASELOAD_TRANSFER_ASKED, Action.ACCOUNT_CLOSED)

ROWS = [
    Watch(
        Rule.PERSONS,
        query=events("details ->> 'ceiling' = 'persons'"),
        actions=(Action.CEILING_REACHED,),
        saw="Le compte a voulu dépasser le nombre de personnes qu’il peut voir en une "
        "heure ({n} refus).",
        means="Quelqu’un copie peut-être les fiches, ou prépare une réunion avec "
        "beaucoup de dossiers. Au-delà du plafond, rien n’a été montré.",
    ),
    Watch(
        Rule.MANY_PERSONS,
        query=persons(counted="NOT entry.details ? 'unasked'"),
        actions=READS,
        threshold="persons_warned_at",
        saw="Le compte a ouvert {n} personnes différentes en une heure.",
        means="C’est la moitié du plafond : une journée chargée, ou le début d’une "
        "copie.",
        to_do=LOOK,
    ),
    Watch(
        Rule.PERSONS_DAY,
        query=events("details ->> 'ceiling' = 'persons_day'"),
        actions=(Action.CEILING_REACHED,),
        window=DAY,
        saw="Le compte a voulu dépasser le nombre de personnes qu’il peut voir en "
        "vingt-quatre heures ({n} refus).",
        means="Quelqu’un copie peut-être les fiches lentement, sous le plafond de "
        "l’heure. Au-delà du plafond, rien n’a été montré.",
    ),
    Watch(
        Rule.MANY_PERSONS_DAY,
        query=persons(
            condition="NOT details ? 'unasked'", counted="NOT entry.details ? 'unasked'"
        ),
        actions=READS,
        window=DAY,
        threshold="persons_a_day_warned_at",
        every="hour",
        saw="Le compte a ouvert {n} personnes différentes en vingt-quatre heures.",
        means="C’est la moitié du plafond : une très grosse journée, ou une copie "
        "lente.",
        to_do=LOOK,
    ),
    Watch(
        Rule.EXPORTS,
        query=events("details ->> 'ceiling' = 'exports'"),
        actions=(Action.CEILING_REACHED,),
        window=DAY,
        saw="Le compte a voulu dépasser le nombre d’exports d’une journée ({n} refus).",
        means="Des fichiers entiers quittent Opus : erreur de manipulation, ou "
        "extraction.",
    ),
    Watch(
        Rule.MANY_EXPORTS,
        actions=(Action.EXPORT_MADE,),
        window=DAY,
        threshold="exports_warned_at",
        saw="Le compte a fait {n} exports en vingt-quatre heures.",
        means="C’est inhabituel sans être interdit.",
        to_do=LOOK,
    ),
    Watch(
        Rule.NIGHT,
        query=persons(start=sql.NIGHT_START, condition=f"({sql.NIGHT})"),
        actions=READS,
        window=12 * HOUR,
        quiet=8 * HOUR,
        threshold="night_persons",
        saw="Le compte a vu {n} personnes différentes entre 22 heures et 6 heures.",
        means="Presque personne ne travaille à ces heures : c’est le moment que "
        "choisit celui qui a volé un accès.",
    ),
    Watch(
        Rule.FAR,
        # Opened one by one: one's own list does not count, however far they live.
        query=persons(
            start=sql.DAY_START,
            ids="far_ids",
            condition="persons = 1",
            counted="entry.persons = 1",
        ),
        actions=(Action.PERSON_READ, Action.DOCUMENT_READ),
        window=25 * HOUR,  # A day with a clock change.
        quiet=12 * HOUR,
        threshold="far_persons",
        saw="Le compte a vu en un jour {n} personnes qui habitent loin de la "
        "structure.",
        means="Un conseiller accompagne surtout des personnes proches : il sert "
        "peut-être à quelqu’un d’autre.",
        to_do=LOOK,
    ),
    Watch(
        Rule.LOOK_UPS,
        query=events("details ->> 'found' = '0'"),
        actions=(Action.PERSON_LOOKED_UP,),
        threshold="empty_look_ups",
        saw="Le compte a cherché {n} fois en une heure une personne qui n’est pas "
        "dans ses candidats.",
        means="Quelqu’un essaie peut-être des noms ou des identifiants au hasard.",
    ),
    Watch(
        Rule.NOT_FOUND,
        actions=(Action.NOT_FOUND,),
        window=10 * MINUTE,
        threshold="unknown_addresses",
        saw="Le compte a demandé {n} fois en dix minutes une fiche qui n’existe pas "
        "ou n’est pas la sienne.",
        means="Un programme essaie des adresses. Il n’a rien obtenu, mais il a la "
        "session.",
    ),
    Watch(
        Rule.ADDRESS,
        query=events(who=sql.LINE),
        actions=(Action.SIGN_IN_REFUSED,),
        window=10 * MINUTE,
        threshold="address_failures",
        subject="adresse",
        saw="{n} échecs de connexion en dix minutes depuis une même adresse.",
        means="Un programme essaie des mots de passe, ou tout un bureau s’est trompé "
        "en même temps. L’adresse est refusée pendant dix minutes.",
        to_do="Si l’adresse n’est celle d’aucune structure, faites-la bloquer en "
        "amont.",
        in_journal="Regardez dans le journal si un compte s’est connecté juste après.",
    ),
    Watch(
        Rule.ACCOUNT,
        # A premature try reveals nothing to its author.
        query=events(
            "target_type = 'accounts.user' AND refused <> 'trop d’essais'",
            who="target_id",
        ),
        actions=(Action.SIGN_IN_REFUSED,),
        window=2 * HOUR,
        threshold="account_failures",
        saw="{n} échecs de connexion sur un même compte en deux heures.",
        means="Quelqu’un essaie d’entrer à la place de la personne, ou elle a perdu "
        "son mot de passe. La connexion par mot de passe est fermée pendant une heure.",
        to_do="Demandez à la personne si c’était elle. Si oui, donnez-lui un nouveau "
        "premier accès ; sinon, rien n’est entré, et le second facteur protège le "
        "compte.",
    ),
    Watch(
        Rule.TRIES,
        query=events("target_type = 'accounts.user'", who="target_id"),
        actions=(Action.SIGN_IN_REFUSED,),
        window=MINUTE,
        threshold="account_tries",
        saw="{n} essais de connexion sur un même compte en une minute.",
        means="Un programme essaie des mots de passe à la suite. Presque tous ont été "
        "refusés sans être lus.",
        to_do="Rien n’est entré, et le second facteur protège le compte. Demandez à "
        "la personne si c’était elle.",
        in_journal="Sinon, regardez dans le journal d’où cela venait.",
    ),
    Watch(
        Rule.STUFFING,
        query=sql.STUFFING,
        window=10 * MINUTE,
        threshold="single_failures",
        subject="service",
        saw="{n} comptes ont eu chacun un échec de connexion en dix minutes.",
        means="C’est la marque d’une liste de mots de passe volés, essayée sur chacun.",
        to_do="Prévenez la sécurité de France Travail.",
        in_journal="Regardez dans le journal les connexions réussies du même moment "
        "et des mêmes réseaux.",
    ),
    Watch(
        Rule.SESSION_MOVED,
        query=events("NOT details ? 'only'"),
        actions=(Action.SESSION_MOVED,),
        saw="Une session a changé d’adresse et de navigateur d’une page à l’autre.",
        means="Le témoin de connexion a peut-être été copié sur un autre ordinateur.",
        to_do="Fermez les sessions du compte sans attendre, puis appelez la personne.",
    ),
    Watch(
        Rule.SESSION_FLIPS,
        query=sql.FLIPS,
        window=10 * MINUTE,
        quiet=HOUR,
        threshold="session_flips",
        saw="Une même session a changé de réseau {n} fois en dix minutes, dans un "
        "sens puis dans l’autre.",
        means="Le témoin de connexion a peut-être été copié : deux personnes se "
        "servent de la même session.",
        to_do="Fermez les sessions du compte sans attendre, puis appelez la personne. "
        "L’un des deux réseaux au moins n’a pas donné le second facteur : aucune "
        "personne n’y a été montrée. Si ce sont les deux réseaux d’un même bureau "
        "(IPv4 et IPv6), c’est une fausse alerte, que le second facteur donné sur "
        "chacun arrêtera.",
    ),
    Watch(
        Rule.SESSION_CHANGED,
        # A network alone asks the second factor.
        query=events("details ->> 'only' = 'agent'"),
        actions=(Action.SESSION_MOVED,),
        saw="Une session est passée sur un autre navigateur, sur le même réseau.",
        means="Un navigateur qui se présente autrement, le plus souvent ; parfois un "
        "témoin de connexion copié.",
        to_do=LOOK,
    ),
    Watch(
        Rule.TWO_PLACES,
        query=sql.TWO_PLACES.format(
            fresh_is_habit=sql.HABIT.format(row="fresh"),
            other_is_habit=sql.HABIT.format(row="other"),
        ),
        window=10 * MINUTE,
        quiet=HOUR,
        saw="Le compte a servi à deux endroits à la fois, en moins de dix minutes.",
        means="Deux personnes s’en servent : un accès prêté (interdit, art. 5.1) ou "
        "volé.",
    ),
    Watch(
        Rule.NEW_PLACE,
        query=sql.NEW_PLACE,
        window=settings.DETECTION.habits_of,
        quiet=HOUR,
        saw="Une connexion est venue d’un réseau ou d’un navigateur que le compte "
        "n’utilisait pas.",
        means="Un nouvel ordinateur, un déplacement, ou quelqu’un d’autre.",
        to_do=LOOK,
    ),
    Watch(
        Rule.NEW_DEVICE,
        query=events(f"details ->> 'new_device' = 'true' AND {sql.WITH_ITS_ADDRESS}"),
        actions=CHANGES_OF_ACCESS,
        saw="Un second facteur, un mot de passe ou une adresse a été changé depuis un "
        "appareil que le compte n’avait jamais utilisé.",
        means="C’est ce que fait celui qui s’installe dans un compte volé, et aussi "
        "la personne qui change de téléphone.",
    ),
    Watch(
        Rule.SHARING,
        actions=(Action.SESSION_CAPPED,),
        saw="Le compte a ouvert plus de deux sessions à la fois.",
        means="Il est peut-être prêté à un collègue, ce que la convention interdit "
        "(art. 5.1).",
        to_do=LOOK,
    ),
    Watch(
        Rule.SEARCHES,
        actions=(Action.SEARCH_SURGE,),
        saw="Le compte a fait un très grand nombre de recherches d’offres en dix "
        "minutes.",
        means="Un programme copie les offres, ce que la convention n’autorise pas.",
        to_do=LOOK,
    ),
    Watch(
        Rule.FEED_FORGED,
        query=events(who="'flux'"),
        actions=(Action.FEED_FORGED,),
        window=10 * MINUTE,
        threshold="forged_signatures",
        subject="service",
        saw="{n} envois au flux des offres ont été refusés en dix minutes : leur "
        "signature manque, est fausse ou trop ancienne.",
        means="Quelqu’un essaie d’écrire de fausses offres, ou un secret ou une "
        "horloge a changé d’un seul côté. Rien de ces envois n’a été lu.",
        to_do="Faites comparer les secrets et les horloges des deux côtés.",
        in_journal="Si l’adresse, qui est dans le journal, n’est pas celle de France "
        "Travail, faites-la bloquer en amont.",
    ),
    Watch(
        Rule.RGC_GESTURES,
        # Only entries without parts: an import opens accounts, and the quarterly
        # answer, which Opus requests and which can be undone, suspends those who left.
        query=events(f"{sql.BY_RGC} AND {sql.WITH_ITS_ADDRESS}"),
        actions=(
            Action.ACCOUNT_CLOSED,
            Action.ACCOUNT_SUSPENDED,
            Action.ACCOUNT_CHANGED,
        ),
        threshold="rgc_gestures",
        saw="Le RGC a fermé, suspendu ou changé d’adresse {n} comptes en une heure.",
        means="Une équipe qui change, ou quelqu’un qui tient le compte du RGC et met "
        "les autres dehors.",
        to_do=STAFF_LOOK,
    ),
    Watch(
        Rule.RGC_RENEWALS,
        query=events(sql.BY_RGC),
        actions=(Action.FIRST_ACCESS_RENEWED, Action.FACTOR_RESET_ASKED),
        threshold="rgc_renewals",
        saw="Le RGC a renouvelé l’accès, ou demandé la remise à zéro des facteurs, de "
        "{n} comptes en une heure.",
        means="Des oublis de vacances, ou quelqu’un qui prépare son entrée dans les "
        "comptes des autres.",
        to_do=STAFF_LOOK,
    ),
    Watch(
        Rule.SHORT_LIVED,
        query=events(f"{sql.BY_RGC} AND {sql.JUST_OPENED}"),
        actions=(Action.ACCOUNT_CLOSED,),
        saw="Le RGC a fermé un compte qui avait été créé moins de vingt-quatre heures "
        "plus tôt.",
        means="Une erreur de saisie, ou un compte ouvert pour un seul usage.",
        to_do=STAFF_LOOK,
        in_journal="Regardez dans le journal ce que ce compte a vu pendant sa courte "
        "vie.",
    ),
    Watch(
        Rule.TRANSFER,
        query=events(f"role = 'rgc' AND ({sql.TO_ONESELF_OR_MANY})"),
        actions=REQUESTS,
        saw="Le RGC a demandé à reprendre des candidats pour lui-même, ou à en "
        "transférer un grand nombre.",
        means="Un départ à organiser, ou un moyen de voir des personnes qu’il "
        "n’accompagne pas.",
        to_do=STAFF_LOOK,
    ),
    Watch(
        Rule.NEW_RECEIVER,
        query=events(sql.TO_NEW_WITH_A_SIGN.format(night=sql.NIGHT)),
        actions=REQUESTS,
        saw="Des candidats doivent aller à un compte récent, et un autre signe "
        "s’ajoute : heure inhabituelle, réseau inconnu, plusieurs demandes en une "
        "heure, accès de l’auteur changé depuis peu, ou compte ouvert le jour même "
        "par lui ({n} demande(s)).",
        means="Un remplacement préparé dans l’urgence, ou un compte ouvert pour lire "
        "des fiches avec une session volée. Les candidats attendent.",
        to_do=STAFF_LOOK,
    ),
    Watch(
        Rule.DISOWNED,
        query=events("details ? 'disowned'", who="details ->> 'asked_by'"),
        actions=(Action.CASELOAD_TRANSFER_STOPPED,),
        saw="Une personne dit ne pas connaître une demande de confier ses candidats "
        "({n} fois).",
        means="Un malentendu dans l’équipe, ou un compte volé. La demande est "
        "arrêtée, les sessions du compte sont fermées et il ne peut plus rien confier.",
        to_do=f"{STAFF_LOOK} Ensuite, notez « J’ai vérifié » sur le transfert : cela "
        "seul lui rend ses gestes.",
    ),
]
WATCHES = {row.rule: row for row in ROWS}
