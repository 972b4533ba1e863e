"""The fields of models that a person fills with words: none is stored unread (V1, V2).

The guard is part of the field, so that no form, import or admin page can forget it: it
is a validator, and what nobody validated is refused as it is written. Migrations see
Django's own ``CharField``.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

from django import forms
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models

from opus.lib.wording import guard, messages, refusals
from opus.lib.wording.families import Family

# The rule in view beside each field of prose (V1).
RULE = (
    "Écrivez des faits utiles, objectifs\u00a0; toute personne dont un texte parle "
    "peut demander à le lire."
)
LONGEST_NOTE = 300


class WordingRefused(ValidationError):
    """A text came to the database unread by any form, and is not written."""


class Guarded(models.Field):
    """What the fields below share: the guard reads them before they are stored.

    Args:
        allows: what the field is there for, such as a telephone number.
        is_label: it names a thing, a function or a place, and holds no sentence.
    """

    plain_path: ClassVar[str]

    def __init__(
        self,
        *args: Any,
        allows: Collection[Family] = (),
        is_label: bool = False,
        **kwargs: Any,
    ) -> None:
        self.allows = frozenset(allows)
        self.is_label = is_label
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, _, args, kwargs = super().deconstruct()
        return name, self.plain_path, args, kwargs

    @property
    def label_of_place(self) -> str:
        """What counts and findings call the field: ``referrals.savedsearch.name``."""
        return f"{self.model._meta.label_lower}.{self.name}"

    def families_in(self, text: str) -> list[Family]:
        """What a text of this field speaks of and must not."""
        return guard.families_of(text, allows=self.allows, is_label=self.is_label)

    def run_validators(self, value: Any) -> None:
        super().run_validators(value)
        self.refuse(value, ValidationError)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """The last line: a text that is not there yet is read as it is written."""
        value = super().pre_save(model_instance, add)
        if isinstance(value, str) and self.families_in(value):
            rows = type(model_instance)._base_manager.filter(pk=model_instance.pk)
            # What an older version of the rules let in is the rescan's business.
            if add or not rows.filter(**{self.attname: value}).exists():
                self.refuse(value, WordingRefused)
        return value

    def refuse(self, value: Any, error: type[ValidationError]) -> None:
        """Raise what the text speaks of, and count it."""
        if not isinstance(value, str) or not value:
            return
        if families := self.families_in(value):
            refusals.tell(self.label_of_place, families)
            raise error(messages.sentences(families, self.label_of_place))


class GuardedCharField(Guarded, models.CharField):
    """A short text that a person types: a name of a search, a function, a place."""

    plain_path = "django.db.models.CharField"


class GuardedTextField(Guarded, models.TextField):
    """A text that is long because the convention asks for it: minutes, a request."""

    plain_path = "django.db.models.TextField"

    def formfield(self, **kwargs: Any) -> Any:
        """With the rule beside it, before what the field says of itself."""
        told = f"{RULE} {self.help_text}".strip()
        return super().formfield(**{"help_text": told, **kwargs})


class NoteField(GuardedCharField):
    """A note: the exception, of 300 signs at most, with its rule beside it (V1)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST_NOTE)
        kwargs.setdefault("help_text", RULE)
        if kwargs["max_length"] > LONGEST_NOTE:
            raise ValueError(f"A note has {LONGEST_NOTE} signs at most (V1).")
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        # Words of the screen are no state of the database.
        kwargs.pop("help_text", None)
        return name, path, args, kwargs

    def formfield(self, **kwargs: Any) -> Any:
        widget = forms.Textarea(attrs={"rows": 4})
        return super().formfield(**{"widget": widget, **kwargs})


def families_in(place: str, text: str) -> list[Family]:
    """What a text of the field of that name speaks of and must not.

    Raises:
        LookupError: there is no such field.
    """
    model, _, name = place.rpartition(".")
    try:
        field = apps.get_model(model)._meta.get_field(name)
    except (ValueError, FieldDoesNotExist) as error:
        raise LookupError(place) from error
    is_guarded = isinstance(field, Guarded)
    return field.families_in(text) if is_guarded else guard.families_of(text)
