"""The filters of the lists of acts, with counts."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import CharField, Count, Q, Value
from django.db.models.functions import Concat
from django.http import QueryDict
from django.utils.functional import cached_property

from offers.catalogue.models import Offer
from offers.reference.trades import Plain
from opus.lib.database.name_order import ByName
from opus.lib.forms.base import Form, as_uuid
from opus.lib.french import plain
from referrals.acts.models.outcomes import OutcomeCode
from referrals.acts.states import PLACEMENTS

# The value in the URL → its label and its condition.
Choices = Mapping[str, tuple[str, Q]]


@dataclasses.dataclass(frozen=True)
class Choice:
    value: str
    label: str
    count: int
    is_chosen: bool


class ActFilter:
    """The filter in force; an unknown value means all."""

    def __init__(self, acts: Any, value: str, choices: Choices) -> None:
        self._choices = choices
        self.value = value if value in self._choices else ""
        self.acts = acts.filter(self._choices[self.value][1])
        self._all = acts

    @property
    def count(self) -> int:
        return next(choice.count for choice in self.choices if choice.is_chosen)

    @cached_property
    def choices(self) -> list[Choice]:
        counts: dict[str, int] = self._all.aggregate(
            **{
                f"n{rank}": Count("pk", filter=kept) if kept else Count("pk")
                for rank, (_, kept) in enumerate(self._choices.values())
            }
        )
        return [
            Choice(value, label, counts[f"n{rank}"], value == self.value)
            for rank, (value, (label, _)) in enumerate(self._choices.items())
        ]


# The value in the URL → its label and its order.
Orders = Mapping[str, tuple[str, Sequence[Any]]]
BY_PERSON = (ByName("candidate__last_name"), ByName("candidate__first_name"), "pk")
NEWEST_FIRST = ("-created_at", "pk")
# Above this, a name is too short to choose anybody.
MOST_PEOPLE = 20
MOST_SAMPLES = 500


class PersonForm(Form):
    """Find acts by a person's name; posted: no name in URLs."""

    who = forms.CharField(
        label="Nom ou prénom",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, acts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.acts = acts
        self.people: list[UUID] = []

    def clean_who(self) -> str:
        who: str = self.cleaned_data["who"]
        self.people = people_named(who, self.acts)
        if not self.people:
            raise forms.ValidationError(
                "Aucune proposition de cette liste n’est à ce nom\u00a0: vérifiez-le, "
                "ou choisissez un autre type de proposition."
            )
        if len(self.people) > MOST_PEOPLE:
            raise forms.ValidationError(
                "Trop de candidats portent ces lettres\u00a0: écrivez le nom en entier."
            )
        return who


def people_named(text: str, acts: Any) -> list[UUID]:
    """Return the persons whose name has these words, among these acts."""
    whole = Concat(
        "candidate__first_name",
        Value(" "),
        "candidate__last_name",
        output_field=CharField(),
    )
    found = acts.alias(who=Plain(whole))
    words = plain(text).split()
    for word in words:
        found = found.filter(who__contains=word)
    people = found.order_by().values_list("candidate", flat=True).distinct()
    return list(people[: MOST_PEOPLE + 1]) if words else []


class ActSearch:
    """The acts that the list's address wants, in its order."""

    def __init__(self, acts: Any, query: QueryDict, orders: Orders) -> None:
        self.orders = orders
        self.has_outcomes = acts.model.KIND in PLACEMENTS
        self.people = list(filter(None, map(as_uuid, query.getlist("personne"))))
        # An employer is named by one of its offers: it may bear a person's name.
        self.employer, self.outcome = query.get("employeur", ""), ""
        self.order = order if (order := query.get("tri", "")) in orders else ""
        self._mine = acts
        if self.people:
            acts = acts.filter(candidate__in=self.people[:MOST_PEOPLE])
        if self.employer:
            same = Offer.objects.filter(pk=self.employer).exclude(company="")
            acts = acts.filter(offer__company__in=same.values("company"))
        if self.has_outcomes and (outcome := query.get("suite", "")):
            self.outcome = outcome
            acts = acts.filter(outcome__code=outcome)
        self.acts = acts

    @property
    def is_narrowed(self) -> bool:
        return bool(self.people or self.employer or self.outcome)

    def sorted(self, acts: Any) -> Any:
        return acts.order_by(*order) if (order := self.orders[self.order][1]) else acts

    @cached_property
    def _samples(self) -> list[Any]:
        """Return one act for each employer, state and outcome, with one query."""
        names = ["offer__company", "offer__state"]
        if self.has_outcomes:
            names.append("outcome__code_id")
        samples = self._mine.order_by(*names, "pk").distinct(*names)
        return list(samples.whole()[:MOST_SAMPLES])

    @property
    def employers(self) -> list[tuple[str, str]]:
        """Return an open offer and the name of each employer (R1)."""
        open_ = [act for act in reversed(self._samples) if act.offer.is_active]
        first = {act.offer.company: act.offer_id for act in open_}
        return sorted(
            ((offer, name) for name, offer in first.items() if name),
            key=lambda one: plain(one[1]),
        )

    @property
    def outcomes(self) -> list[OutcomeCode]:
        """Return those of these acts."""
        if not self.has_outcomes:
            return []
        codes = {act.outcome.code for act in self._samples if act.outcome}
        return sorted(codes, key=lambda code: (code.position, code.pk))
