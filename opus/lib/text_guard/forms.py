"""The guard in forms: the text comes back marked, and a warning may be passed (V2).

A warning has one tick, whose value is a digest of that very text in that field: another
text is read again.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.html import format_html
from django.utils.safestring import SafeString

from opus.lib.fields import NameFormField
from opus.lib.text_guard import answers, counts
from opus.lib.text_guard.places import field_at

# The rule in view beside each field of prose (V1).
RULE = (
    "Écrivez des faits utiles, objectifs\u00a0; toute personne dont un texte parle "
    "peut demander à le lire."
)
LONGEST_NOTE = 300
SUFFIX = "-passage"


class TypedText(str):
    """A text as it was posted, with the tick that came with it."""

    tick = ""
    is_of_writer = False


def tick_of(place: str, text: str) -> str:
    """Return the value of the tick that lets this text pass in that field."""
    return salted_hmac(
        "opus.lib.text_guard", f"{place}\0{text}", algorithm="sha256"
    ).hexdigest()


class GuardedBoundField(forms.BoundField):
    """A guarded field with what was typed: after a refusal, its words are marked."""

    field: GuardedFormField

    @property
    def data(self) -> Any:
        value = super().data
        if not isinstance(value, str):
            return value
        typed = TypedText(value)
        typed.tick = self.form.data.get(f"{self.html_name}{SUFFIX}", "")
        # Its author may speak of his own health (V3).
        typed.is_of_writer = getattr(self.form, "is_of_writer", False)
        return typed

    def as_widget(self, *args: Any, **kwargs: Any) -> SafeString:
        """Return the field, then the passages to reword, if there are any."""
        widget = super().as_widget(*args, **kwargs)
        if not any(
            isinstance(error, answers.GuardedTextError)
            for error in self.errors.as_data()
        ):
            return widget
        return format_html("{}{}", widget, self.answer())

    def answer(self) -> str:
        """Return the text with its words marked, and the tick if it may pass."""
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
    """A short text: it comes back marked if it speaks of what it must not.

    Args:
        place: the field of the model that it becomes, such as
            ``desk.ticket.subject``: it says what the text may hold, and what counts
            and findings call it.
    """

    def __init__(self, *, place: str, **kwargs: Any) -> None:
        self.place = place
        super().__init__(**kwargs)

    @property
    def guarded(self) -> Any:
        """The field of the model."""
        return field_at(self.place)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> Any:
        return GuardedBoundField(form, self, field_name)

    def clean(self, value: Any) -> Any:
        """Check the text; what its author may write, or passed, is let through."""
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
    """A person's name."""


class NoteFormField(GuardedFormField):
    """A note, with its rule beside it (V1)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST_NOTE)
        kwargs.setdefault("help_text", RULE)
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 4}))
        super().__init__(**kwargs)
