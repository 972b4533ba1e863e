"""Forms that mark a refused text; a tick confirms (V2)."""

from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.html import format_html
from django.utils.safestring import SafeString

from opus.lib.forms.fields import NameFormField
from opus.lib.text_guard import answers, counts
from opus.lib.text_guard.places import field_at

# The rule beside each field of prose (V1).
RULE = (
    "Écrivez des faits utiles, objectifs\u00a0; toute personne dont un texte parle "
    "peut demander à le lire."
)
LONGEST_NOTE = 300
SUFFIX = "-passage"


class TypedText(str):
    tick = ""
    is_of_writer = False


def tick_of(place: str, text: str) -> str:
    return salted_hmac(
        "opus.lib.text_guard", f"{place}\0{text}", algorithm="sha256"
    ).hexdigest()


class GuardedBoundField(forms.BoundField):
    field: "GuardedFormField"

    @property
    def data(self) -> Any:
        value = super().data
        if not isinstance(value, str):
            return value
        typed = TypedText(value)
        typed.tick = self.form.data.get(f"{self.html_name}{SUFFIX}", "")
        # Authors may mention their own health (V3).
        typed.is_of_writer = getattr(self.form, "is_of_writer", False)
        return typed

    def as_widget(self, *args: Any, **kwargs: Any) -> SafeString:
        widget = super().as_widget(*args, **kwargs)
        if not any(
            isinstance(error, answers.GuardedTextError)
            for error in self.errors.as_data()
        ):
            return widget
        return format_html("{}{}", widget, self.answer())

    def answer(self) -> str:
        """Return the marked text, and the tick if allowed."""
        text = str(self.field.to_python(self.value()))
        findings = self.field.guarded.look(text)
        context = {
            "field": self,
            "marked": answers.marked(text, findings),
            "may_pass": self.field.guarded.may_pass(findings),
            "name": f"{self.html_name}{SUFFIX}",
            "tick": tick_of(self.field.place, text),
            "label": answers.NOT_A_PERSON,
        }
        return render_to_string("forms/text_guard.html", context)


class GuardedFormField(forms.CharField):
    """A short text, for the model's field ``place`` (``support.ticket.subject``)."""

    def __init__(self, *, place: str, **kwargs: Any) -> None:
        self.place = place
        super().__init__(**kwargs)

    @property
    def guarded(self) -> Any:
        return field_at(self.place)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> Any:
        return GuardedBoundField(form, self, field_name)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text or not (findings := self.guarded.look(text)):
            return text
        if isinstance(value, TypedText) and self.guarded.may_pass(findings):
            if value.is_of_writer:
                counts.allow(self.place, text)
            elif constant_time_compare(value.tick, tick_of(self.place, text)):
                categories = {one.category for one in findings}
                counts.allow(self.place, text, categories)
        self.guarded.check_text(text, forms.ValidationError)
        return text


class GuardedNameFormField(GuardedFormField, NameFormField):
    pass


class NoteFormField(GuardedFormField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST_NOTE)
        kwargs.setdefault("help_text", RULE)
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 4}))
        super().__init__(**kwargs)
