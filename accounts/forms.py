import dataclasses
import datetime as dt
import itertools
from collections.abc import Iterable
from typing import Any

from dateutil.relativedelta import relativedelta
from django import forms
from django.contrib.auth.forms import SetPasswordMixin
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from accounts import account_file, actions
from accounts.mailboxes import validate_personal
from accounts.models import (
    ClosingReason,
    Convention,
    IdentityCheck,
    LossReason,
    Passkey,
    Role,
    SuspensionReason,
    TotpDevice,
    User,
    UserState,
)
from accounts.models.factors import BACKUP_LENGTH
from accounts.passwords import (
    MAX_LENGTH,
    ContextWordsValidator,
    LengthValidator,
)
from opus.lib import audit
from opus.lib.dates import date_format
from opus.lib.forms import DateInput, Form, ModelForm
from opus.lib.lists import TOO_LONG, UNWRITABLE, ListField, Row, reasons_of
from opus.lib.mentions import Mention
from opus.lib.states import MoveRefused
from opus.lib.text_guard.forms import GuardedFormField

IDENTIFIER_ATTRS = {
    "autocomplete": "username",
    "autocapitalize": "characters",
    "spellcheck": "false",
}


def password_field(label: str, autocomplete: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        max_length=MAX_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


class LoginForm(forms.Form):
    """Pasting works, for password managers (S4)."""

    identifier = forms.CharField(
        label="Identifiant",
        help_text="Il figure sur votre fiche de premier accès, par exemple IDA-7K2F.",
        max_length=40,
        widget=forms.TextInput(attrs=IDENTIFIER_ATTRS),
    )
    password = password_field("Mot de passe", "current-password")


class CodeForm(forms.Form):
    lengths: tuple[int, ...] = (6,)
    not_digits = "Écrivez les 6 chiffres du code, par exemple 123 456."

    code = forms.CharField(
        label="Code à 6 chiffres",
        help_text="Il s’affiche dans votre application d’authentification, et change "
        "toutes les 30 secondes.",
        max_length=30,
        error_messages={"required": not_digits},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "class": "opus-code",
            }
        ),
    )

    def clean_code(self) -> str:
        code = "".join(self.cleaned_data["code"].split()).replace("-", "")
        if not (code.isascii() and code.isdigit() and len(code) in self.lengths):
            raise forms.ValidationError(self.not_digits)
        return code


