"""The same guard for a field of a form that no field of a model stands behind (V2)."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from opus.lib.wording import fields, messages, refusals
from opus.lib.wording.fields import LONGEST_NOTE, RULE


class GuardedFormField(forms.CharField):
    """A short text: refused with its subject where it speaks of one.

    Args:
        place: the field of the model that it becomes, such as
            ``referrals.savedsearch.name``: it says what the text may hold, and what
            counts and findings call it.
    """

    def __init__(self, *, place: str, **kwargs: Any) -> None:
        self.place = place
        super().__init__(**kwargs)

    def run_validators(self, value: Any) -> None:
        super().run_validators(value)
        if value and (families := fields.families_in(self.place, value)):
            refusals.tell(self.place, families)
            raise ValidationError(messages.sentences(families, self.place))


class NoteFormField(GuardedFormField):
    """A note, with its rule beside it (V1)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST_NOTE)
        kwargs.setdefault("help_text", RULE)
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 4}))
        super().__init__(**kwargs)
