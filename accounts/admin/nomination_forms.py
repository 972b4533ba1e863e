"""What is typed of an RGC at each step of a nomination (art. 4.1 to 4.3)."""

import datetime as dt
from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from accounts import nominations
from accounts.mailboxes import validate_personal
from accounts.models import User
from accounts.models.nominations import (
    AnnouncedEnd,
    CopyChannel,
    Director,
    Opinion,
    RefusalReason,
    WithdrawalReason,
)
from opus.lib.dates import date_format
from opus.lib.fields import NameFormField
from opus.lib.forms import DateInput
from opus.lib.mentions import Mention
from opus.lib.staff import SheetForm, VerbForm


class ConventionField(forms.ModelChoiceField):
    """A convention that is not over, named with its structure."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.number}, {obj.structure}"


class NominationForm(SheetForm):
    """Whom the structure proposes, for which convention, by which letter (4.1)."""

    mention = Mention.CONVENTION

    also_checks = ("state", "person")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "email" in self.fields:
            self.fields["email"].required = True
            self.fields["email"].validators.append(validate_personal)
        for name, label in DECLARATIONS.items():
            if name in self.fields:
                self.fields[name].required = True
                self.fields[name].error_messages["required"] = (
                    f"Le RGC {label} (art. 4.1). Sans cela, cette personne ne peut pas "
                    "être proposée : demandez à la structure d’en désigner une autre."
                )

    def clean_proposed_on(self) -> dt.date:
        return not_to_come(self.cleaned_data["proposed_on"])


DECLARATIONS = {
    "is_permanent_staff": "fait partie du personnel permanent de la structure",
    "has_responsibility": "a une responsabilité opérationnelle sur les utilisateurs",
}


def not_to_come(day: dt.date) -> dt.date:
    """
    Raises:
        ValidationError: the day is in the future.
    """
    if day > timezone.localdate():
        raise forms.ValidationError("Cette date est à venir.")
    return day


class DayForm(VerbForm):
    """What happened on a day that is past, and since the structure's letter."""

    on = forms.DateField(label="Date", initial=timezone.localdate, widget=DateInput)

    def clean_on(self) -> dt.date:
        on = not_to_come(self.cleaned_data["on"])
        if on < self.instance.proposed_on:
            raise forms.ValidationError(
                "Cette date ne peut pas précéder la lettre de la structure, du "
                f"{date_format(self.instance.proposed_on)}."
            )
        return on


class OpinionForm(DayForm):
    """A director's opinion, in a word."""

    mention = Mention.CONVENTION

    on = forms.DateField(
        label="Avis donné le", initial=timezone.localdate, widget=DateInput
    )
    opinion = forms.ChoiceField(label="Avis", choices=Opinion)
    opinion_by = NameFormField(
        label="Donné par", max_length=120, help_text="Nom et fonction du directeur."
    )
    field_order: tuple[str, ...] = ("opinion", "on", "opinion_by")

    def facts(self) -> dict[str, Any]:
        return {
            "opinion": self.cleaned_data["opinion"],
            "opinion_on": self.cleaned_data["on"],
            "opinion_by": self.cleaned_data["opinion_by"],
        }


class AdviseForm(OpinionForm):
    def save(self, *, by: User) -> None:
        nominations.advise(self.instance, by=by, **self.facts())


class AdviseWithdrawalForm(OpinionForm):
    director = forms.ChoiceField(label="Avis du", choices=Director)
    field_order = ("director", "opinion", "on", "opinion_by")

    def save(self, *, by: User) -> None:
        nominations.advise_withdrawal(
            self.instance,
            by=by,
            director=self.cleaned_data["director"],
            **self.facts(),
        )


class DecisionForm(DayForm):
    """The director's written decision."""

    mention = Mention.CONVENTION

    on = forms.DateField(
        label="Date de la décision écrite",
        initial=timezone.localdate,
        widget=DateInput,
    )
    decision_by = NameFormField(
        label="Décision prise par",
        max_length=120,
        help_text="Nom et fonction du directeur.",
    )
    reference = forms.CharField(label="Référence de la décision", max_length=60)

    def facts(self) -> dict[str, Any]:
        facts = dict(self.cleaned_data)
        return {"decided_on": facts.pop("on"), **facts}


