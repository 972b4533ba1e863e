from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.users.models import User
from opus.lib.forms.edit_forms import EditForm
from opus.lib.forms.fields import validate_ft_id
from opus.lib.model_admin.forms import AdminAction, AdminActionForm
from opus.lib.privacy.models import CorrectionReason
from opus.lib.privacy.privacy_notices import PrivacyNotice
from referrals.candidates.actions import clean_ft_id
from referrals.candidates.forms import CandidateForm
from referrals.candidates.models import Candidate
from referrals.corrections.actions import rectify


class RectifyForm(EditForm, AdminActionForm):
    """The person's data, and the reason (art. 10)."""

    privacy_notice = PrivacyNotice.CANDIDATES

    reason = forms.ChoiceField(label="Motif", choices=CorrectionReason)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        candidate = self.instance.candidate
        for name in CandidateForm.Meta.fields:
            field: Any = Candidate._meta.get_field(name)
            self.fields[name] = field.formfield(
                help_text="", validators=field.validators
            )
            self.fields[name].widget.attrs["autocomplete"] = "off"
            self.initial[name] = getattr(candidate, name)
        self.edit(candidate)

    def clean_ft_id(self) -> str:
        ft_id = clean_ft_id(self.cleaned_data["ft_id"])
        if ft_id:
            validate_ft_id(ft_id)
        return ft_id

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not set(self.changed_data) - {"reason"}:
            raise ValidationError("Rien n’est changé : corrigez au moins une donnée.")
        return cleaned

    def save(self, *, by: User) -> None:
        typed = dict(self.cleaned_data)
        reason = typed.pop("reason")
        candidate = Candidate.objects.get(pk=self.instance.candidate_id)
        rectify(candidate, by=by, reason=reason, **typed)


RECTIFY = AdminAction(
    slug="rectifier",
    label="Rectifier les données du candidat",
    question="Vérifiez d’abord l’identité de qui le demande (art. 10). Ce qui était "
    "écrit reste dans l’historique. Le conseiller, les agences qui ont reçu une "
    "proposition et le système de France Travail en sont avertis. Un document déjà "
    "remis garde ce qu’il disait.",
    done="Les données sont rectifiées ; ceux qui les ont reçues en sont avertis.",
    form=RectifyForm,
    is_open=lambda act, user: True,
)
