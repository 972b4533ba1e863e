"""Personal data by table, with retention (V9, V13).

An undeclared table fails the build (``personal_data.py`` of each app).
"""

import datetime as dt
import enum
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django import forms
from django.apps import apps
from django.conf import settings
from django.db.models import Model, TextChoices
from django.template.loader import render_to_string

from opus.lib.background_files import KEPT as FILES_KEPT
from opus.lib.registers import discover


class Retention(enum.Enum):
    """The retention classes of V9; their delays are in ``settings.KEPT``."""

    def __init__(self, label: str, sentence: str, then: str, source: str) -> None:
        self.label = label
        self.sentence = sentence
        self.then = then
        # Where the data come from (GDPR 15.1.g).
        self.source = source

    ACTS = (
        "Candidats et propositions faites pour eux",
        "{acts} après le dernier évènement ; {unregistered} pour une personne sans "
        "identifiant France Travail",
        "des comptes sans nom restent (mois, département, suite), jamais sur moins de "
        "{cell_of} personnes ; le reste est supprimé",
        "saisies par le conseiller qui accompagne la personne, ou "
        "enregistrées par Opus lors de ses propositions",
    )
    CV = (
        "CV déposés",
        "{cv} après la fin de la demande",
        "supprimés",
        "fichier remis par la personne à son conseiller",
    )
    ACCOUNT = (
        "Comptes des conseillers, des RGC et des agents",
        "{account} après la fermeture",
        "le nom et les coordonnées sont effacés, l’identifiant n’est jamais réattribué",
        "le responsable de gestion des comptes ou France Travail, à "
        "l’ouverture du compte",
    )
    CONVENTION = (
        "Conventions, nominations, avenants, courriers",
        "{convention} après la fin de la convention",
        "les noms sont effacés, les dates et décisions restent",
        "la structure partenaire et France Travail",
    )
    HABITS = (
        "Recherches enregistrées, offres vues, offres gardées",
        "avec le compte ou avec l’offre",
        "supprimés",
        "enregistrées par Opus à l’usage",
    )
    SIGN_IN = (
        "Sessions, moyens de connexion, limites d’essais",
        "{session} pour une session ; avec le compte pour ses clés",
        "supprimés",
        "enregistrées par Opus à la connexion",
    )
    JOURNAL = (
        "Journal des consultations et des actions",
        "{journal}",
        "supprimé",
        "enregistrées par Opus à l’usage",
    )
    OUTBOX = (
        "Courriels à envoyer",
        "{outbox} après l’envoi",
        "le destinataire et le contenu sont effacés",
        "établies par Opus",
    )
    FILES = (
        "Fichiers exportés, impressions",
        "{files}",
        "supprimés",
        "établies par Opus à la demande",
    )
    TICKETS = (
        "Demandes d’assistance, suggestions, avis demandés",
        "{tickets} après la clôture",
        "supprimées",
        "la personne, ou l’agent qui a reçu sa demande",
    )
    REQUESTS = (
        "Demandes d’exercice des droits",
        "{requests} après la réponse",
        "supprimées",
        "la personne, ou l’agent qui a reçu sa demande",
    )

    @property
    def delay(self) -> str:
        return self.sentence.format_map(delays())

    @property
    def end(self) -> str:
        return self.then.format_map(delays())


def delays() -> dict[str, str]:
    kept = asdict(settings.KEPT)
    cell_of = kept.pop("cell_of")
    return {
        **{name: in_words(months) for name, months in kept.items()},
        "session": f"{hours(settings.SESSION_ABSOLUTE)} heures",
        "files": f"{hours(FILES_KEPT)} heures",
        "cell_of": str(cell_of),
    }


def in_words(months: int) -> str:
    """Format months; as whole years from three years on."""
    is_years = months >= 36 and months % 12 == 0
    return f"{months // 12} ans" if is_years else f"{months} mois"


def hours(delay: dt.timedelta) -> int:
    return int(delay.total_seconds() // 3600)


@dataclass(frozen=True)
class Table:
    """A table with data of persons, as ``app.Model``.

    ``accounts`` and ``candidates`` are lookups to the persons concerned, ``offers`` to
    the employer's; ``others`` to persons masked in the export; ``left_out``: fields
    without export and the reasons.
    """

    model: str
    retention: Retention
    accounts: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)
    # Where the data come from, if not as usual in its class.
    source: str = ""

    @property
    def class_(self) -> type[Model]:
        return apps.get_model(self.model)


_tables: dict[str, Table] = {}


def declare(*tables: Table) -> None:
    for table in tables:
        if table.model in _tables:
            raise ValueError(f"Declared twice: {table.model}.")
        _tables[table.model] = table


