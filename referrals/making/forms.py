import datetime as dt
from typing import Any

from django import forms

from accounts.users.models import User
from offers.catalogue.models import Offer
from opus.lib.forms.base import Form
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act
from referrals.candidates.models import Candidate
from referrals.making.actions import make


class ConfirmForm(Form):
    """The form's key (R10); each kind adds its fields.

    ``version``: of the offer as shown; without it, the current one. ``until``: the
    last day of the structure's convention.
    """

    HIDDEN = ("key", "version")

    key = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, offer: Offer, until: dt.date | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offer = offer
        self.until = until

    @property
    def details(self) -> dict[str, Any]:
        """Return the fields of this kind, from a valid form."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in self.HIDDEN
        }

    @property
    def typed(self) -> list[tuple[str, str]]:
        """Return what was typed, field by field, if no act can be made."""
        found = []
        for field in self.typed_fields() if self.is_bound else ():
            values = field.value() or []
            for value in values if isinstance(values, list) else [values]:
                choices = dict(getattr(field.field, "choices", ()))
                found.append((str(field.label), str(choices.get(value, value))))
        return found

    def typed_fields(self) -> list[forms.BoundField]:
        return list(self.visible_fields())

    @property
    def draft(self) -> dict[str, Any] | None:
        """Return the same for the preview of the document, None for no preview yet."""
        return self.details if self.is_bound and self.is_valid() else {}

    @property
    def is_confirmed(self) -> bool:
        """Return whether to make the act, or only show it."""
        return True

    def save(self, kind: ActKind, candidate: Candidate, *, by: User) -> Act:
        """Make the act; raises as ``make``."""
        own = {name: self.cleaned_data[name] for name in self.HIDDEN}
        return make(kind, self.offer.pk, candidate.pk, by=by, **own, **self.details)
