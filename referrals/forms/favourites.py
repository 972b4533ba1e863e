"""Keeping an offer, and several offers for one person."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from accounts.models import User
from offers.models import Offer
from offers.payload.parts import REFERENCE
from opus.lib.forms import Form
from referrals.actions import favourites, several
from referrals.models import Candidate


class KeepForm(Form):
    """For whom an offer is kept: persons, or nobody yet."""

    personne = forms.ModelMultipleChoiceField(
        queryset=Candidate.objects.none(), required=False
    )
    pour_personne = forms.BooleanField(required=False)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        people: forms.ModelMultipleChoiceField = self.fields["personne"]  # type: ignore[assignment]
        people.queryset = Candidate.objects.visible_to(by)
        people.error_messages |= dict.fromkeys(
            ("invalid_choice", "invalid_pk_value"),
            "Cette personne n’est plus parmi vos candidats : rechargez la page.",
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        somebody = cleaned.get("personne") or cleaned.get("pour_personne")
        if not self.errors and not somebody:
            raise ValidationError(
                "Cochez une personne au moins, ou « Pour personne encore »."
            )
        return cleaned

    def save(self, offer: Offer) -> int:
        """Keep it; says for how many it was not kept yet.

        Raises:
            favourites.KeepRefused: the offer left, or somebody has too many.
        """
        return favourites.keep(
            offer,
            by=self.by,
            candidates=[person.pk for person in self.cleaned_data["personne"]],
            for_nobody=self.cleaned_data["pour_personne"],
        )


class KeepByNumberForm(Form):
    """On a person's page: an offer by its number."""

    numero = forms.CharField(
        label="Garder une offre par son numéro",
        max_length=30,
        help_text="7 signes, par exemple 188VMCV.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(
        self, *args: Any, candidate: Candidate, by: User, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.candidate, self.by = candidate, by

    def clean_numero(self) -> Offer:
        number = "".join(self.cleaned_data["numero"].split())
        offer = Offer.objects.filter(pk__in={number, number.upper()}).first()
        if offer is None:
            raise ValidationError(
                "Aucune offre ne porte ce numéro : vérifiez-le, par exemple 188VMCV."
            )
        if not offer.is_active:
            raise ValidationError("Cette offre a été retirée : elle ne se garde plus.")
        return offer

    def save(self) -> bool:
        """Keep it for this person; False where an error was added instead."""
        offer = self.cleaned_data["numero"]
        try:
            favourites.keep(offer, by=self.by, candidates=[self.candidate.pk])
        except favourites.KeepRefused as error:
            self.add_error("numero", str(error))
            return False
        return True


class SeveralForm(Form):
    """The offers ticked for one person, and the form's own key (R10)."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        references = numbers_in(self.data)
        if not references:
            raise ValidationError("Cochez une offre au moins.")
        if len(references) > several.MOST_AT_ONCE:
            raise ValidationError(str(several.TooMany(len(references))))
        return cleaned | {"references": references}

    def save(self, candidate: Candidate, *, by: User) -> UUID:
        """Make the acts that can be made; their common key tells them afterwards."""
        key: UUID = self.cleaned_data["key"]
        several.refer_several(
            self.cleaned_data["references"], candidate.pk, by=by, key=key
        )
        return key


def numbers_in(data: Any) -> list[str]:
    """The offers' numbers of an address or a form, each once, odd ones left out."""
    values: Sequence[str] = (
        data.getlist("offre") if isinstance(data, MultiValueDict) else ()
    )
    return list(dict.fromkeys(value for value in values if REFERENCE.fullmatch(value)))
