"""Several persons ticked for one offer."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from accounts.models import User
from offers.models import Offer
from opus.lib.forms import Form
from referrals.actions import several_people


class PeopleForm(Form):
    """The persons ticked, and the form's own key (R10)."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        people = people_in(self.data)
        if not people:
            raise ValidationError("Cochez une personne au moins.")
        if len(people) > several_people.MOST_AT_ONCE:
            raise ValidationError(str(several_people.TooManyPeople(len(people))))
        return cleaned | {"people": people}

    def save(self, offer: Offer, *, by: User) -> UUID:
        """Make the acts that can be made; their common key tells them afterwards."""
        key: UUID = self.cleaned_data["key"]
        people = self.cleaned_data["people"]
        several_people.refer_people(offer.pk, people, by=by, key=key)
        return key


def people_in(data: Any) -> list[UUID]:
    """The persons of an address or a form, each once, odd values left out."""
    values: Sequence[str] = (
        data.getlist("personne") if isinstance(data, MultiValueDict) else ()
    )
    return list(dict.fromkeys(filter(None, map(as_uuid, values))))


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
