"""Look for the person of a request in every declared register (GDPR 12).

« Opus ne garde aucune donnée » is said after this search only: every text column of
the tables of ``personal_data.py``, by all that the request says of her, in the whole
country, whatever kind of person it names.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import phonenumbers
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import BooleanField, ExpressionWrapper, Q, TextField, Value
from django.db.models.functions import Cast, Concat

from accounts.structures.models import Agency
from offers.reference.trades import Plain
from opus.lib.french import plain
from opus.lib.privacy import personal_data
from opus.lib.privacy.personal_data import Known, Person, PersonKind, Retention, Table
from opus.support.data_rights.models import RightsRequest

NUMBER, NAME, EMAIL, PHONE = "numero", "nom", "courriel", "telephone"
LABELS = {
    NUMBER: "identifiant France Travail",
    NAME: "nom et prénom",
    EMAIL: "adresse de courriel",
    PHONE: "téléphone",
}
# A row of these is the person, or what was written of her before.
OF_PERSONS = {
    "referrals.Candidate",
    "referrals.Correction",
    "accounts.User",
    "accounts.AccountCorrection",
    "accounts.AddressChange",
}
# What an offer says of its employer: his name, and the contacts in its texts.
OFFER_COLUMNS = {"company", "contacts"}
# Papers of a record, which is found by itself.
FROZEN_PAPERS = {"referrals.Document"}
MOST_ROWS = 200
type Column = models.Field[Any, Any]
NUMBER_FIRST = (
    "Un demandeur d’emploi inscrit a un identifiant France Travail\xa0: demandez-le, "
    "écrivez-le par «\xa0Corriger ou transmettre\xa0», puis cherchez de nouveau."
)
IS_KNOWN = (
    "Opus garde des données sur cette personne\xa0: «\xa0rien\xa0» serait faux. "
    "Rattachez-la par «\xa0Trouver la personne dans Opus\xa0»\xa0; si elle est d’une "
    "autre catégorie ou d’une autre agence, corrigez d’abord la demande par "
    "«\xa0Corriger ou transmettre\xa0»."
)
READ_FIRST = (
    "La recherche trouve des lignes qui peuvent être celles de cette personne, ou ce "
    "qu’elle trouve a changé\xa0: relisez-les, puis dites que ce n’est pas elle."
)


def in_words(codes: Collection[str]) -> str:
    return ", ".join(label for code, label in LABELS.items() if code in codes)


@dataclass(frozen=True)
class Found:
    """The rows of one register: key → what they were found by."""

    register: str
    rows: dict[str, tuple[str, ...]]
    # Requests of this right are kept as a proof: the letter says so.
    is_proof: bool = False

    @property
    def by(self) -> str:
        return in_words({code for row in self.rows.values() for code in row})


@dataclass(frozen=True)
class PersonFound:
    row: Known
    by: frozenset[str]

    @property
    def is_certain(self) -> bool:
        """Return whether it is she: her number, or her name at her address."""
        return NUMBER in self.by or (NAME in self.by and len(self.by) > 1)

    @property
    def words(self) -> str:
        """Return what she is and who follows her, without her name."""
        kind = self.row.kind.label
        agencies = Agency.objects.filter(pk__in=self.row.agencies).order_by("pk")
        where = ", ".join(str(one) for one in agencies) or "toute la France"
        return f"{kind} ({where}), par\xa0: {in_words(self.by)}"


@dataclass(frozen=True)
class Search:
    identifiers: dict[str, str]
    registers: tuple[Found, ...]
    persons: tuple[PersonFound, ...]
    kind: str

    @property
    def certain(self) -> list[PersonFound]:
        return [one for one in self.persons if one.is_certain]

    @property
    def labels(self) -> list[str]:
        return [LABELS[code] for code in self.identifiers]

    @property
    def not_given(self) -> list[str]:
        return [text for code, text in LABELS.items() if code not in self.identifiers]

    @property
    def refusal(self) -> str:
        """Return why « rien » would be false, or nothing."""
        if self.kind == PersonKind.REGISTERED and NUMBER not in self.identifiers:
            return NUMBER_FIRST
        return IS_KNOWN if self.certain else ""

    @property
    def with_rows(self) -> list[Found]:
        return [one for one in self.registers if one.rows]

    @property
    def empty(self) -> list[str]:
        return sorted(one.register for one in self.registers if not one.rows)

    @property
    def to_read(self) -> list[str]:
        """Return the keys of rows that may be hers: a namesake, a shared address."""
        return [key for one in self.registers if not one.is_proof for key in one.rows]

    @cached_property
    def seal(self) -> str:
        """Return a digest of what was read; empty if there is nothing to read."""
        keys = " ".join(sorted(self.to_read))
        return hashlib.sha256(keys.encode()).hexdigest() if keys else ""


def search(rights_request: RightsRequest) -> Search:
    """Return what each register has by each identifier of the request."""
    identifiers = dict(identifiers_of(rights_request))
    found: list[Found] = []
    persons: dict[tuple[str, Any], set[str]] = defaultdict(set)
    for table in personal_data.tables():
        if not (columns := columns_of(table)):
            continue
        rows = rows_of(table, columns, identifiers)
        if table.model == "support.RightsRequest":
            rows.pop(rights_request.pk, None)
        label = str(table.class_._meta.verbose_name_plural)
        keys = {f"{table.class_._meta.label_lower} {pk}": by for pk, by in rows.items()}
        found.append(Found(label, keys, table.retention == Retention.REQUESTS))
        if table.model in OF_PERSONS:
            [path] = table.candidates or table.accounts
            whose = table.class_._base_manager.filter(pk__in=rows)
            for pk, person in whose.values_list("pk", path):
                side = "candidates" if table.candidates else "accounts"
                persons[side, person].update(rows[pk])
    known = tuple(
        PersonFound(row, frozenset(by))
        for (side, pk), by in persons.items()
        for row in personal_data.known(Person(**{side: frozenset({pk})}))
    )
    return Search(identifiers, tuple(found), known, rights_request.kind)


def identifiers_of(rights_request: RightsRequest) -> Iterator[tuple[str, str]]:
    """Yield each identifier that the request gives, by code, as a pattern."""
    if rights_request.ft_id:
        # With or without spaces and signs.
        spaced = "[ .-]*".join(rights_request.ft_id)
        yield NUMBER, rf"(^|[^[:alnum:]]){spaced}($|[^[:alnum:]])"
    words = plain(rights_request.name).split()
    if len(words) > 1:
        # In either order: « Lucie Le Gall » is « Le Gall Lucie ».
        turns = (" ".join(words[at:] + words[:at]) for at in range(len(words)))
        yield NAME, rf"(^| )({'|'.join(turns)})( |$)"
    emails = {rights_request.email, rights_request.reply_to}
    whole = sorted(re.escape(one.strip()) for one in emails if "@" in one)
    if whole:
        yield EMAIL, rf"(^|[^\w.+-])({'|'.join(whole)})($|[^\w-])"
    if rights_request.phone:
        yield PHONE, phone_pattern(rights_request.phone)


def phone_pattern(phone: str) -> str:
    try:
        number = str(phonenumbers.parse(phone, "FR").national_number)
    except phonenumbers.NumberParseException:
        number = re.sub(r"\D", "", phone)
    digits = r"[\s./()-]*".join(number)
    return rf"(^|[^0-9])(0|\+?[0-9]{{2,3}}[\s./()-]*0?|00[0-9]{{2,3}})?{digits}($|\D)"


def columns_of(table: Table) -> list[Column]:
    """Return the columns that may bear a name or an identifier."""
    # The journal has numbers and codes.
    if table.model in FROZEN_PAPERS or table.retention == Retention.JOURNAL:
        return []
    kinds = (models.CharField, TextField, models.JSONField, ArrayField)
    return [
        field
        for field in table.class_._meta.concrete_fields
        if isinstance(field, kinds)
        and not field.choices
        # The whole text of a paper is that of its record.
        and not (isinstance(field, TextField) and field.name in table.left_out)
        and (table.model != "offers.Offer" or field.name in OFFER_COLUMNS)
    ]


def rows_of(
    table: Table, columns: list[Column], identifiers: dict[str, str]
) -> dict[Any, tuple[str, ...]]:
    """Return the rows of a register, each with what it was found by."""
    texts: dict[str, Any] = {
        f"text_{one.name}": Cast(one.name, TextField()) for one in columns
    }
    plains = {f"plain_{name}": Plain(text) for name, text in texts.items()}
    if {"first_name", "last_name"} <= {one.name for one in columns}:
        both = Concat("first_name", Value(" "), "last_name", output_field=TextField())
        plains["plain_both"] = Plain(both)
    tests: dict[str, Any] = {}
    for code, pattern in identifiers.items():
        matches = Q()
        for alias in plains if code == NAME else texts:
            matches |= Q(**{f"{alias}__iregex": pattern})
        tests[f"by_{code}"] = ExpressionWrapper(matches, output_field=BooleanField())
    if not tests:
        return {}
    found = table.class_._base_manager.alias(**texts, **plains).annotate(**tests)
    anyhow = Q()
    for name in tests:
        anyhow |= Q(**{name: True})
    rows = found.filter(anyhow).order_by("pk").values_list("pk", *tests)[:MOST_ROWS]
    return {
        pk: tuple(code for code, hit in zip(identifiers, hits, strict=True) if hit)
        for pk, *hits in rows
    }
