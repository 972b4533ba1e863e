"""What Opus holds about persons, table by table, and for how long (art. 10; V9, V13).

Each app says so of its own tables in its ``personal_data.py``. What is said here is
what is done: the export of a person, the deletion at term and the page
« Données personnelles » read nothing else, and a table with a link to a person that is
not told here fails the build.
"""

import datetime as dt
import enum
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field

from django.apps import apps
from django.conf import settings
from django.db.models import Model
from django.utils.module_loading import autodiscover_modules

from opus.lib.files.background_files import KEPT as FILES_KEPT


class Retention(enum.Enum):
    """For how long, and what happens then: V9's table.

    The delays stand in ``settings.KEPT``; the sentences are made of them.
    """

    def __init__(self, label: str, sentence: str, then: str) -> None:
        self.label = label
        self.sentence = sentence
        self.then = then

    ACTS = (
        "Candidats et actes faits pour eux",
        "{acts} après le dernier évènement ; {unregistered} pour une personne sans "
        "identifiant France Travail",
        "des comptes sans nom restent (mois, département, suite), jamais sur moins de "
        "{cell_of} personnes ; le reste est supprimé",
    )
    CV = ("CV déposés", "{cv} après la fin de la demande", "supprimés")
    ACCOUNT = (
        "Comptes des conseillers, des RGC et des agents",
        "{account} après la fermeture",
        "le nom et les coordonnées sont effacés, l’identifiant n’est jamais réattribué",
    )
    CONVENTION = (
        "Conventions, nominations, avenants, courriers",
        "{convention} après la fin de la convention",
        "les noms sont effacés, les dates et décisions restent",
    )
    HABITS = (
        "Recherches enregistrées, offres vues, favoris",
        "avec le compte ou avec l’offre",
        "supprimés",
    )
    SIGN_IN = (
        "Sessions, moyens de connexion, limites d’essais",
        "{session} pour une session ; avec le compte pour ses clés",
        "supprimés",
    )
    JOURNAL = (
        "Journal des consultations et des actions",
        "{journal}",
        "supprimé",
    )
    LETTERS = (
        "Courriels à envoyer",
        "{letters} après l’envoi",
        "le destinataire et le contenu sont effacés",
    )
    FILES = ("Fichiers exportés, impressions", "{files}", "supprimés")
    TICKETS = (
        "Demandes d’assistance, propositions, avis demandés",
        "{tickets} après la clôture",
        "supprimées",
    )
    REQUESTS = (
        "Demandes d’exercice des droits",
        "{requests} après la réponse",
        "supprimées",
    )

    @property
    def delay(self) -> str:
        """How long, in words."""
        return self.sentence.format_map(delays())

    @property
    def end(self) -> str:
        """What happens then, in words."""
        return self.then.format_map(delays())


def delays() -> dict[str, str]:
    """Each number as users read it: « 24 mois », « 5 ans », « 12 heures »."""
    kept = asdict(settings.KEPT)
    cell_of = kept.pop("cell_of")
    return {
        **{name: in_words(months) for name, months in kept.items()},
        "session": f"{hours(settings.SESSION_ABSOLUTE)} heures",
        "files": f"{hours(FILES_KEPT)} heures",
        "cell_of": str(cell_of),
    }


def in_words(months: int) -> str:
    """As the trade says it: whole years from three years on."""
    if months >= 36 and months % 12 == 0:
        return f"{months // 12} ans"
    return f"{months} mois"


def hours(delay: dt.timedelta) -> int:
    return int(delay.total_seconds() // 3600)


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


class Group(enum.StrEnum):
    """The groups of article 10 that have rows in Opus, by their codes."""

    REGISTERED = "inscrit"
    NOT_REGISTERED = "non_inscrit"
    STAFF = "agent"
    PARTNER = "partenaire"


@dataclass(frozen=True)
class Known:
    """One row of a person, as the staff who answer her identify it.

    Args:
        key: the row's model and number, as the journal names it.
        who: equal for the rows of one person.
        name: her name.
        facts: what else identifies her.
        agencies: the agencies whose territory she belongs to; none for the country.
    """

    key: str
    pk: int | uuid.UUID
    who: str
    group: Group
    name: str
    facts: tuple[str, ...]
    agencies: frozenset[str]


@dataclass(frozen=True)
class Recipient:
    """Who got something of a person, and what: no other person's name."""

    who: str
    what: str


Find = Callable[[str], Person]
Describe = Callable[[Person], Iterable[Known]]
Tell = Callable[[Person], Iterable[Recipient]]
_finders: list[Find] = []
_describers: list[Describe] = []
_tellers: list[Tell] = []


def finder(find: Find) -> Find:
    """Declare how an app finds a person by an exact identifier, never by a name."""
    _finders.append(find)
    return find


def describer(describe: Describe) -> Describe:
    """Declare how an app names its rows of a person, for the staff who answer her."""
    _describers.append(describe)
    return describe


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


def known(person: Person) -> list[Known]:
    """Return the rows of a person, with what identifies her."""
    autodiscover_modules("personal_data")
    return [row for describe in _describers for row in describe(person)]


def recipients_of(person: Person) -> list[Recipient]:
    """Whom something of that person was sent to, without repetition."""
    autodiscover_modules("personal_data")
    told = (recipient for tell in _tellers for recipient in tell(person))
    return list(dict.fromkeys(told))


# Who was refused what: an account's number, and no word of the text.
hold(Table("lib.TextGuardCount", Retention.JOURNAL))
