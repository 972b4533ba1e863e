import datetime as dt
from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from accounts.agreements.forms import not_to_come
from accounts.nominations import actions, enums
from accounts.users.models import User
from accounts.users.refusals import validate_personal
from opus.lib.dates import date_format
from opus.lib.forms.base import day_field
from opus.lib.forms.fields import NameFormField
from opus.lib.model_admin.forms import AdminActionForm, ChangeForm
from opus.lib.privacy.privacy_notices import PrivacyNotice


class NominationForm(ChangeForm):
    """The structure's proposal: person, convention, letter (4.1)."""

    privacy_notice = PrivacyNotice.CONVENTION

    also_checks = ("state", "person")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "proposed_on" in self.fields:
            self.fields["proposed_on"].validators.append(not_to_come)
        if "email" in self.fields:
            self.fields["email"].required = True
            self.fields["email"].validators.append(validate_personal)
        for name in ("is_permanent_staff", "has_responsibility"):
            if name in self.fields:
                label = self.instance._meta.get_field(name).verbose_name
                self.fields[name].required = True
                self.fields[name].error_messages["required"] = (
                    f"Le RGC {label} (art. 4.1). Sans cela, cette personne ne peut pas "
                    "être proposée : demandez à la structure d’en désigner une autre."
                )


class DayForm(AdminActionForm):
    """Record a day between the structure's letter and today."""

    # Name of the action's parameter for that day.
    day: ClassVar[str]
    # The days of the nomination that it does not precede, each with its sentence.
    not_before: ClassVar[dict[str, str]] = {
        "proposed_on": "Cette date ne peut pas précéder la lettre de la structure, du "
        "{}."
    }

    on = day_field("Date")

    def clean_on(self) -> dt.date:
        on: dt.date = self.cleaned_data["on"]
        not_to_come(on)
        for name, sentence in self.not_before.items():
            floor = getattr(self.instance, name)
            if floor and on < floor:
                raise forms.ValidationError(sentence.format(date_format(floor)))
        return on

    def save(self, *, by: User) -> Any:
        facts = dict(self.cleaned_data)
        facts[self.day] = facts.pop("on")
        return type(self).act(self.instance, by=by, **facts)


def director_field(label: str) -> NameFormField:
    return NameFormField(
        label=label, max_length=120, help_text="Nom et fonction du directeur."
    )


class AdviseForm(DayForm):
    privacy_notice = PrivacyNotice.CONVENTION
    act: ClassVar[Callable[..., Any]] = actions.advise
    day = "opinion_on"

    on = day_field("Avis donné le")
    opinion = forms.ChoiceField(label="Avis", choices=enums.Opinion)
    opinion_by = director_field("Donné par")
    field_order: tuple[str, ...] = ("opinion", "on", "opinion_by")


class AdviseWithdrawalForm(AdviseForm):
    act = actions.advise_withdrawal

    director = forms.ChoiceField(label="Avis du", choices=enums.Director)
    field_order = ("director", "opinion", "on", "opinion_by")


class DecisionForm(DayForm):
    privacy_notice = PrivacyNotice.CONVENTION
    day = "decided_on"

    on = day_field("Date de la décision écrite")
    decision_by = director_field("Décision prise par")
    reference = forms.CharField(label="Référence de la décision", max_length=60)


class ValidateChangeForm(DecisionForm):
    """Record the regional director's validation, not before the agreement (4.3)."""

    act = actions.validate_change
    not_before = {
        **DayForm.not_before,
        "decided_on": "La validation ne peut pas précéder l’accord du directeur "
        "territorial, du {}.",
    }

    on = day_field("Date de la validation écrite")
    decision_by = director_field("Validation donnée par")
    reference = forms.CharField(label="Référence de la validation", max_length=60)


class EndForm(DayForm):
    """Record the day from which the structure has eight days to report (4.3)."""

    day = "ended_on"
    not_before = {
        **DayForm.not_before,
        "office_on": "Le RGC est en fonction depuis le {} : la fin ne peut pas "
        "précéder.",
    }


class AnnounceEndForm(AdminActionForm):
    """Record a future departure or absence (4.3)."""

    act = actions.announce_end

    how = forms.ChoiceField(label="Fin de fonction", choices=enums.AnnouncedEnd)
    on = day_field(
        "Le",
        None,
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


class VacancyLetterForm(DayForm):
    act = actions.tell_vacancy
    day = "letter_on"

    on = day_field("Date de la lettre")
    reference = forms.CharField(label="Référence de la lettre", max_length=60)
