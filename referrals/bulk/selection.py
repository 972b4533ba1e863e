"""The offers and persons of one bulk action, and their pairs (U8)."""

import dataclasses
import functools
import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from accounts.agreements.models.conventions import Convention
from accounts.signin.http import MemberRequest
from accounts.users.models.users import User
from offers.catalogue.models import Offer
from offers.payload.text import REFERENCE
from offers.search.page import numbers_in
from opus.lib.forms.base import as_uuid
from referrals.acts.act_context import Prospect, prospects
from referrals.acts.act_rights import OFFERED, ActKind, usual_on
from referrals.candidates.models.candidates import Candidate

MOST_AT_ONCE = 50

# The numbers of an offer and a person.
Pair = tuple[str, uuid.UUID]


@dataclasses.dataclass(frozen=True)
class Selection:
    """Offers and persons; ``kind``: the act wanted, of one offer."""

    offers: Sequence[Offer]
    people: Sequence[Candidate]
    kind: ActKind | None = None

    @functools.cached_property
    def pairs(self) -> list[tuple[Offer, Candidate]]:
        """Return the documents of one person after the other."""
        return [(offer, person) for person in self.people for offer in self.offers]

    @property
    def is_too_many(self) -> bool:
        return len(self.offers) * max(1, len(self.people)) > MOST_AT_ONCE

    @property
    def what(self) -> str:
        return "une offre" if len(self.offers) == 1 else f"{len(self.offers)} offres"

    @property
    def whom(self) -> str:
        if len(self.people) == 1:
            return str(self.people[0])
        return f"{len(self.people)} candidats"

    @property
    def query(self) -> str:
        """Return the parameters of the address of this selection."""
        parameters: dict[str, Any] = {"offre": [offer.pk for offer in self.offers]}
        parameters["personne"] = [person.pk for person in self.people]
        if self.kind:
            parameters["acte"] = self.kind.value
        return urlencode(parameters, doseq=True)

    def kind_of(self, offer: Offer) -> ActKind:
        """Return the act wanted, else the usual one."""
        if self.kind and self.kind in OFFERED[settings.ACTS_READING][offer.mode]:
            return self.kind
        return usual_on(offer.mode, settings.ACTS_READING)

    def prospects(
        self,
        pairs: Sequence[tuple[Offer, Candidate]],
        *,
        by: User,
        convention: Convention | None,
    ) -> list[Prospect]:
        """Return what the matrix says of these pairs today."""
        kind = self.kind_of(self.offers[0]) if self.kind else None
        return prospects(pairs, by=by, convention=convention, kind=kind)


def selection_in(request: MemberRequest) -> Selection:
    """Return what an address names; what is not one's own is left out."""
    numbers = numbers_in(request.GET)[: MOST_AT_ONCE + 1]
    persons = persons_in(request.GET)[: MOST_AT_ONCE + 1]
    return loaded(request, numbers, persons)


def loaded(
    request: MemberRequest, numbers: Sequence[str], persons: Sequence[uuid.UUID]
) -> Selection:
    found = Offer.objects.defer("description", "skills_text").in_bulk(numbers)
    mine = Candidate.objects.visible_to(request.user).select_related("adviser")
    offers = [found[number] for number in numbers if number in found]
    people = list(mine.filter(pk__in=persons)) if persons else []
    kind = request.GET.get("acte", "")
    is_known = kind in ActKind.values and len(offers) == 1
    return Selection(offers, people, ActKind(kind) if is_known else None)


def persons_in(data: QueryDict) -> list[uuid.UUID]:
    return list(dict.fromkeys(filter(None, map(as_uuid, data.getlist("personne")))))


def pairs_in(data: Any) -> list[Pair]:
    """Return the distinct pairs ticked in a form, or of an address."""
    pairs = []
    values = data.getlist("paire") if isinstance(data, MultiValueDict) else ()
    for value in values:
        reference, _, person = value.partition(".")
        number = as_uuid(person)
        if number and REFERENCE.fullmatch(reference):
            pairs.append((reference, number))
    return list(dict.fromkeys(pairs))


def written(pair: Pair) -> str:
    """Return a pair as addresses and forms write it."""
    reference, person = pair
    return f"{reference}.{person.hex}"
