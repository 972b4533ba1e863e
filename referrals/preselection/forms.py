from collections.abc import Sequence
from typing import Any

from django import forms

from opus.lib.forms.base import DateInput
from opus.lib.privacy.privacy_notices import PrivacyNotice
from opus.lib.text_guard.fields import NoteFormField
from referrals.acts.states import SetAsideReason
from referrals.follow_up.forms import GestureForm, HandOverForm
from referrals.making.forms import ConfirmForm
from referrals.preselection import actions
from referrals.preselection.offer_criteria import requirements_of


class CriteriaField(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple
    default_error_messages = {
        "invalid_choice": "L’offre a changé entre-temps\u00a0: relisez ce qu’elle "
        "demande, puis confirmez de nouveau."
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def set_lines(self, lines: Sequence[str]) -> None:
        self.choices = [(line, line) for line in lines]


class ScreenedConfirmForm(ConfirmForm):
    criteria_met = CriteriaField(
        label="Ce que demande l’offre\u00a0: cochez ce que le candidat remplit"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["criteria_met"]
        if lines := requirements_of(self.offer):
            field.set_lines(lines)
        else:
            del self.fields["criteria_met"]


class ScreenedHandOverForm(HandOverForm):
    done = "La remise est enregistrée\u00a0: la candidature est à examiner."


class CompleteForm(GestureForm):
    privacy_notice = PrivacyNotice.QUESTIONS
    done = "Votre réponse est chez l’agence\u00a0: la candidature reprend sa place."
    action = staticmethod(actions.complete)

    answer = NoteFormField(
        place="referrals.applicationquestion.answer", label="Votre réponse"
    )

    @property
    def typed(self) -> str:
        return str(self.cleaned_data.get("answer", ""))


class ShortlistForm(GestureForm):
    done = "La candidature est présélectionnée."
    action = staticmethod(actions.shortlist)


class SetAsideForm(GestureForm):
    done = (
        "La candidature est écartée. Prévenez le candidat\u00a0: un message est prêt."
    )
    action = staticmethod(actions.set_aside)

    reason = forms.ChoiceField(
        label="Motif",
        choices=[("", "Choisir un motif"), *SetAsideReason.choices],
        help_text="Lu par vous et par France Travail, jamais par le candidat.",
    )


class PresentForm(GestureForm):
    done = (
        "La présentation est enregistrée. Prévenez le candidat\u00a0: un message est "
        "prêt."
    )
    action = staticmethod(actions.present)

    on = forms.DateField(label="Présentée le", widget=DateInput)