class ProofForm(CodeForm):
    """A code of the application, or a backup code: both are digits."""

    lengths = (6, BACKUP_LENGTH)
    not_digits = (
        "Écrivez les 6 chiffres du code, par exemple 123 456, ou les 16 chiffres d’un "
        "code de secours."
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label = "Code"
        field.widget.attrs["class"] = "opus-code opus-code--long"
        field.error_messages["required"] = self.not_digits
        if user.totpdevice_set.filter(confirmed=True).exists():
            field.help_text = (
                "Les 6 chiffres de votre application d’authentification, ou les 16 "
                "chiffres d’un code de secours."
            )
        else:
            field.help_text = "Les 16 chiffres d’un code de votre feuille."


class FactorNameMixin(forms.Form):
    model: type[Passkey | TotpDevice]

    name = GuardedFormField(
        place="accounts.totpdevice.name",
        label="Nom",
        help_text="Pour la reconnaître : par exemple « téléphone » ou « ordinateur du "
        "bureau ».",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["name"]
        field.place = f"{self.model._meta.label_lower}.name"
        self.taken = set(
            self.model.objects.filter(user=user).values_list("name", flat=True)
        )

    def clean_name(self) -> str:
        """Default: the kind of factor, numbered if needed."""
        if name := self.cleaned_data["name"]:
            if name in self.taken:
                raise forms.ValidationError(
                    f"Vous avez déjà un second facteur nommé « {name} » : choisissez "
                    "un autre nom."
                )
            return str(name)
        names = (f"{self.model.KIND} {n}" for n in itertools.count(2))
        free = itertools.chain([self.model.KIND], names)
        return next(name for name in free if name not in self.taken)


class ApplicationForm(FactorNameMixin, CodeForm):
    model = TotpDevice
    field_order = ("code", "name")


class PasskeyForm(forms.Form):
    """``passkeys.js`` fills it in."""

    credential = forms.CharField(
        max_length=20_000,
        widget=forms.HiddenInput,
        error_messages={
            "required": "Votre navigateur n’a pas donné de clé d’accès : elles "
            "demandent JavaScript et un navigateur récent."
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Two forms of the page would else have the same ids.
        self.auto_id = "cle_%s"


class NewPasskeyForm(FactorNameMixin, PasskeyForm):
    model = Passkey
    field_order = ("name", "credential")


class FactorNameForm(FactorNameMixin):
    def __init__(self, factor: Passkey | TotpDevice, *args: Any, **kwargs: Any) -> None:
        self.model = type(factor)
        super().__init__(factor.user, *args, initial={"name": factor.name}, **kwargs)
        self.fields["name"].required = True
        self.taken.discard(factor.name)


class IdentityForm(forms.Form):
    """The coded identity check (S10)."""

    check_done = forms.ChoiceField(
        label="Vérification de l’identité",
        choices=IdentityCheck.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez comment vous avez vérifié l’identité."},
    )


class LostFactorForm(IdentityForm):
    reason = forms.ChoiceField(
        label="Motif",
        choices=LossReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez un motif dans la liste."},
    )


class FirstAccessForm(forms.Form):
    """The slip that the RGC gives (art. 4.2)."""

    identifier = forms.CharField(
        label="Identifiant",
        help_text="En haut de votre fiche, par exemple IDA-7K2F.",
        max_length=40,
        widget=forms.TextInput(attrs=IDENTIFIER_ATTRS),
    )
    secret = forms.CharField(
        label="Code de premier accès",
        help_text="Quatre groupes de cinq lettres ou chiffres. Majuscules, espaces et "
        "tirets ne comptent pas.",
        max_length=60,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )


class ActivationForm(forms.Form):
    identifier = forms.CharField(
        label="Votre identifiant",
        help_text="Dans l’autre courriel d’Opus, par exemple IDA-7K2F.",
        max_length=40,
        widget=forms.TextInput(attrs=IDENTIFIER_ATTRS),
    )


class ForgottenForm(forms.Form):
    who = forms.CharField(
        label="Identifiant ou adresse électronique",
        help_text="Votre identifiant, par exemple IDA-7K2F, ou l’adresse "
        "professionnelle de votre compte.",
        max_length=254,
        error_messages={"required": "Écrivez votre identifiant ou votre adresse."},
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "spellcheck": "false"}
        ),
    )


class ChoosePasswordForm(SetPasswordMixin, forms.Form):
    """A password that only its holder chooses (S9)."""

    error_messages = {
        "password_mismatch": "Les deux mots de passe diffèrent : saisissez deux fois "
        "le même."
    }

    password1 = password_field("Nouveau mot de passe", "new-password")
    password2 = password_field("Le même, une seconde fois", "new-password")

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        least = LengthValidator.least(user)
        self.fields["password1"].help_text = (
            f"Au moins {least} caractères. Une phrase de quatre ou cinq mots sans lien "
            "entre eux convient bien ; ni chiffre ni signe n’est exigé. "
            f"{ContextWordsValidator().get_help_text()}"
        )

    def clean(self) -> dict[str, Any]:
        self.validate_passwords()
        self.validate_password_for_user(self.user, "password1")
        return self.cleaned_data


class ChangePasswordForm(ChoosePasswordForm):
    old_password = password_field("Mot de passe actuel", "current-password")
    field_order = ("old_password", "password1", "password2")

    def clean(self) -> dict[str, Any]:
        super().clean()
        old = self.cleaned_data.get("old_password")
        if old and old == self.cleaned_data.get("password1"):
            self.add_error(
                "password1",
                "C’est votre mot de passe actuel : choisissez-en un autre.",
            )
        return self.cleaned_data


class CharterForm(forms.Form):
    accepted = forms.BooleanField(
        label="J’ai lu cette charte et je m’engage à la respecter",
        error_messages={
            "required": "Cochez la case pour accepter la charte. Sans cet "
            "engagement, Opus ne peut pas vous être ouvert."
        },
    )


class PersonalFields(ModelForm):
    """A personal mailbox and a telephone number."""

    mention = Mention.ACCOUNTS

    class Meta:
        model = User
        fields = ["email", "function", "phone"]
        labels = {
            "email": "Adresse électronique professionnelle",
            "function": "Fonction",
        }
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
    """A new adviser's account; other fields of a request are ignored (S23)."""

    class Meta(PersonalFields.Meta):
        fields = ["last_name", "first_name", "email", "function", "phone"]

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        account = User(role=Role.ADVISER, structure_id=by.structure_id)
        super().__init__(*args, by=by, instance=account, **kwargs)

    def save(self, commit: bool = True) -> tuple[User, str]:
        return actions.open_account(by=self.by, **self.cleaned_data)


class ReasonForm(forms.Form):
    reason = forms.ChoiceField(label="Motif", widget=forms.RadioSelect)
    choices: list[tuple[str, str]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        field.choices = self.choices  # type: ignore[attr-defined]
        field.error_messages["required"] = "Choisissez un motif dans la liste."


class SuspendForm(ReasonForm):
    choices = SuspensionReason.choices


class CloseForm(ReasonForm):
    # An agreement is an RGC's: his account is not the RGC's to close.
    choices = [
        (reason.value, str(reason.label))
        for reason in ClosingReason
        if reason != ClosingReason.WITHDRAWAL
    ]


class AccountChangeForm(PersonalFields):
    def save(self, commit: bool = True, *, new_device: bool = False) -> None:
        """Raise EmailTaken if another account uses the address."""
        actions.change_account(
            self.instance, by=self.by, new_device=new_device, **self.cleaned_data
        )


class LeaveForm(Form):
    mention = Mention.ACCOUNTS

    starts_on = forms.DateField(label="Premier jour d’absence", widget=DateInput)
    ends_on = forms.DateField(
        label="Dernier jour d’absence",
        widget=DateInput,
        help_text="La veille du retour.",
    )
    # An absence that began before the RGC heard of it; one that has an end.
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
    """« Ces personnes travaillent-elles toujours ici ? », for each person."""

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
        """Record the answers; return who left: their accounts are suspended."""
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


@dataclasses.dataclass(frozen=True)
class ImportedRow:
    """The result of one row: an account and its secret, or errors."""

    row: Row
    account: User | None = None
    secret: str = ""
    expires_at: dt.datetime | None = None
    reasons: tuple[str, ...] = ()


class AccountListForm(Form):
    """A CSV file, one person a row."""

    mention = Mention.ACCOUNTS

    file = ListField(account_file.ACCOUNTS)

    @transaction.atomic
    def save(self, *, by: User) -> list[ImportedRow]:
        """A bad row stops no other; a crash undoes all."""
        with audit.gathering() as parts:
            rows = [open_row(row, by=by) for row in self.cleaned_data["file"]]
        opened = sum(1 for row in rows if row.account)
        audit.record(
            audit.Action.ACCOUNTS_IMPORTED,
            by=by,
            details={"rows": len(rows), "opened": opened},
            parts=parts,
        )
        return rows


def open_row(row: Row, *, by: User) -> ImportedRow:
    if row.is_too_long:
        return ImportedRow(row, reasons=(TOO_LONG,))
    email = row.values.get("email", "")
    mine = User.objects.administered_by(by).exclude(state=UserState.CLOSED)
    if email and (account := mine.filter(email__iexact=email).first()):
        reason = f"Cette personne a déjà un compte : {account.identifier}."
        return ImportedRow(row, reasons=(reason,))
    form = AccountForm(row.values, by=by)
    if not form.is_valid():
        return ImportedRow(row, reasons=tuple(reasons_of(form)))
    try:
        account, secret = form.save()
    except MoveRefused as error:
        return ImportedRow(row, reasons=(str(error),))
    except (DataError, IntegrityError):
        return ImportedRow(row, reasons=(UNWRITABLE,))
    access = account.first_accesses.usable().get()
    return ImportedRow(row, account, secret, access.expires_at)
