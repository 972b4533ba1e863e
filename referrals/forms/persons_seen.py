import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.scope import within
from opus.lib.forms import Form


class InstantInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class PersonsSeenForm(Form):
    """An exact identifier and a coded reason, for the audit log."""

    REASONS = (
        ("violation", "Violation de données, avérée ou probable (RGPD, art. 33)"),
        ("demande", "Demande d’une personne ou d’une autorité"),
        ("exercice", "Exercice"),
    )

    compte = forms.CharField(label="Identifiant du compte", max_length=40)
    du = forms.DateTimeField(label="Du", widget=InstantInput)
    au = forms.DateTimeField(label="Au", widget=InstantInput)
    motif = forms.ChoiceField(label="Motif", choices=[("", "---------"), *REASONS])

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_compte(self) -> User:
        """Return an account of the territory, open or closed."""
        accounts = within(User.objects.all(), self.by, "structure__agency", "agency")
        account = accounts.filter(
            identifier__iexact=self.cleaned_data["compte"].strip()
        ).first()
        if account is None:
            raise ValidationError(
                "Aucun compte de votre territoire ne porte cet identifiant."
            )
        return account

    def clean_au(self) -> dt.datetime:
        """Include the whole last minute."""
        until: dt.datetime = self.cleaned_data["au"]
        return until.replace(second=59, microsecond=999_999)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if {"du", "au"} <= cleaned.keys() and cleaned["au"] < cleaned["du"]:
            self.add_error("au", "Cet instant vient avant l’autre.")
        return cleaned
