"""One gesture each: handed over, contact, interview, outcome, cancelled."""

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from opus.lib.dates import date_format
from opus.lib.forms import DateInput, Form
from referrals.actions import follow_up
from referrals.models import (
    Act,
    CancelReason,
    Channel,
    DeclaredBy,
    OutcomeCode,
)


class GestureForm(Form):
    """A gesture on one act; its day is that of the act or later, today at most."""

    act: Any
    done: ClassVar[str]

    def __init__(self, *args: Any, act: Act, **kwargs: Any) -> None:
        # Several of these forms stand on one page: their fields' ids must differ.
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

    def save(self, *, by: User) -> None:
        raise NotImplementedError


class HandOverForm(GestureForm):
    """The document reached the candidate (art. 7)."""

    done = "La remise du document est enregistrée."

    channel = forms.ChoiceField(
        label="Comment la fiche a-t-elle été remise ?",
        choices=Channel.choices,
        widget=forms.RadioSelect,
    )
    on = forms.DateField(label="Remise le", widget=DateInput)

    def save(self, *, by: User) -> None:
        follow_up.hand_over(self.act, by=by, **self.cleaned_data)


class ContactForm(GestureForm):
    """The candidate contacted the employer."""

    done = "Le contact avec l’employeur est enregistré."

    on = forms.DateField(label="Contact pris le", widget=DateInput)

    def save(self, *, by: User) -> None:
        follow_up.contact(self.act, by=by, **self.cleaned_data)


class InterviewForm(GestureForm):
    """An interview is fixed or held: its day may be to come, or unknown."""

    done = "L’entretien est enregistré."

    on = forms.DateField(label="Date de l’entretien", required=False, widget=DateInput)

    @property
    def latest_day(self) -> dt.date:
        return timezone.localdate() + dt.timedelta(days=366)

    def save(self, *, by: User) -> None:
        follow_up.interview(self.act, by=by, **self.cleaned_data)


class OutcomeForm(GestureForm):
    """What came of it, by whose word."""

    done = "La suite est enregistrée. Vous pouvez l’annuler pendant 24 heures."

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

    def save(self, *, by: User) -> None:
        follow_up.record_outcome(self.act, by=by, **self.cleaned_data)


class CancelForm(GestureForm):
    """Within 24 hours nothing is asked; later, why."""

    done = "C’est annulé, et le document avec."

    reason = forms.ChoiceField(
        label="Motif",
        choices=[("", "Choisir un motif"), *CancelReason.choices],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.act.can_be_undone:
            del self.fields["reason"]

    def save(self, *, by: User) -> None:
        reason = self.cleaned_data.get("reason", "")
        follow_up.cancel(self.act, by=by, reason=reason)


class UndoOutcomeForm(GestureForm):
    """Nothing to type."""

    done = "La suite est annulée."

    def save(self, *, by: User) -> None:
        follow_up.undo_outcome(self.act, by=by)
