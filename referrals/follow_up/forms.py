import datetime as dt
from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.users.models import User
from opus.lib.dates import date_format
from opus.lib.forms.base import DateInput, Form
from referrals.acts.models import Act, Channel
from referrals.acts.outcomes import DeclaredBy, OutcomeCode
from referrals.acts.states import CancelReason
from referrals.candidate_emails import emails
from referrals.candidate_emails.actions import mail_document
from referrals.follow_up import actions

EMAIL_LEAVES = (
    "Le courriel va partir. La remise s’enregistrera d’elle-même dès qu’il sera parti."
)


class GestureForm(Form):
    """A step of an act, between its day and today."""

    act: Any
    done: str
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
                f"La proposition date du {date_format(self.made_on)} : "
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


# Opus writes to the person; the hand-over is recorded once its e-mail has left.
BY_OPUS = "opus"


class HandOverForm(GestureForm):
    """The hand-over, with one way by e-mail: Opus's own where it may."""

    done = "La remise du document est enregistrée."
    action = staticmethod(actions.hand_over)

    channel = forms.ChoiceField(label="Mode de remise", widget=forms.RadioSelect)
    on = forms.DateField(label="Remise le", widget=DateInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.document = self.act.document
        self.why_no_mail = emails.why_no_email(self.act, self.document)
        self.lacks_consent = self.why_no_mail == emails.NO_CONSENT
        by_opus = not self.why_no_mail or (self.is_bound and self.was_mailed)
        email = (
            (BY_OPUS, "par courriel, envoyé par Opus")
            if by_opus
            else (Channel.EMAIL, "par courriel, depuis ma messagerie")
        )
        channel: Any = self.fields["channel"]
        channel.choices = [
            email if value == Channel.EMAIL else (value, label)
            for value, label in Channel.choices
        ]
        channel.error_messages["invalid_choice"] = (
            self.why_no_mail or "Choisissez de nouveau le mode de remise."
        )

    @property
    def was_mailed(self) -> bool:
        """Return whether its e-mail has left lately, or is about to."""
        return bool(self.document and emails.email_of_last_day(self.document))

    def save(self, *, by: User) -> None:
        if self.cleaned_data["channel"] != BY_OPUS:
            super().save(by=by)
            return
        self.done = EMAIL_LEAVES
        # A second press finds the first one's e-mail.
        if not self.was_mailed:
            mail_document(self.document, by=by)


class ContactForm(GestureForm):
    done = "Le contact avec l’employeur est enregistré."
    action = staticmethod(actions.contact)

    on = forms.DateField(label="Contact pris le", widget=DateInput)


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
