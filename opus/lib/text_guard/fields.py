"""Fields for typed texts: the guard reads them before storage (V1, V2, V4).

In a model the guard is a validator; a text that was not validated is refused at the
write. Migrations see ``CharField``. A form marks the refused text; a tick confirms.
"""

import contextvars
import enum
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django import forms
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from opus.lib.forms.fields import NameField, NameFormField
from opus.lib.text_guard.guard import Finding, look, look_in_name
from opus.lib.text_guard.rules import HINTS, IDENTIFIERS, SUBJECTS, Category


@dataclass
class Counted:
    refused: set[tuple[str, Category]] = field(default_factory=set)
    passed: set[tuple[str, Category]] = field(default_factory=set)
    allowed: set[tuple[str, str]] = field(default_factory=set)


_counted = contextvars.ContextVar[Counted]("text_guard_counted")


def refuse(place: str, categories: Iterable[Category]) -> None:
    """Count a refusal in that field, once per request."""
    if counted := _counted.get(None):
        counted.refused |= {(place, category) for category in categories}


def allow(place: str, text: str, categories: Iterable[Category] = ()) -> None:
    if counted := _counted.get(None):
        counted.allowed.add((place, text))
        counted.passed |= {(place, category) for category in categories}


def is_allowed(place: str, text: str) -> bool:
    counted = _counted.get(None)
    return counted is not None and (place, text) in counted.allowed


@contextmanager
def counting() -> Iterator[Counted]:
    token = _counted.set(Counted())
    try:
        yield _counted.get()
    finally:
        _counted.reset(token)


CODE = "text_guard"
NOT_A_PERSON = "Ce passage ne décrit pas la situation d’une personne"


class GuardedTextError(ValidationError):
    """A refused text: subject, reason and remedy (V2), none of its words."""

    def __init__(self, category: Category, *, may_pass: bool) -> None:
        if category not in SUBJECTS:
            found = f"Ce texte contient {category.label}"
        elif category == Category.INSULT:
            found = f"Ce texte semble contenir {category.label}"
        else:
            found = f"Ce texte semble évoquer {category.label} (art.\u00a09.1)"
        text = f"{found}\u00a0: rien n’est enregistré. {HINTS[category]}"
        if may_pass:
            text = (
                f"{found}\u00a0: rien n’est encore enregistré. Reformulez, ou cochez "
                "la case sous le champ s’il ne décrit pas la situation d’une personne."
            )
        super().__init__(text, code=CODE)


def errors(findings: Sequence[Finding], *, may_pass: bool) -> list[ValidationError]:
    categories = dict.fromkeys(finding.category for finding in findings)
    return [GuardedTextError(category, may_pass=may_pass) for category in categories]


def marked(text: str, findings: Iterable[Finding]) -> SafeString:
    """Return the text as HTML, what was found in ``<mark>``."""
    parts: list[tuple[str, str]] = []
    at = 0
    for finding in sorted(findings):
        start = max(finding.start, at)
        if finding.end > start:
            parts.append((text[at:start], text[start : finding.end]))
            at = finding.end
    return format_html(
        "{}{}", format_html_join("", "{}<mark>{}</mark>", parts), text[at:]
    )


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
            isinstance(error, GuardedTextError) for error in self.errors.as_data()
        ):
            return widget
        # The marked text, and the tick if allowed.
        text = str(self.field.to_python(self.value()))
        findings = self.field.guarded.look(text)
        context = {
            "field": self,
            "marked": marked(text, findings),
            "may_pass": self.field.guarded.may_pass(findings),
            "name": f"{self.html_name}{SUFFIX}",
            "tick": tick_of(self.field.place, text),
            "label": NOT_A_PERSON,
        }
        answer = render_to_string("forms/text_guard.html", context)
        return format_html("{}{}", widget, answer)


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
                allow(self.place, text)
            elif constant_time_compare(value.tick, tick_of(self.place, text)):
                categories = {one.category for one in findings}
                allow(self.place, text, categories)
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


NO_DIGIT = "Un nom ne contient pas de chiffre."
validate_no_digit = RegexValidator(r"^\D*\Z", NO_DIGIT)


class About(enum.Enum):
    # One person: everything is refused.
    PERSON = enum.auto()
    # The service: a subject is a warning, which the author may confirm.
    SERVICE = enum.auto()


