"""Registered-post numbers of many letters, entered in one table (art. 4, 5, 12)."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.agreements import letters
from accounts.agreements.models.letters import (
    NUMBER_IS_TAKEN,
    Carrier,
    Letter,
    clean_registered_number,
)
from accounts.users.models.users import User
from opus.lib.background_files import FileState
from opus.lib.forms.base import Form, as_uuid, day_field

# As many as a page of the register has.
MOST_LETTERS = 50
PREFIX = "lettre-"
TWICE = "Ce numéro est aussi celui d’une autre ligne : vérifiez le bordereau."


class PostingsForm(Form):
    """One number a letter; a line left empty waits."""

    carrier = forms.ChoiceField(
        label="Format des numéros", choices=Carrier, initial=Carrier.LA_POSTE
    )
    on = day_field("Postées le")

    def __init__(self, *args: Any, rows: Iterable[Letter], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.letters = list(rows)
        for letter in self.letters:
            self.fields[name_of(letter)] = forms.CharField(
                label=f"N° de recommandé de la {letter}",
                required=False,
                max_length=40,
                widget=forms.TextInput(
                    attrs={"autocomplete": "off", "spellcheck": "false", "size": 20}
                ),
            )
        self.recorded: set[UUID] = set()

    @property
    def lines(self) -> list[tuple[Letter, forms.BoundField]]:
        """Return the letters that still wait, each with its box."""
        waiting = (one for one in self.letters if one.pk not in self.recorded)
        return [(letter, self[name_of(letter)]) for letter in waiting]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        carrier = cleaned.get("carrier")
        if not carrier:
            return cleaned
        for letter in self.letters:
            if typed := cleaned.get(name_of(letter)):
                try:
                    number = clean_registered_number(typed, carrier)
                except ValidationError as error:
                    self.add_error(name_of(letter), error)
                else:
                    cleaned[name_of(letter)] = number
        self.refuse_doubles(self.numbers)
        return cleaned

    def refuse_doubles(self, numbers: Mapping[Letter, str]) -> None:
        """Add an error to lines that share a number, or have another letter's."""
        others = Letter.objects.filter(registered_number__in=numbers.values())
        known = dict(others.values_list("registered_number", "pk"))
        typed = list(numbers.values())
        for letter, number in numbers.items():
            if typed.count(number) > 1:
                self.add_error(name_of(letter), TWICE)
            elif known.get(number, letter.pk) != letter.pk:
                self.add_error(name_of(letter), NUMBER_IS_TAKEN)

    @property
    def numbers(self) -> dict[Letter, str]:
        """Return the numbers typed without a fault."""
        typed = ((one, self.cleaned_data.get(name_of(one))) for one in self.letters)
        return {letter: number for letter, number in typed if number}

    def save(self, *, by: User) -> int:
        """Record the lines without a fault, the others aside; return how many."""
        if not {"carrier", "on"} <= self.cleaned_data.keys():
            return 0
        numbers = self.numbers
        refusals = letters.record_postings(
            numbers,
            by=by,
            carrier=self.cleaned_data["carrier"],
            on=self.cleaned_data["on"],
        )
        for letter in numbers:
            if refusal := refusals.get(letter.pk):
                self.add_error(name_of(letter), refusal)
            else:
                self.recorded.add(letter.pk)
        return len(self.recorded)


def name_of(letter: Letter) -> str:
    return f"{PREFIX}{letter.pk}"


def letters_typed(names: Iterable[str]) -> list[UUID]:
    """Return the letters of a sent table: others may have posted some since."""
    typed = (as_uuid(name.removeprefix(PREFIX)) for name in names)
    return [key for key in typed if key]


def letters_to_post(rows: QuerySet[Any], chosen: Iterable[str]) -> QuerySet[Any]:
    """Return printed letters without a number, the oldest first."""
    waiting = rows.filter(state=FileState.READY, posted_on=None)
    if keys := [key for key in map(as_uuid, chosen) if key]:
        waiting = waiting.filter(pk__in=keys)
    return waiting.order_by("created_at", "pk")[:MOST_LETTERS]
