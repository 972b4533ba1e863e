from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.users.models import User
from offers.catalogue.models import Offer
from opus.lib.forms.base import Form
from referrals.candidates.models import Candidate
from referrals.favourites import actions


class KeepForm(Form):
    """The persons of a favourite offer, or none yet."""

    # One box is needed, whichever: the legend says it.
    all_optional = True

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
            "Ce candidat n’est plus parmi vos candidats : rechargez la page.",
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        somebody = cleaned.get("personne") or cleaned.get("pour_personne")
        if not self.errors and not somebody:
            raise ValidationError("Cochez un candidat au moins, ou « Sans candidat ».")
        return cleaned

    def save(self, offer: Offer) -> int:
        """Save it; return how many are new. Raises ``KeepRefused``."""
        return actions.keep(
            offer,
            by=self.by,
            candidates=[person.pk for person in self.cleaned_data["personne"]],
            for_nobody=self.cleaned_data["pour_personne"],
        )


class KeepByNumberForm(Form):
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
        """Save it; return False after adding an error."""
        offer = self.cleaned_data["numero"]
        try:
            actions.keep(offer, by=self.by, candidates=[self.candidate.pk])
        except actions.KeepRefused as error:
            self.add_error("numero", str(error))
            return False
        return True
