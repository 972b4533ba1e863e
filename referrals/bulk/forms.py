from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.datastructures import MultiValueDict

from accounts.users.models.users import User
from offers.catalogue.models import Offer
from offers.search.ticks import numbers_in
from opus.lib.forms.base import as_uuid
from referrals.acts.act_rights import AT_ONCE, ActKind, usual_on
from referrals.appointments.forms import FREE, AppointmentForm
from referrals.appointments.models.appointments import Appointment
from referrals.appointments.models.slots import Slot, SlotQuerySet
from referrals.bulk import actions
from referrals.candidates.models.candidates import Candidate
from referrals.cv_requests.forms import CvRequestConfirmForm, DueForm
from referrals.making.forms import ConfirmForm
from referrals.preselection.forms import CriteriaField, ScreenedConfirmForm
from referrals.preselection.offer_criteria import requirements_of

# The form is beside the list: the fields in the rows name it.
FORM_ID = "confirmer"


class OffersForm(DueForm):
    """The offers ticked for one person (R10)."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, offers: Sequence[Offer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shown = {
            offer.pk: shown_in(self.data, offer.pk) or shown_of(offer)
            for offer in offers
        }
        self.kinds = {
            offer.pk: self.shown[offer.pk][0] for offer in offers if offer.is_active
        }
        if ActKind.CV_REQUEST not in self.kinds.values():
            del self.fields["due_on"]
        for offer in offers:
            if self.kinds.get(offer.pk) == ActKind.SCREENED_REFERRAL:
                self._ask_criteria(offer)

    def _ask_criteria(self, offer: Offer) -> None:
        if lines := requirements_of(offer):
            field = CriteriaField(
                label=f"Ce que demande l’offre n°\u00a0{offer.pk}\u00a0: cochez ce que "
                "la personne remplit"
            )
            field.set_lines(lines)
            field.widget.attrs["form"] = FORM_ID
            self.fields[criteria_of(offer.pk)] = field

    def criteria(self, offer: Offer) -> BoundField | None:
        name = criteria_of(offer.pk)
        return self[name] if name in self.fields else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        references = numbers_in(self.data)
        if not references:
            raise ValidationError("Cochez une offre au moins.")
        check_number(references)
        return cleaned | {"references": references}

    def save(self, candidate: Candidate, *, by: User) -> UUID:
        key: UUID = self.cleaned_data["key"]
        actions.make_acts(
            [
                (reference, candidate.pk)
                for reference in self.cleaned_data["references"]
            ],
            by=by,
            key=key,
            plan=self.plan,
        )
        return key

    @property
    def outdated(self) -> list[str]:
        """Return the offers whose act or version changed."""
        offers = Offer.objects.in_bulk(list(self.shown))
        return [pk for pk, offer in offers.items() if self.shown[pk] != shown_of(offer)]

    def plan(self, reference: str, person: UUID) -> tuple[ActKind, Mapping[str, Any]]:
        """Return the act of one offer, and its details."""
        kind = self.kinds.get(reference, ActKind.REFERRAL)
        version = self.shown[reference][1] if reference in self.shown else ""
        if kind == ActKind.CV_REQUEST:
            due_on = self.cleaned_data["due_on"]
            return kind, {"version": version, "due_on": due_on}
        if kind == ActKind.SCREENED_REFERRAL:
            met = self.cleaned_data.get(criteria_of(reference), [])
            return kind, {"version": version, "criteria_met": met}
        return kind, {"version": version}


def check_number(ticked: Sequence[Any]) -> None:
    if len(ticked) > actions.MOST_AT_ONCE:
        raise ValidationError(str(actions.TooMany(len(ticked))))


def criteria_of(reference: str) -> str:
    return f"criteres-{reference}"


def shown_of(offer: Offer) -> tuple[ActKind, str]:
    """Return an offer's current act and version."""
    return usual_on(offer.mode, settings.ACTS_READING), offer.version


def shown_in(data: Any, reference: str) -> tuple[ActKind, str] | None:
    """Return the act and version that the page showed."""
    kind, _, version = data.get(f"version-{reference}", "").partition(":")
    return (ActKind(kind), version) if kind in AT_ONCE else None


class PeopleForm(ConfirmForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        people = people_in(self.data)
        if not people:
            raise ValidationError("Cochez une personne au moins.")
        check_number(people)
        return cleaned | {"people": people}

    def details_of(self, person: UUID) -> Mapping[str, Any]:
        return {name: value for name, value in self.details.items() if name != "people"}

    @property
    def slot(self) -> Slot | None:
        return None

    def make(self, kind: ActKind, *, by: User) -> UUID:
        key: UUID = self.cleaned_data["key"]
        version = self.cleaned_data["version"]
        actions.make_acts(
            [(self.offer.pk, person) for person in self.cleaned_data["people"]],
            by=by,
            key=key,
            plan=lambda _, person: (
                kind,
                {"version": version, **self.details_of(person)},
            ),
        )
        return key


class ScreenedPeopleForm(PeopleForm, ScreenedConfirmForm):
    """The criteria of the offer that each person meets."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get("criteria_met"):
            field.label = (
                "Ce que demande l’offre\u00a0: cochez ce que chacune des personnes "
                "remplit"
            )


class CvPeopleForm(PeopleForm, CvRequestConfirmForm):
    pass


class AppointmentPeopleForm(PeopleForm, AppointmentForm):
    """One collective slot: each person gets a place."""

    def open_slots(self, offer: Offer) -> SlotQuerySet:
        return super().open_slots(offer).filter(capacity__gt=1)

    def choose_for(self, offer: Offer, *, instead_of: Slot | None = None) -> None:
        super().choose_for(offer, instead_of=instead_of)
        field: Any = self.fields["choice"]
        field.label = "Quel rendez-vous à plusieurs\u00a0?"
        field.choices = [one for one in field.choices if one[0] != FREE]

    def keys_in(self, key: UUID) -> list[UUID]:
        return [
            actions.key_of(key, (self.offer.pk, one)) for one in people_in(self.data)
        ]

    @property
    def slot(self) -> Slot | None:
        chosen = self.chosen
        return chosen if isinstance(chosen, Slot) else None

    def details_of(self, person: UUID) -> Mapping[str, Any]:
        missed = Appointment.objects.missed(self.offer, Candidate(pk=person))
        return {**super().details_of(person), "follows": missed}


FORMS: Mapping[ActKind, type[PeopleForm]] = {
    ActKind.REFERRAL: PeopleForm,
    ActKind.SCREENED_REFERRAL: ScreenedPeopleForm,
    ActKind.CV_REQUEST: CvPeopleForm,
    ActKind.APPOINTMENT: AppointmentPeopleForm,
}


def people_in(data: Any) -> list[UUID]:
    """Return the distinct valid persons of an address or form."""
    values: Sequence[str] = (
        data.getlist("personne") if isinstance(data, MultiValueDict) else ()
    )
    return list(dict.fromkeys(filter(None, map(as_uuid, values))))
