import datetime as dt
from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.users.models.users import User
from opus.lib.dates.formats import date_format
from opus.lib.forms.base import DateInput, Form
from referrals.acts.models.acts import Act, CancelReason, Channel
from referrals.acts.models.outcomes import DeclaredBy, OutcomeCode
from referrals.follow_up import actions


class GestureForm(Form):
    """A step of an act, between its day and today."""

    act: Any
    done: ClassVar[str]
    # Called with the act, the author and the fields.
    action: ClassVar[Callable[..., object]]

    def __init__(self, *args: Any, act: Act, **kwargs: Any) -> None:
        # A page has several of these forms: the ids of their fields must differ.
        kwargs.setdefault("auto_id", f"{type(self).__name__.lower()}_%s")
        super().__init__(*args, **kwargs)
        self.act = act
        if "on" in self.fields:
            if self.fields["on"].required:
                self.fields["on"].initial = timezone.localdate
            self.fields["on"].widget.attrs["min"] = self.made_on.isoformat()

    @property
    def made_on(self) -> dt.date:
        return timezone.localdate(self.act.created_at)

    def clean_on(self) -> dt.date | None:
        on: dt.date | None = self.cleaned_data["on"]
        if on and on < self.made_on:
            raise ValidationError(
                f"L’acte date du {date_format(self.made_on)} : "
                "choisissez ce jour ou un jour plus récent."
            )
        if on and on > self.latest_day:
            raise ValidationError("Cette date n’est pas encore passée.")
        return on

    @property
    def latest_day(self) -> dt.date:
        return timezone.localdate()

    @property
    def typed(self) -> str:
        """Return the text that a refusal gives back to its author."""
        return ""

    def save(self, *, by: User) -> None:
        type(self).action(self.act, by=by, **self.cleaned_data)


class HandOverForm(GestureForm):
    done = "La remise du document est enregistrée."
    action = staticmethod(actions.hand_over)

    channel = forms.ChoiceField(
        label="Mode de remise", choices=Channel.choices, widget=forms.RadioSelect
    )
    on = forms.DateField(label="Remise le", widget=DateInput)


class InterviewForm(GestureForm):
    """Its day may be in the future, or unknown."""

    done = "L’entretien est enregistré."
    action = staticmethod(actions.interview)

    on = forms.DateField(label="Date de l’entretien", required=False, widget=DateInput)

    @property
    def latest_day(self) -> dt.date:
        return timezone.localdate() + dt.timedelta(days=366)


class OutcomeForm(GestureForm):
    done = "La suite est enregistrée. Vous pouvez l’annuler pendant 24 heures."
    action = staticmethod(actions.record_outcome)

    code = forms.ModelChoiceField(
        label="Suite", queryset=OutcomeCode.objects.filter(is_open=True)
    )
    declared_by = forms.ChoiceField(
        label="Selon",
        choices=[
            (choice.value, choice.label)
            for choice in DeclaredBy
            if choice not in {DeclaredBy.FRANCE_TRAVAIL, DeclaredBy.OPUS}
        ],
    )
    on = forms.DateField(label="Date", widget=DateInput)


class CancelForm(GestureForm):
    """A reason is needed after 24 hours."""

    done = "C’est annulé, et le document avec."
    action: ClassVar[Callable[..., object]] = staticmethod(actions.cancel)

    reason = forms.ChoiceField(
        label="Motif", choices=[("", "Choisir un motif"), *CancelReason.choices]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.act.can_be_undone:
            del self.fields["reason"]


class UndoOutcomeForm(GestureForm):
    done = "La suite est annulée."
    action = staticmethod(actions.undo_outcome)
