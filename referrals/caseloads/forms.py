from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from accounts.team.forms import CloseForm
from accounts.users.enums import ClosingReason, Role
from accounts.users.models import User
from opus.lib.forms.base import DateInput, Form
from opus.lib.model_admin.forms import AdminActionForm
from referrals.caseloads import actions
from referrals.caseloads.actions import (
    Caseload,
    caseload_of,
    receivers_for,
    waiting_for,
)
from referrals.caseloads.models import CaseloadTransfer


class ReceiverField(forms.ModelChoiceField):
    def __init__(self, account: User, **kwargs: Any) -> None:
        receivers = receivers_for(account)
        only = receivers[0] if len(receivers) == 1 else None
        super().__init__(
            receivers,
            to_field_name="public_id",
            empty_label="Choisir un conseiller",
            initial=only and only.public_id,
            error_messages={"required": "Choisissez à qui confier ces candidats."},
            **kwargs,
        )

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} (RGC)" if obj.role == Role.RGC else str(obj)


class HandOverForm(AdminActionForm):
    """The receivers: one field per non-empty set."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        account: User = self.instance
        self.caseload, self.waiting = caseload_of(account), waiting_for(account)
        if self.caseload.with_acts and not self.waiting:
            label = acts_label(self.caseload)
            self.fields["acts_to"] = ReceiverField(account, label=label)
        if self.caseload.others and not self.waiting:
            label = others_label(self.caseload)
            self.fields["others_to"] = ReceiverField(account, label=label)

    @property
    def receivers(self) -> dict[str, User | None]:
        """Return the answers as arguments of the actions."""
        return {name: self.cleaned_data.get(name) for name in ("acts_to", "others_to")}

    def save(self, *, by: User) -> CaseloadTransfer | None:
        return actions.hand_over(self.instance, by=by, **self.receivers)


class CloseAccountForm(HandOverForm):
    """The reason of the closing, and the receivers."""

    reason = forms.ChoiceField(label="Motif", choices=ClosingReason.choices)

    def save(self, *, by: User) -> CaseloadTransfer | None:
        reason = self.cleaned_data["reason"]
        return actions.close(self.instance, by=by, reason=reason, **self.receivers)


class CloseByRgcForm(CloseForm, CloseAccountForm):
    """The same, without the reason of France Travail alone."""


def acts_label(caseload: Caseload) -> str:
    acts = counted(caseload.acts, "proposition en cours", "propositions en cours")
    people = counted(caseload.with_acts, "candidat", "candidats")
    return f"À qui confier {acts}, pour {people} ?"


def counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def others_label(caseload: Caseload) -> str:
    kind = "autre candidat" if caseload.with_acts else "candidat"
    if caseload.others == 1:
        return f"À qui confier 1 {kind} suivi, sans proposition en cours ?"
    kind = "autres candidats" if caseload.with_acts else "candidats"
    return (
        f"À qui confier {caseload.others} {kind} suivis, sans proposition en "
        "cours\u00a0?"
    )


class ConfideForm(Form):
    """The colleague and both days; the action checks them."""

    starts_on = forms.DateField(label="Premier jour", widget=DateInput)
    ends_on = forms.DateField(
        label="Dernier jour", widget=DateInput, help_text="Inclus, jusqu’à minuit."
    )

    def __init__(self, *args: Any, account: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        self.fields["colleague"] = ReceiverField(account, label="À qui\xa0?")
        self.order_fields(["colleague", "starts_on", "ends_on"])
        self.receivers_count = receivers_for(account).count()
        today = timezone.localdate()
        self.fields["starts_on"].initial = today
        for name in ("starts_on", "ends_on"):
            self.fields[name].widget.attrs["min"] = today.isoformat()

    @property
    def longest(self) -> int:
        return int(settings.STAND_IN_AT_MOST.days)

    def save(self, *, by: User) -> CaseloadTransfer:
        days = dict(self.cleaned_data)
        colleague = days.pop("colleague")
        return actions.confide(self.account, to=colleague, **days, by=by)