def tables() -> Iterator[Table]:
    discover("personal_data")
    yield from (_tables[name] for name in sorted(_tables))


@dataclass(frozen=True)
class Person:
    accounts: frozenset[int] = frozenset()
    candidates: frozenset[uuid.UUID] = frozenset()
    # An employer's: Opus knows him by his offers only.
    offers: frozenset[str] = frozenset()

    def __or__(self, other: "Person") -> "Person":
        return Person(
            self.accounts | other.accounts,
            self.candidates | other.candidates,
            self.offers | other.offers,
        )

    def __bool__(self) -> bool:
        return bool(self.accounts or self.candidates or self.offers)

    @property
    def keys(self) -> list[str]:
        """Return the keys by which the journal names the person."""
        return [
            *(f"accounts.user {pk}" for pk in sorted(self.accounts)),
            *(f"referrals.candidate {pk}" for pk in sorted(self.candidates)),
            *(f"offers.offer {pk}" for pk in sorted(self.offers)),
        ]


class PersonKind(TextChoices):
    """The four groups of article 10, and employers."""

    REGISTERED = "inscrit", "demandeur d’emploi inscrit à France Travail"
    NOT_REGISTERED = "non_inscrit", "candidat qui n’est pas inscrit"
    STAFF = "agent", "agent de France Travail"
    PARTNER = "partenaire", "agent d’une structure partenaire"
    EMPLOYER = "employeur", "employeur"


@dataclass(frozen=True)
class Known:
    """A person's row, as staff identify it; ``key``: the journal's.

    ``who`` is equal for one person's rows; no ``agencies``: the whole country.
    """

    key: str
    pk: int | uuid.UUID | str
    who: str
    kind: PersonKind
    name: str
    facts: tuple[str, ...]
    agencies: frozenset[str]


@dataclass(frozen=True)
class Recipient:
    who: str
    what: str


class Register[F](list[F]):
    """What each app adds, by a call or as a decorator."""

    def __call__(self, added: F) -> F:
        self.append(added)
        return added


# Search a person by an exact identifier, never by name.
finder = Register[Callable[[str], Person]]()
# Add the other numbers of the same person: those of merged records.
same_person = Register[Callable[[Person], Person]]()
describer = Register[Callable[[Person], Iterable[Known]]]()
# List the recipients of a person's data (GDPR 15.1.c).
recipients = Register[Callable[[Person], Iterable[Recipient]]]()


def find(typed: str) -> Person:
    """Return the person with that identifier; may be empty."""
    discover("personal_data")
    found = Person()
    for look in finder:
        found |= look(typed.strip())
    return found


def whole(person: Person) -> Person:
    """Return the person with all her numbers, present and former."""
    discover("personal_data")
    for add in same_person:
        person |= add(person)
    return person


def known(person: Person) -> list[Known]:
    discover("personal_data")
    return [row for describe in describer for row in describe(person)]


def recipients_of(person: Person) -> list[Recipient]:
    discover("personal_data")
    return list(dict.fromkeys(one for find in recipients for one in find(person)))


@dataclass(frozen=True)
class Section:
    """A part of the printed copy; a template that prints nothing is left out.

    ``rank`` orders the sections: 10 the person, 20 what was done, 30 the rest.
    """

    rank: int
    template: str
    context: dict[str, Any]


narrator = Register[Callable[[Person], Iterable[Section]]]()


def sections_of(person: Person) -> list[str]:
    """Return the sections that have something to say, in order."""
    discover("personal_data")
    found = [one for narrate in narrator for one in narrate(person)]
    found.sort(key=lambda section: section.rank)
    printed = [render_to_string(one.template, one.context) for one in found]
    return [text for text in printed if text.strip()]


@dataclass(frozen=True)
class Editable:
    """A row that may be rectified; ``change`` gets ``by``, ``reason`` and fields."""

    row: Any
    title: str
    fields: Mapping[str, forms.Field]
    change: Callable[..., Any]


# What each app does on a request of article 10 (its ``retention.py``), within the
# transaction of the decision. All may raise MoveRefused.
editable = Register[Callable[[Person], Iterable[Editable]]]()
# Why nothing may be erased now, or nothing.
kept_because = Register[Callable[[Person], str]]()
# The processing that one may object to: code → label.
objectionable = Register[Callable[[Person], Mapping[str, str]]]()
# They get ``by``, and as ``reference`` the number of the request; an objection, its
# ``processing``. They return what was changed or deleted → how many.
erasure = Register[Callable[..., dict[str, int]]]()
restriction = Register[Callable[..., dict[str, int]]]()
lifting = Register[Callable[..., dict[str, int]]]()
objection = Register[Callable[..., dict[str, int]]]()
