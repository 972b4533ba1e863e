"""The forms of admin pages: a row's, a button's, and the box that proposes rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

from opus.lib.audit.journal import Action
from opus.lib.forms.base import DateInput, Form, ModelForm


class ChangeForm(ModelForm):
    also_checks: ClassVar[tuple[str, ...]] = ()

    def validate_constraints(self) -> None:
        excluded = {
            field.name
            for field in self.instance._meta.fields
            if field.name not in self.cleaned_data
            and (field.name in self.fields or field.name not in self.also_checks)
        }
        try:
            self.instance.validate_constraints(exclude=excluded)
        except ValidationError as error:
            self.add_error(None, error)


class InstantInput(forms.DateTimeInput):
    """To the minute, in Paris time."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


# The ``formfield_overrides`` of an admin with instants.
OVERRIDES: dict[Any, Any] = {
    models.DateField: {"widget": DateInput},
    models.DateTimeField: {"form_class": forms.DateTimeField, "widget": InstantInput},
}


class AdminActionForm(Form):
    """A button's form; ``act`` gets object, ``by`` and fields."""

    act: ClassVar[Callable[..., Any]]
    # The template of what is read before the fields, and why there is no button.
    above: ClassVar[str] = ""
    refusal = ""

    def __init__(self, *args: Any, instance: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance = instance

    def save(self, *, by: Any) -> Any:
        return type(self).act(self.instance, by=by, **self.cleaned_data)

    def audit_details(self) -> dict[str, Any]:
        return {}


def confirming(
    act: Callable[..., Any],
    form: type[AdminActionForm] = AdminActionForm,
    **fields: Any,
) -> type[AdminActionForm]:
    """Return the form of an action, with these fields."""
    own = {"act": staticmethod(act), "__module__": __name__}
    return type("ConfirmForm", (form,), {**own, **fields})


@dataclass(frozen=True)
class AdminAction:
    slug: str
    label: str
    question: str
    done: str
    form: type[AdminActionForm]
    # Whether the user sees the button on this object's page.
    is_open: Callable[[Any, Any], bool]
    # None if the action called writes the entry itself.
    action: Action | None = None
    is_grave: bool = False
    # Whether its form stands on the object's page: one click less.
    is_inline: bool = False
    # The reason if the user may not, though the state allows it; else empty.
    why_not: Callable[[Any, Any], str] = lambda instance, user: ""


def leads_to(target: str) -> Callable[[Any, Any], bool]:
    """Return a button's condition: the moves allow it."""
    return lambda instance, user: instance.can_move_to(target)


# As many as one reads at a glance.
MOST_CHOICES = 8
# Between the name and the code of a row.
SIGN = " · "


class SuggestInput(forms.TextInput):
    template_name = "forms/widgets/suggest.html"

    def __init__(self, label: str) -> None:
        attrs = {"autocomplete": "off", "spellcheck": "false", "class": "vTextField"}
        super().__init__(attrs)
        self.label = label

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["url"] = reverse("admin:suggestions", args=[self.label])
        return context

    class Media:
        js = ("js/combobox.js",)


class SuggestField(forms.ModelChoiceField):
    """A row by its code, its number, or words that only it has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        model = kwargs["queryset"].model
        self.pages: Any = admin.site.get_model_admin(model)
        kwargs["widget"] = SuggestInput(model._meta.label_lower)
        kwargs["help_text"] = kwargs.get("help_text") or self.pages.search_help_text
        super().__init__(*args, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, models.Model):
            return self.pages.suggestion_of(value)
        if value in self.empty_values or not isinstance(value, int | str):
            return value
        row = self.by_code(str(value))
        return self.pages.suggestion_of(row) if row else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            row = self.to_python(data)
        except ValidationError:
            return True
        before = initial.pk if isinstance(initial, models.Model) else initial
        return str(row.pk if row else "") != str(before or "")

    def to_python(self, value: Any) -> Any:
        """Return the row. Raises ValidationError: none, or several."""
        if value in self.empty_values:
            return None
        if isinstance(value, models.Model):
            value = value.pk
        # PostgreSQL stores no NUL, and refuses to look for one.
        typed = str(value).replace("\0", "").strip()
        if row := self.by_code(typed.rpartition(SIGN)[2]):
            return row
        found = list(self.pages.suggested(self.queryset, typed)[: MOST_CHOICES + 1])
        if len(found) == 1:
            return found[0]
        raise ValidationError(self.why_not(typed, found), code="invalid_choice")

    def by_code(self, code: str) -> Any:
        """Return the only row of that code, or else of that key."""
        if "\0" in code:
            return None
        possible: Any = self.queryset
        for name in (*self.pages.suggested_by, "pk"):
            try:
                rows = list(possible.filter(**{name: code})[:2])
            except (ValueError, TypeError):
                continue
            if len(rows) == 1:
                return rows[0]
        return None

    def why_not(self, typed: str, found: Iterable[Any]) -> str:
        labels = [self.pages.suggestion_of(row) for row in found]
        if not labels:
            return (
                f"Rien ne répond à «\xa0{typed}\xa0»\xa0: écrivez un code, un numéro "
                "ou un autre mot du nom."
            )
        several = "\xa0; ".join(labels[:MOST_CHOICES])
        return f"Plusieurs répondent\xa0: {several}. Recopiez la ligne voulue."
