"""Several persons ticked for one offer, and what a kind of act asks once for all."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from accounts.models import User
from offers.models import Offer
from referrals.actions import several_people
from referrals.forms.confirm import ConfirmForm
from referrals.forms.cv_requests import CvRequestConfirmForm
from referrals.forms.screened import ScreenedConfirmForm
from referrals.forms.summonses import FREE, SummonForm
from referrals.models import Candidate, Slot, Summons
from referrals.models.summonses import SlotQuerySet
from referrals.rights import ActKind


class PeopleForm(ConfirmForm):
    """The persons ticked, and the form's own key (R10)."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        people = people_in(self.data)
        if not people:
            raise ValidationError("Cochez une personne au moins.")
        if len(people) > several_people.MOST_AT_ONCE:
            raise ValidationError(str(several_people.TooManyPeople(len(people))))
        return cleaned | {"people": people}

    def details_of(self, person: UUID) -> Mapping[str, Any]:
        """The fields that this kind has of its own, for one person."""
        return {name: value for name, value in self.details.items() if name != "people"}

    @property
    def slot(self) -> Slot | None:
        """Where all are convened."""
        return None

    def make(self, kind: ActKind, *, by: User) -> UUID:
        """Make the acts that can be made; their common key tells them afterwards."""
        key: UUID = self.cleaned_data["key"]
        several_people.refer_people(
            self.offer.pk,
            self.cleaned_data["people"],
            by=by,
            key=key,
            kind=kind,
            version=self.cleaned_data["version"],
            details=self.details_of,
        )
        return key


class ScreenedPeopleForm(PeopleForm, ScreenedConfirmForm):
    """Of what the offer asks, what each of the persons meets."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get("criteria_met"):
            field.label = (
                "Ce que demande l’offre\u00a0: cochez ce que chacune des personnes "
                "remplit"
            )


class CvPeopleForm(PeopleForm, CvRequestConfirmForm):
    """One day for all the CVs."""


class SummonPeopleForm(PeopleForm, SummonForm):
    """One slot for several: each person takes a place of it."""

    def open_slots(self, offer: Offer) -> SlotQuerySet:
        return super().open_slots(offer).filter(capacity__gt=1)

    def ask(self, offer: Offer, *, instead_of: Slot | None = None) -> None:
        """The collective slots alone: nobody is convened with others elsewhere."""
        super().ask(offer, instead_of=instead_of)
        field: Any = self.fields["choice"]
        field.label = "Quel rendez-vous à plusieurs\u00a0?"
        field.choices = [one for one in field.choices if one[0] != FREE]

    def keys_in(self, key: UUID) -> list[UUID]:
        return [several_people.key_of(key, one) for one in people_in(self.data)]

    @property
    def slot(self) -> Slot | None:
        chosen = self.appointment
        return chosen if isinstance(chosen, Slot) else None

    def details_of(self, person: UUID) -> Mapping[str, Any]:
        missed = Summons.objects.missed(self.offer, Candidate(pk=person))
        return {**super().details_of(person), "follows": missed}


FORMS: Mapping[ActKind, type[PeopleForm]] = {
    ActKind.REFERRAL: PeopleForm,
    ActKind.SCREENED_REFERRAL: ScreenedPeopleForm,
    ActKind.CV_REQUEST: CvPeopleForm,
    ActKind.SUMMONS: SummonPeopleForm,
}


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
