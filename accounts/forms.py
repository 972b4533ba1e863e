"""What is typed: to sign in, to prove who one is, to administer accounts."""

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordMixin
from django.core.validators import RegexValidator

from accounts import actions
from accounts.mailboxes import validate_personal
from accounts.models import ClosingReason, Role, SuspensionReason, User
from accounts.passwords import (
    MAX_LENGTH,
    ContextWordsValidator,
    LengthValidator,
)

IDENTIFIER_ATTRS = {
    "autocomplete": "username",
    "autocapitalize": "characters",
    "spellcheck": "false",
}


class LoginForm(forms.Form):
    """The first factor. Pasting is allowed: password managers do (S4)."""

    identifier = forms.CharField(
        label="Identifiant",
        help_text="Il figure sur votre fiche de premier accès, par exemple IDA-7K2F.",
        max_length=40,
        widget=forms.TextInput(attrs=IDENTIFIER_ATTRS),
    )
    password = forms.CharField(
        label="Mot de passe",
        strip=False,
        max_length=MAX_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    """The six digits of the authenticator application."""

    code = forms.CharField(
        label="Code à 6 chiffres",
        help_text="Il s’affiche dans votre application d’authentification, et change "
        "toutes les 30 secondes.",
        max_length=12,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "class": "opus-code",
            }
        ),
    )

    def clean_code(self) -> str:
        """Spaces are how people read a code: they do not count."""
        code = "".join(self.cleaned_data["code"].split())
        if not (code.isascii() and code.isdigit() and len(code) == 6):
            raise forms.ValidationError(
                "Écrivez les 6 chiffres du code, par exemple 123 456."
            )
        return code


class FirstAccessForm(forms.Form):
    """The slip that the RGC handed over (art. 4.2)."""

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
    """Who holds the link: it does not tell the identifier, the other e-mail does."""

    identifier = forms.CharField(
        label="Votre identifiant",
        help_text="Dans l’autre courriel d’Opus, par exemple IDA-7K2F.",
        max_length=40,
        widget=forms.TextInput(attrs=IDENTIFIER_ATTRS),
    )


class ChoosePasswordForm(SetPasswordMixin, forms.Form):
    """A lasting password, chosen by its holder alone (S9)."""

    error_messages = {
        "password_mismatch": "Les deux mots de passe diffèrent : saisissez deux fois "
        "le même."
    }

    password1 = forms.CharField(
        label="Nouveau mot de passe",
        strip=False,
        max_length=MAX_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label="Le même, une seconde fois",
        strip=False,
        max_length=MAX_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

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


class CharterForm(forms.Form):
    """A promise, by a box that is not ticked beforehand."""

    accepted = forms.BooleanField(
        label="J’ai lu cette charte et je m’engage à la respecter",
        error_messages={
            "required": "Cochez la case pour accepter la charte. Sans cet "
            "engagement, Opus ne peut pas vous être ouvert."
        },
    )


class AccountForm(forms.ModelForm):
    """A new adviser's account; what else a forged request holds is ignored (S23)."""

    class Meta:
        model = User
        fields = ["last_name", "first_name", "email", "function", "phone"]
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
        account = User(role=Role.ADVISER, structure_id=by.structure_id)
        super().__init__(*args, instance=account, **kwargs)  # type: ignore[misc]
        self.by = by
        self.fields["email"].validators.append(validate_personal)
        self.fields["phone"].validators.append(
            RegexValidator(
                r"^[0-9 +.]{10,20}$",
                "Écrivez le numéro en chiffres, par exemple 04 65 71 00 00.",
            )
        )

    def save(self, commit: bool = True) -> tuple[User, str]:
        """Open the account.

        Returns:
            It, and the first secret, to be shown once.

        Raises:
            actions.QuotaReached: no seat is left.
        """
        return actions.open_account(by=self.by, **self.cleaned_data)


class ReasonForm(forms.Form):
    """A coded reason: nothing is written about the person."""

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