class AcceptForm(DecisionForm):
    def save(self, *, by: User) -> None:
        nominations.accept(self.instance, by=by, **self.facts())


class RefuseForm(DecisionForm):
    reason = forms.ChoiceField(label="Motif", choices=RefusalReason)

    def save(self, *, by: User) -> None:
        nominations.refuse(self.instance, by=by, **self.facts())


class WithdrawForm(DecisionForm):
    reason = forms.ChoiceField(label="Motif", choices=WithdrawalReason)

    def save(self, *, by: User) -> None:
        nominations.withdraw(self.instance, by=by, **self.facts())


class PlainForm(VerbForm):
    """A button that asks nothing more than to be sure."""

    action: ClassVar[Callable[..., Any]]

    def save(self, *, by: User) -> None:
        type(self).action(self.instance, by=by)


class AbandonForm(PlainForm):
    action = nominations.abandon


class ProvideAccountForm(VerbForm):
    def save(self, *, by: User) -> User:
        return nominations.provide_account(self.instance, by=by)


class TakeOfficeForm(PlainForm):
    action = nominations.put_in_office


class DropWithdrawalForm(PlainForm):
    action = nominations.drop_withdrawal


class HandCopyForm(DayForm):
    on = forms.DateField(
        label="Remise le", initial=timezone.localdate, widget=DateInput
    )
    channel = forms.ChoiceField(label="Comment", choices=CopyChannel)

    def save(self, *, by: User) -> None:
        nominations.hand_copy(
            self.instance,
            by=by,
            given_on=self.cleaned_data["on"],
            channel=self.cleaned_data["channel"],
        )


class EndForm(DayForm):
    """From when the post is vacant: the eight days run from there (4.3)."""

    is_absence: ClassVar[bool]

    def clean_on(self) -> dt.date:
        on = super().clean_on()
        since = self.instance.office_on
        if since and on < since:
            day = date_format(since)
            raise forms.ValidationError(
                f"Le RGC est en fonction depuis le {day} : la fin ne peut pas précéder."
            )
        return on

    def save(self, *, by: User) -> None:
        nominations.end_office(
            self.instance,
            by=by,
            ended_on=self.cleaned_data["on"],
            is_absence=self.is_absence,
        )


class LeaveForm(EndForm):
    on = forms.DateField(
        label="Dernier jour dans la fonction",
        initial=timezone.localdate,
        widget=DateInput,
    )
    is_absence = False


class AbsenceForm(EndForm):
    on = forms.DateField(
        label="Absent depuis le",
        initial=timezone.localdate,
        widget=DateInput,
        help_text="Une absence plus courte que trois mois ne s’enregistre pas.",
    )
    is_absence = True


class AnnounceEndForm(VerbForm):
    """A last day, or a first day of absence, that is still to come (4.3)."""

    how = forms.ChoiceField(label="Fin de fonction", choices=AnnouncedEnd)
    on = forms.DateField(
        label="Le",
        widget=DateInput,
        help_text="Départ : dernier jour dans la fonction. Absence : premier jour "
        "d’absence.",
    )

    def clean_on(self) -> dt.date:
        on: dt.date = self.cleaned_data["on"]
        if on <= timezone.localdate():
            raise forms.ValidationError(
                "Choisissez un jour à venir ; sinon, enregistrez le départ ou "
                "l’absence."
            )
        return on

    def save(self, *, by: User) -> None:
        nominations.announce_end(self.instance, by=by, **self.cleaned_data)


class DropAnnouncedEndForm(PlainForm):
    action = nominations.drop_announced_end


class VacancyLetterForm(DayForm):
    on = forms.DateField(
        label="Date de la lettre", initial=timezone.localdate, widget=DateInput
    )
    reference = forms.CharField(label="Référence de la lettre", max_length=60)

    def save(self, *, by: User) -> None:
        nominations.tell_vacancy(
            self.instance,
            by=by,
            letter_on=self.cleaned_data["on"],
            reference=self.cleaned_data["reference"],
        )
