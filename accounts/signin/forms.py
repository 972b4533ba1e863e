import itertools
from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordMixin

from accounts.signin.access import CountedForm
from accounts.signin.models import BACKUP_LENGTH, Passkey, TotpDevice
from accounts.signin.passwords import MAX_LENGTH, LengthValidator
from accounts.users.models import User
from opus.lib.text_guard.fields import GuardedFormField

IDENTIFIER_ATTRS = {
    "autocomplete": "username",
    "autocapitalize": "characters",
    "spellcheck": "false",
}


def identifier_field(help_text: str, label: str = "Identifiant") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=40,
        widget=forms.TextInput(attrs=IDENTIFIER_ATTRS),
    )


def password_field(label: str, autocomplete: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        max_length=MAX_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


class LoginForm(CountedForm):
    """Sign-in form; pasting works, for password managers (S4)."""

    identifier = identifier_field(
        "Il figure sur votre fiche de premier accès, par exemple IDA-7K2F. Majuscules, "
        "espaces et tiret ne comptent pas."
    )
    password = password_field("Mot de passe", "current-password")


class CodeForm(CountedForm):
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
        """Default to the kind of factor, numbered if needed."""
        if name := self.cleaned_data["name"]:
            if name in self.taken:
                raise forms.ValidationError(
                    f"Vous avez déjà un second facteur nommé « {name} » : choisissez "
                    "un autre nom."
                )
            return str(name)
        kind = self.model.KIND
        names = (f"{kind} {n}" if n > 1 else kind for n in itertools.count(1))
        return next(name for name in names if name not in self.taken)


class ApplicationForm(FactorNameMixin, CodeForm):
    model = TotpDevice
    field_order = ("code", "name")


class PasskeyForm(CountedForm):
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
        # Otherwise two forms of the page would have the same ids.
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


class FirstAccessForm(CountedForm):
    identifier = identifier_field("En haut de votre fiche, par exemple IDA-7K2F.")
    secret = forms.CharField(
        label="Code de premier accès",
        help_text="Quatre groupes de cinq lettres ou chiffres. Majuscules, espaces et "
        "tirets ne comptent pas.",
        max_length=60,
        widget=forms.TextInput(attrs={**IDENTIFIER_ATTRS, "autocomplete": "off"}),
    )


class ActivationForm(CountedForm):
    identifier = identifier_field(
        "Dans l’autre courriel d’Opus, par exemple IDA-7K2F.", "Votre identifiant"
    )


class ForgottenForm(CountedForm):
    who = forms.CharField(
        label="Identifiant ou courriel",
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
            "Évitez les mots que l’on devine\xa0: Opus, France Travail, le nom de "
            "votre structure ou de votre commune, le vôtre, le mois et l’année."
        )

    def clean(self) -> dict[str, Any]:
        self.validate_passwords()
        self.validate_password_for_user(self.user, "password1")
        return self.cleaned_data


class ChangePasswordForm(ChoosePasswordForm, CountedForm):
    old_password = password_field("Mot de passe actuel", "current-password")
    field_order = ("old_password", "password1", "password2")

    def clean(self) -> dict[str, Any]:
        super().clean()
        old = self.cleaned_data.get("old_password")
        if old and old == self.cleaned_data.get("password1"):
            self.add_error(
                "password1", "C’est votre mot de passe actuel : choisissez-en un autre."
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
