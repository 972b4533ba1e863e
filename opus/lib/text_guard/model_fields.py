"""Model fields for typed texts, checked before storage (V1).

The guard is a validator; a text that was not validated is refused at the write.
Migrations see ``CharField``.
"""

import enum
from collections.abc import Callable, Collection
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from opus.lib.forms.fields import NameField
from opus.lib.text_guard import answers, counts
from opus.lib.text_guard.categories import IDENTIFIERS, Category
from opus.lib.text_guard.form_fields import (
    LONGEST_NOTE,
    RULE,
    GuardedFormField,
    GuardedNameFormField,
)
from opus.lib.text_guard.guard import Finding, look, look_in_name

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
        if findings and not counts.is_allowed(self.place, value):
            counts.refuse(self.place, {one.category for one in findings})
            raise error(answers.errors(findings, may_pass=self.may_pass(findings)))

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

    def formfield(self, **kwargs: Any) -> Any:
        widget = forms.Textarea(attrs={"rows": 4})
        return super().formfield(**{"widget": widget, **kwargs})


def no_digits(*names: str) -> Q:
    return Q(*(~Q(**{f"{name}__regex": r"\d"}) for name in names))
