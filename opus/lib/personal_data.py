"""What Opus holds about persons, table by table, and for how long (art. 10; V9, V13).

Each app says so of its own tables in its ``personal_data.py``. What is said here is
what is done: the export of a person, the deletion at term and the page
« Données personnelles » read nothing else, and a table with a link to a person that is
not told here fails the build.
"""

import enum
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from django.apps import apps
from django.db.models import Model
from django.utils.module_loading import autodiscover_modules


class Retention(enum.Enum):
    """For how long, and what happens then: V9's table."""

    def __init__(self, label: str, delay: str, then: str) -> None:
        self.label = label
        self.delay = delay
        self.then = then

    ACTS = (
        "Candidats et actes faits pour eux",
        "24 mois après le dernier évènement ; 13 mois pour une personne sans "
        "identifiant France Travail",
        "une ligne sans nom reste pour les comptes (mois, département, issue), le reste"
        " est supprimé",
    )
    CV = ("CV déposés", "6 mois après la fin de la demande", "supprimés")
    ACCOUNT = (
        "Comptes des conseillers, des RGC et des agents",
        "12 mois après la fermeture",
        "le nom et les coordonnées sont effacés, l’identifiant n’est jamais réattribué",
    )
    CONVENTION = (
        "Conventions, nominations, avenants, courriers",
        "5 ans après la fin de la convention",
        "les noms sont effacés, les dates et décisions restent",
    )
    HABITS = (
        "Recherches enregistrées, offres vues, favoris",
        "avec le compte ou avec l’offre",
        "supprimés",
    )
    SIGN_IN = (
        "Sessions, moyens de connexion, limites d’essais",
        "12 heures pour une session ; avec le compte pour ses clés",
        "supprimés",
    )
    JOURNAL = ("Journal des consultations et des actions", "12 mois", "supprimé")
    LETTERS = ("Courriels à envoyer", "3 mois après l’envoi", "supprimés")
    FILES = ("Fichiers exportés, impressions", "24 heures", "supprimés")
    TICKETS = (
        "Demandes d’assistance, propositions, avis demandés",
        "24 mois après la clôture",
        "supprimées",
    )
    REQUESTS = (
        "Demandes d’exercice des droits",
        "5 ans après la réponse",
        "supprimées",
    )


@dataclass(frozen=True)
class Table:
    """A table that holds something of a person.

    Args:
        model: ``app.Model``.
        retention: its class.
        accounts: lookups from a row to the account that it tells of.
        candidates: the same for the candidate.
        others: lookups to persons who only acted on the row: told to nobody else, so
            masked in the export of the one it tells of.
        left_out: fields that no export tells, each with the reason.
    """

    model: str
    retention: Retention
    accounts: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def class_(self) -> type[Model]:
        return apps.get_model(self.model)


_tables: dict[str, Table] = {}


def hold(*tables: Table) -> None:
    """Declare tables, in an app's ``personal_data.py``."""
    for table in tables:
        if table.model in _tables:
            raise ValueError(f"Declared twice: {table.model}.")
        _tables[table.model] = table


def tables() -> Iterator[Table]:
    """Every table that was declared, by name."""
    autodiscover_modules("personal_data")
    yield from (_tables[name] for name in sorted(_tables))


@dataclass(frozen=True)
class Person:
    """Whose data are asked for: the numbers of her accounts and of her sheets."""

    accounts: frozenset[int] = frozenset()
    candidates: frozenset[uuid.UUID] = frozenset()

    def __or__(self, other: "Person") -> "Person":
        return Person(
            self.accounts | other.accounts, self.candidates | other.candidates
        )

    def __bool__(self) -> bool:
        return bool(self.accounts or self.candidates)


@dataclass(frozen=True)
class Recipient:
    """Who got something of a person, and what: no other person's name."""

    who: str
    what: str


Find = Callable[[str], Person]
Tell = Callable[[Person], Iterable[Recipient]]
_finders: list[Find] = []
_tellers: list[Tell] = []


def finder(find: Find) -> Find:
    """Declare how an app finds a person by an exact identifier, never by a name."""
    _finders.append(find)
    return find


def recipients(tell: Tell) -> Tell:
    """Declare whom an app sent something of a person to (GDPR 15.1.c)."""
    _tellers.append(tell)
    return tell


def find(typed: str) -> Person:
    """Who bears exactly that identifier, in whatever app; an empty person: nobody."""
    autodiscover_modules("personal_data")
    found = Person()
    for look in _finders:
        found |= look(typed.strip())
    return found


def recipients_of(person: Person) -> list[Recipient]:
    """Whom something of that person was sent to, without repetition."""
    autodiscover_modules("personal_data")
    told = (recipient for tell in _tellers for recipient in tell(person))
    return list(dict.fromkeys(told))
