import re
from typing import Any
from uuid import UUID

from django import forms
from django.forms.widgets import ChoiceWidget
from django.utils import timezone

from opus.lib.dates import validate_year
from opus.lib.forms.edit_forms import EditForm
from opus.lib.privacy.privacy_notices import PrivacyNotice

# As many digits as a bigint surely holds; int() refuses digits without end.
ROW_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
# Boxes of which any number is an answer.
BOXES = forms.CheckboxSelectMultiple
# Widgets in which nothing is typed.
CHOICE_WIDGETS = (ChoiceWidget, forms.FileInput)


class DateInput(forms.DateInput):
    """The browser's date field, which sends ISO in every language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


def day_field(
    label: str, initial: Any = timezone.localdate, **options: Any
) -> forms.DateField:
    """Return the field of a day, today at first."""
    return forms.DateField(label=label, initial=initial, widget=DateInput, **options)


class ClearMessages(forms.BaseForm):
    """Mixin: messages name the missing answer; lists have no default.

    ``all_optional``: labels do not say "facultatif". ``privacy_notice``: for a
    form about persons (V15).
    """

    all_optional = False
    privacy_notice: PrivacyNotice | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if field.error_messages.get("required") == DEFAULT_REQUIRED:
                label = field.label or name.replace("_", " ").capitalize()
                field.error_messages["required"] = missing(str(label), field.widget)
            if isinstance(field, forms.IntegerField):
                say_bounds(field, name)
            if answers_by_itself(field) and name not in self.initial:
                choices: Any = field
                choices.choices = [NO_CHOICE, *choices.choices]
            if isinstance(field, forms.DateField | forms.DateTimeField):
                field.validators.append(validate_year)

    @property
    def required_words(self) -> str:
        """Return which fields are required, if most are not."""
        typed = [
            field
            for field in self.fields.values()
            if not (field.widget.is_hidden or isinstance(field.widget, BOXES))
        ]
        labels = [str(field.label) for field in typed if field.required]
        if self.all_optional or not labels or len(labels) * 2 >= len(typed):
            return ""
        words = ", ".join(label[:1].lower() + label[1:] for label in labels)
        s = "s" * (len(labels) > 1)
        return f"Champ{s} obligatoire{s}\xa0: {words}."


NO_CHOICE = ("", "---------")
DEFAULT_REQUIRED = forms.Field.default_error_messages["required"]


def say_bounds(field: forms.IntegerField, name: str) -> None:
    """Word the bounds of a number, the model's as well."""
    label = str(field.label or name).replace("%", "%%")
    field.error_messages["min_value"] = f"« {label} » : %(limit_value)s au moins."
    field.error_messages["max_value"] = f"« {label} » : %(limit_value)s au plus."


def missing(label: str, widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput):
        return f"Cochez « {label} » pour continuer."
    if isinstance(widget, CHOICE_WIDGETS):
        return f"Choisissez une réponse à « {label} »."
    return f"Remplissez « {label} »."


def answers_by_itself(field: forms.Field) -> bool:
    """Return whether a required list would select its first choice."""
    if type(field) is not forms.ChoiceField or type(field.widget) is not forms.Select:
        return False
    choices: Any = field.choices
    values = [value for value, _ in choices]
    return field.required and not field.initial and "" not in values


class Form(ClearMessages, forms.Form):
    pass


class ModelForm(EditForm, ClearMessages, forms.ModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.edit(self.instance)


def as_number(text: str) -> int | None:
    """Return the number of a row; None if no row can have it."""
    return int(text) if ROW_NUMBER.fullmatch(text) else None


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
