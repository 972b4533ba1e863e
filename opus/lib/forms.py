"""What the forms of Opus share: messages that say what to do, and a date widget.

Their markup is in ``templates/django/forms/field.html``.
"""

from typing import Any
from uuid import UUID

from django import forms
from django.forms.widgets import ChoiceWidget

from opus.lib.bounds import validate_year
from opus.lib.edit_forms import EditForm
from opus.lib.mentions import Mention

# Widgets where one chooses rather than types.
CHOICE_WIDGETS = (ChoiceWidget, forms.FileInput)


class DateInput(forms.DateInput):
    """The browser's own date field, which speaks ISO whatever the language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class ClearMessages(forms.BaseForm):
    """Mixin: a missing answer is asked for by its name, not by "this field" (A5).

    A day is of a year that somebody may mean. A list that must be answered begins with
    no answer: what nobody chose reaches no letter.

    ``all_optional = True`` marks a form without any required field, such as a search:
    its labels then do not say "facultatif" one by one. ``mention`` is what the person
    is told where a form collects data about somebody (V15).
    """

    all_optional = False
    mention: Mention | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if field.error_messages.get("required") == DEFAULT_REQUIRED:
                label = field.label or name.replace("_", " ").capitalize()
                field.error_messages["required"] = missing(str(label), field.widget)
            if answers_by_itself(field) and name not in self.initial:
                choices: Any = field
                choices.choices = [NO_CHOICE, *choices.choices]
            if isinstance(field, forms.DateField | forms.DateTimeField):
                field.validators.append(validate_year)


NO_CHOICE = ("", "---------")
DEFAULT_REQUIRED = forms.Field.default_error_messages["required"]


def missing(label: str, widget: forms.Widget) -> str:
    """The sentence that asks for an answer."""
    if isinstance(widget, forms.CheckboxInput):
        return f"Cochez « {label} » pour continuer."
    if isinstance(widget, CHOICE_WIDGETS):
        return f"Choisissez une réponse à « {label} »."
    return f"Remplissez « {label} »."


def answers_by_itself(field: forms.Field) -> bool:
    """Whether a list that must be answered would answer its first choice by itself."""
    if type(field) is not forms.ChoiceField or type(field.widget) is not forms.Select:
        return False
    choices: Any = field.choices
    values = [value for value, _ in choices]
    return field.required and not field.initial and "" not in values


class Form(ClearMessages, forms.Form):
    """The base of Opus's forms."""


class ModelForm(EditForm, ClearMessages, forms.ModelForm):
    """The base of Opus's forms over a model: it overwrites nobody's change."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.edit(self.instance)


def as_uuid(text: str) -> UUID | None:
    """Return the UUID that a text is, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None
