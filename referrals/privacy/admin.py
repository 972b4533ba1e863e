"""Legal holds on candidates (V11)."""

from django import forms
from django.contrib import admin

from accounts.users.admin import LegalHoldAdmin, LegalHoldForm
from referrals.acts.models import Act
from referrals.privacy.models import CandidateHold


class CandidateHoldForm(LegalHoldForm):
    """A hold, with the person found by an act's number."""

    number = forms.CharField(
        label="Numéro d’une proposition du candidat",
        max_length=20,
        help_text="Par exemple MEC-2026-000042 : il figure sur le document remis.",
    )

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"].strip().upper()
        act = Act.objects.filter(number=number).first()
        if act is None:
            raise forms.ValidationError(
                "Aucune proposition ne porte ce numéro : vérifiez-le sur le document, "
                "ou les données du candidat sont déjà arrivées à terme."
            )
        self.instance.candidate = act.candidate
        return number


@admin.register(CandidateHold)
class CandidateHoldAdmin(LegalHoldAdmin):
    form = CandidateHoldForm
    subject_field = "number"

    @admin.display(description="fiche n°")
    def subject(self, legal_hold: CandidateHold) -> str:
        return str(legal_hold.candidate_id)
