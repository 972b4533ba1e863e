"""An application on an offer with preselection: its checklist, then each gesture."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.models import User
from opus.lib.forms import DateInput
from referrals.actions import screened
from referrals.asked import asked_by
from referrals.forms.confirm import ConfirmForm
from referrals.forms.follow_up import GestureForm, HandOverForm
from referrals.models import SetAsideReason


class CriteriaField(forms.MultipleChoiceField):
    """What an offer asks, line by line, to tick what the person meets."""

    widget = forms.CheckboxSelectMultiple
    default_error_messages = {
        "invalid_choice": "L’offre a changé entre-temps\u00a0: relisez ce qu’elle "
        "demande, puis confirmez de nouveau."
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def ask(self, lines: Sequence[str]) -> None:
        self.choices = [(line, line) for line in lines]


class ScreenedConfirmForm(ConfirmForm):
    """Of what the offer asks, in its own words, what the person meets."""

    criteria_met = CriteriaField(
        label="Ce que demande l’offre\u00a0: cochez ce que la personne remplit"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["criteria_met"]
        if lines := asked_by(self.offer):
            field.ask(lines)
        else:
            del self.fields["criteria_met"]


class ScreenedHandOverForm(HandOverForm):
    """The document reached the person, and the application goes on by itself."""

    done = "La remise est enregistrée\u00a0: la candidature est à examiner."


class CompleteForm(GestureForm):
    """What was missing was given. Nothing to type."""

    done = "C’est noté\u00a0: la candidature est de nouveau à examiner."

    def save(self, *, by: User) -> None:
        screened.complete(self.act, by=by)


class ShortlistForm(GestureForm):
    """The application is kept. Nothing to type."""

    done = "La candidature est présélectionnée."

    def save(self, *, by: User) -> None:
        screened.shortlist(self.act, by=by)


class SetAsideForm(GestureForm):
    """The application is not kept, for a coded reason."""

    done = (
        "La candidature est écartée. Prévenez la personne\u00a0: un message est prêt."
    )

    reason = forms.ChoiceField(
        label="Motif",
        choices=[("", "Choisir un motif"), *SetAsideReason.choices],
        help_text="Lu par vous et par France Travail, jamais par la personne.",
    )

    def save(self, *, by: User) -> None:
        screened.set_aside(self.act, by=by, **self.cleaned_data)


class PresentForm(GestureForm):
    """The application was presented to the employer that day."""

    done = (
        "La présentation est enregistrée. Prévenez la personne\u00a0: un message est "
        "prêt."
    )

    on = forms.DateField(label="Présentée le", widget=DateInput)

    def save(self, *, by: User) -> None:
        screened.present(self.act, by=by, **self.cleaned_data)