class UnreadTextRefused(ValidationError):
    """A text that no form has validated."""


class Guarded(models.Field):
    """Base of the guarded fields.

    ``allows``: what the field is for, such as a telephone number. ``known`` returns the
    length of an official name at the beginning, never refused. ``is_confidential``: the
    writer stays unnamed in the counts too.
    """

    plain_path: ClassVar[str]
    form_class: ClassVar[type[GuardedFormField]] = GuardedFormField

    def __init__(
        self,
        *args: Any,
        about: About = About.PERSON,
        allows: Collection[Category] = (),
        known: Callable[[str], int] | None = None,
        is_confidential: bool = False,
        **kwargs: Any,
    ) -> None:
        self.about = about
        self.allows = frozenset(allows)
        self.known = known
        self.is_confidential = is_confidential
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, _, args, kwargs = super().deconstruct()
        return name, self.plain_path, args, kwargs

    @property
    def place(self) -> str:
        return f"{self.model._meta.label_lower}.{self.name}"

    def look(self, text: str) -> list[Finding]:
        found = [one for one in self.read(text) if one.category not in self.allows]
        if found and self.known:
            known = self.known(text)
            found = [one for one in found if one.end > known]
        return found

    def read(self, text: str) -> list[Finding]:
        return look(text)

    def may_pass(self, findings: Collection[Finding]) -> bool:
        """Return whether the author may confirm them (V6)."""
        has_identifier = any(one.category in IDENTIFIERS for one in findings)
        return self.about == About.SERVICE and not has_identifier

    def never_passes(self, text: str) -> set[Category]:
        found = {one.category for one in self.look(text)}
        return found if self.about == About.PERSON else found & {*IDENTIFIERS}

    def run_validators(self, value: Any) -> None:
        super().run_validators(value)
        self.check_text(value, ValidationError)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        if isinstance(value, str) and self.look(value):
            rows = type(model_instance)._base_manager.filter(pk=model_instance.pk)
            # The rescan checks texts of older rules.
            if add or not rows.filter(**{self.attname: value}).exists():
                self.check_text(value, UnreadTextRefused)
        return value

    def check_text(self, value: Any, error: type[ValidationError]) -> None:
        """Raise and count forbidden subjects, unless a form allowed them."""
        if not isinstance(value, str) or not value:
            return
        findings = self.look(value)
        if findings and not is_allowed(self.place, value):
            refuse(self.place, {one.category for one in findings})
            raise error(errors(findings, may_pass=self.may_pass(findings)))

    def formfield(self, **kwargs: Any) -> Any:
        kwargs = {"form_class": self.form_class, "place": self.place, **kwargs}
        return super().formfield(**kwargs)


class GuardedCharField(Guarded, models.CharField):
    plain_path = "django.db.models.CharField"


class GuardedNameField(Guarded, NameField):
    """A person's name, without digits."""

    plain_path = "django.db.models.CharField"
    form_class = GuardedNameFormField
    default_validators = [validate_no_digit]

    def read(self, text: str) -> list[Finding]:
        return look_in_name(text)


class GuardedTextField(Guarded, models.TextField):
    """A long text that the convention requires: minutes, a request."""

    plain_path = "django.db.models.TextField"

    def formfield(self, **kwargs: Any) -> Any:
        help_text = f"{RULE} {self.help_text}".strip()
        return super().formfield(**{"help_text": help_text, **kwargs})


class NoteField(GuardedCharField):
    """A note of 300 characters, with its rule (V1)."""

    form_class = NoteFormField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST_NOTE)
        kwargs.setdefault("help_text", RULE)
        if kwargs["max_length"] > LONGEST_NOTE:
            raise ValueError(f"A note has {LONGEST_NOTE} signs at most (V1).")
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        # Migrations ignore labels.
        kwargs.pop("help_text", None)
        return name, path, args, kwargs


def no_digits(*names: str) -> Q:
    return Q(*(~Q(**{f"{name}__regex": r"\d"}) for name in names))


def place_label(place: str) -> str:
    try:
        field = field_at(place)
    except (LookupError, FieldDoesNotExist):
        return place
    return capfirst(f"{field.model._meta.verbose_name}, {field.verbose_name}")


def field_at(place: str) -> Any:
    """Return the guarded field of ``app.model.field``."""
    model, _, name = place.rpartition(".")
    return apps.get_model(model)._meta.get_field(name)
