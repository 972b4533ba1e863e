"""The form of a structure: France Travail never types an INSEE code."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import pluralize
from django.urls import reverse_lazy

from accounts.structures.communes import communes_at, has_postcode, name_of, official
from opus.lib.forms.fields import SiretFormField
from opus.lib.model_admin.forms import ChangeForm

SEND_AGAIN = "Tapez le code postal : Opus propose ensuite ses communes."


class StructureForm(ChangeForm):
    siret = SiretFormField(
        label="SIRET",
        help_text="14 chiffres, avec ou sans espaces.",
        error_messages={"unique": "Une autre structure a déjà ce SIRET."},
    )
    commune_code = forms.ChoiceField(
        label="Commune",
        required=False,
        help_text="Dans la liste officielle, d’après le code postal.",
        error_messages={
            "invalid_choice": "Cette commune n’a pas ce code postal : choisissez-la "
            "dans la liste."
        },
    )

    class Meta:
        help_texts = {"agency": "Elle examine les candidatures et suit la convention."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        postcode = self.instance.postcode
        if self.is_bound:
            postcode = self.data.get(self.add_prefix("postcode"), "").strip()
        self.communes = communes_at(postcode) if postcode else []
        self.is_exact = any(has_postcode(one, postcode) for one in self.communes)
        field: Any = self.fields.get("commune_code")
        if field:
            field.choices = [("", "Choisir une commune"), *self.choices()]
            url = reverse_lazy("admin:accounts_structure_communes")
            field.widget.attrs["data-communes"] = url

    def choices(self) -> list[tuple[str, str]]:
        """Return those of the postcode, and the present one."""
        found = [(one.code, name_of(one)) for one in self.communes]
        present = official().filter(code=self.instance.commune_code).first()
        if present and present not in self.communes:
            found.append((present.code, name_of(present)))
        return found

    def clean_commune_code(self) -> str:
        """Return the code; the only commune of a postcode is chosen by itself."""
        code: str = self.cleaned_data["commune_code"]
        if code:
            return code
        if self.is_exact and len(self.communes) == 1:
            return self.communes[0].code
        raise ValidationError(self.why_none())

    def why_none(self) -> str:
        postcode = self.data.get(self.add_prefix("postcode"), "").strip()
        number = len(self.communes)
        if self.is_exact:
            return (
                f"Choisissez la commune : {number} commune{pluralize(number)} ont le "
                f"code postal {postcode}."
            )
        if number:
            return (
                f"Aucune commune n’a le code postal {postcode}, c’est peut-être un "
                "CEDEX : choisissez-la dans la liste du département."
            )
        return SEND_AGAIN

    def clean(self) -> dict[str, Any]:
        """Write the town's name from the list."""
        cleaned: dict[str, Any] = super().clean()
        code = cleaned.get("commune_code")
        if code and code != self.initial.get("commune_code"):
            self.instance.city = name_of(official().get(code=code))
        return cleaned
