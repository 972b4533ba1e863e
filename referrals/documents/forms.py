from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.users.models.users import User
from opus.lib.forms.base import Form, as_uuid
from referrals.documents import actions
from referrals.documents.models import PrintJob


class PrintForm(Form):
    """The acts ticked, and the form's own key (R10)."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        ticked = self.data.getlist("acte") if hasattr(self.data, "getlist") else []
        acts = list(dict.fromkeys(filter(None, map(as_uuid, ticked))))
        if not acts:
            raise ValidationError("Cochez une proposition au moins.")
        return cleaned | {"acts": acts}

    def save(self, *, by: User) -> PrintJob:
        acts, key = self.cleaned_data["acts"], self.cleaned_data["key"]
        return actions.request_job(acts, by=by, key=key)
