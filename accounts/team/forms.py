"""Forms of the RGC's actions on accounts (art. 4.2)."""

from collections.abc import Iterable
from typing import Any

from dateutil.relativedelta import relativedelta
from django import forms
from django.utils import timezone

from accounts.agreements.models.conventions import Convention
from accounts.signin.models import LossReason
from accounts.team import actions
from accounts.users.enums import ClosingReason, Role, SuspensionReason
from accounts.users.models import IdentityCheck, User
from accounts.users.refusals import validate_personal
from opus.lib.dates import date_format
from opus.lib.forms.base import Form, ModelForm, day_field
from opus.lib.privacy.privacy_notices import PrivacyNotice


class IdentityForm(forms.Form):
    """Record the coded identity check (S10)."""

    check_done = forms.ChoiceField(
        label="Vérification de l’identité",
        choices=IdentityCheck.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez comment vous avez vérifié l’identité."},
    )


def reason_field(choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Motif",
        choices=choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez un motif dans la liste."},
    )


class LostFactorForm(IdentityForm):
    reason = reason_field(LossReason.choices)


class PersonalFields(ModelForm):
    privacy_notice = PrivacyNotice.ACCOUNTS

    class Meta:
        model = User
        fields = ["email", "function", "phone"]
        labels = {"email": "Courriel professionnel", "function": "Fonction"}
        help_texts = {
            "email": "Celle de la personne elle-même : un compte ne se partage pas.",
            "function": "Par exemple : conseillère en insertion.",
            "phone": "Imprimé sur les documents remis aux candidats.",
        }
        widgets = {
            name: forms.TextInput(attrs={"autocomplete": "off"})
            for name in ["last_name", "first_name", "function"]
        } | {
            "email": forms.EmailInput(
                attrs={"autocomplete": "off", "spellcheck": "false"}
            ),
            "phone": forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
        }

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["email"].validators.append(validate_personal)


class AccountForm(PersonalFields):
    """A new adviser's account; it ignores other fields (S23)."""

    class Meta(PersonalFields.Meta):
        fields = ["last_name", "first_name", "email", "function", "phone"]

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        account = User(role=Role.ADVISER, structure_id=by.structure_id)
        super().__init__(*args, by=by, instance=account, **kwargs)

    def save(self, commit: bool = True) -> tuple[User, str]:
        return actions.open_account(by=self.by, **self.cleaned_data)


class SuspendForm(forms.Form):
    reason = reason_field(SuspensionReason.choices)


class CloseForm(forms.Form):
    # Only France Travail closes an account for a withdrawn agreement: an RGC's.
    reason = reason_field(
        [pair for pair in ClosingReason.choices if pair[0] != ClosingReason.WITHDRAWAL]
    )


class AccountChangeForm(PersonalFields):
    def save(self, commit: bool = True, *, new_device: bool = False) -> None:
        """Raise EmailTaken if another account uses the address."""
        actions.change_account(
            self.instance, by=self.by, new_device=new_device, **self.cleaned_data
        )


class LeaveForm(Form):
    privacy_notice = PrivacyNotice.ACCOUNTS

    starts_on = day_field("Premier jour d’absence", None)
    ends_on = day_field(
        "Dernier jour d’absence", None, help_text="La veille du retour."
    )
    # An absence may have begun before the RGC learnt of it, and it must have an end.
    EARLIEST = relativedelta(months=3)
    LONGEST = relativedelta(years=3)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        today = timezone.localdate()
        if starts_on and starts_on < today - self.EARLIEST:
            self.add_error("starts_on", "Cette date est passée depuis plus de 3 mois.")
        if ends_on and ends_on < today:
            self.add_error(
                "ends_on", "Cette date est passée : la personne est de retour."
            )
        if starts_on and ends_on:
            if ends_on < starts_on:
                self.add_error(
                    "ends_on", "Le dernier jour d’absence précède le premier."
                )
            elif ends_on > starts_on + self.LONGEST:
                self.add_error(
                    "ends_on",
                    "Une absence de plus de 3 ans ne s’annonce pas : fermez le compte.",
                )
        return cleaned

    def save(self, account: User, *, by: User) -> Any:
        return actions.record_leave(account, by=by, **self.cleaned_data)


class TeamReviewForm(Form):
    HERE, GONE = "oui", "non"
    CHOICES = ((HERE, "Oui"), (GONE, "Non : suspendre son accès tout de suite"))

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {self.name_of(person): person for person in people}
        for name, person in self.people.items():
            self.fields[name] = forms.ChoiceField(
                label=f"{person} ({person.identifier})",
                choices=self.CHOICES,
                widget=forms.RadioSelect,
                help_text=last_seen(person),
                error_messages={"required": f"Répondez pour {person}."},
            )

    @staticmethod
    def name_of(person: User) -> str:
        return f"personne-{person.public_id}"

    @classmethod
    def all_here(cls, public_ids: Iterable[str]) -> dict[str, str]:
        return {f"personne-{public_id}": cls.HERE for public_id in public_ids}

    def save(self, convention: Convention, *, by: User) -> list[User]:
        """Record the answers; return those who left, now suspended."""
        gone = [
            person
            for name, person in self.people.items()
            if self.cleaned_data[name] == self.GONE
        ]
        here = [person for person in self.people.values() if person not in gone]
        actions.answer_review(
            convention,
            by=by,
            here=[person.pk for person in here],
            gone=[person.pk for person in gone],
        )
        return gone


def last_seen(person: User) -> str:
    if person.last_login is None:
        day = timezone.localdate(person.created_at)
        return f"Compte créé le {date_format(day)}, jamais utilisé."
    return (
        f"Dernière connexion le {date_format(timezone.localdate(person.last_login))}."
    )
