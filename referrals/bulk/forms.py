import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils import timezone

from accounts.agreements.models.conventions import Convention
from accounts.users.models import User
from offers.catalogue.models import Offer
from opus.lib.forms.base import as_uuid
from referrals.acts.act_rights import ActKind
from referrals.appointments.forms import SLOTS_SHOWN, label_of
from referrals.appointments.models import Appointment, Slot
from referrals.bulk import actions
from referrals.bulk.actions import Pair, Selection, pairs_in, written
from referrals.candidates.models import Candidate
from referrals.cv_requests.forms import DueForm
from referrals.preselection.forms import CriteriaField, requirements_of


class BulkForm(DueForm):
    """The pairs ticked, and what their acts need, asked once (R10)."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    # One collective slot: each person gets a place.
    slot = forms.ChoiceField(
        label="Quel rendez-vous à plusieurs\u00a0?",
        widget=forms.RadioSelect,
        error_messages={
            "invalid_choice": "Ce rendez-vous n’est plus proposé\u00a0: il est "
            "complet, ou après la fin de votre convention. Choisissez-en un autre."
        },
    )

    def __init__(
        self,
        *args: Any,
        selection: Selection,
        by: User,
        convention: Convention | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.selection = selection
        self.offers = {offer.pk: offer for offer in selection.offers}
        self.shown = {
            offer.pk: shown_in(self.data, offer.pk)
            or (selection.kind_of(offer), offer.version)
            for offer in selection.offers
        }
        self.kinds = {
            offer.pk: self.shown[offer.pk][0]
            for offer in selection.offers
            if offer.is_active
        }
        self.slots: dict[str, Slot] = {}
        # The end of the convention, if slots after it are left out.
        self.ends_on: dt.date | None = None
        if ActKind.APPOINTMENT in self.kinds.values():
            self._offer_slots(selection.offers[0], by, convention)
        if not self.slots:
            del self.fields["slot"]
        if ActKind.CV_REQUEST not in self.kinds.values():
            del self.fields["due_on"]
        for offer in selection.offers:
            if self.kinds.get(offer.pk) == ActKind.SCREENED_REFERRAL:
                self._add_criteria(offer)

    def _offer_slots(
        self, offer: Offer, by: User, convention: Convention | None
    ) -> None:
        """Offer the collective slots before the end of the convention."""
        slots = list(Slot.objects.open_for(offer).filter(capacity__gt=1)[:SLOTS_SHOWN])
        for slot in slots:
            if convention and timezone.localdate(slot.at) > convention.ends_on:
                self.ends_on = convention.ends_on
            else:
                self.slots[str(slot.pk)] = slot
        choices = [
            (pk, label_of(slot, with_place=True)) for pk, slot in self.slots.items()
        ]
        if key := as_uuid(self.data.get("key", "")):
            # The same form again: its own places are no longer free (R10).
            for act in actions.made_under(key, pairs_in(self.data), by=by).values():
                if isinstance(act, Appointment) and act.slot:
                    self.slots[str(act.slot_id)] = act.slot
                    choices.append((str(act.slot_id), str(act.slot)))
        field: Any = self.fields["slot"]
        field.choices = choices

    def _add_criteria(self, offer: Offer) -> None:
        """Add what this offer asks of each person: her act says what she meets."""
        if not (lines := requirements_of(offer)):
            return
        for person in self.selection.people:
            field = CriteriaField(
                label=f"{offer.title}\u00a0: cochez ce que {person} remplit"
            )
            field.set_lines(lines)
            self.fields[criteria_of((offer.pk, person.pk))] = field

    def criteria_for(self, pair: Pair) -> BoundField | None:
        name = criteria_of(pair)
        return self[name] if name in self.fields else None

    @property
    def versions(self) -> list[tuple[str, str]]:
        """Return the hidden fields that say what the page shows."""
        return [
            (f"version-{offer.pk}", f"{self.selection.kind_of(offer)}:{offer.version}")
            for offer in self.selection.offers
        ]

    @property
    def needs_slot(self) -> bool:
        """Return whether these convocations have no collective slot."""
        return ActKind.APPOINTMENT in self.kinds.values() and not self.slots

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        ticked = set(pairs_in(self.data))
        on_page = ((offer.pk, person.pk) for offer, person in self.selection.pairs)
        pairs = [pair for pair in on_page if pair in ticked]
        if not pairs or self.needs_slot:
            raise ValidationError("Cochez une proposition au moins.")
        return cleaned | {"pairs": pairs}

    def save(self, *, by: User) -> bool:
        """Make the acts; return whether their slot was full."""
        cleaned = self.cleaned_data
        return actions.make_acts(
            cleaned["pairs"], by=by, key=cleaned["key"], plan=self.plan
        )

    @property
    def outdated(self) -> list[str]:
        """Return the offers whose act or version changed."""
        offers = Offer.objects.in_bulk(list(self.offers))
        return [
            pk
            for pk, offer in offers.items()
            if self.shown[pk] != (self.selection.kind_of(offer), offer.version)
        ]

    def plan(self, reference: str, person: UUID) -> tuple[ActKind, Mapping[str, Any]]:
        """Return the act of one pair, and its details."""
        kind = self.kinds.get(reference, ActKind.REFERRAL)
        details: dict[str, Any] = {"version": self.shown[reference][1]}
        if kind == ActKind.CV_REQUEST:
            details["due_on"] = self.cleaned_data["due_on"]
        elif kind == ActKind.SCREENED_REFERRAL:
            name = criteria_of((reference, person))
            details["criteria_met"] = self.cleaned_data.get(name, [])
        elif kind == ActKind.APPOINTMENT:
            slot = self.slots[self.cleaned_data["slot"]]
            missed = Appointment.objects.missed(
                self.offers[reference], Candidate(pk=person)
            )
            details |= {**slot.as_fields, "follows": missed}
        return kind, details


def criteria_of(pair: Pair) -> str:
    """Return the name of the field of what a person meets of an offer."""
    return f"criteres-{written(pair)}"


def shown_in(data: Any, reference: str) -> tuple[ActKind, str] | None:
    """Return the act and version that the page showed."""
    kind, _, version = data.get(f"version-{reference}", "").partition(":")
    return (ActKind(kind), version) if kind in ActKind.values else None
