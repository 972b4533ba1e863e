import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from opus.lib.forms import DateInput, Form
from referrals.actions import stand_ins as actions
from referrals.actions.stand_ins import StandInRefused
from referrals.forms.handover import ReceiverField
from referrals.models import StandIn
from referrals.transfers import receivers_for


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
        longest: dt.timedelta = settings.STAND_IN_AT_MOST
        return longest.days

    def save(self, *, by: User) -> StandIn | None:
        """Save it, or add the error to its field."""
        cleaned = self.cleaned_data
        try:
            return actions.confide(
                self.account,
                to=cleaned["colleague"],
                starts_on=cleaned["starts_on"],
                ends_on=cleaned["ends_on"],
                by=by,
            )
        except StandInRefused as refusal:
            self.add_error(refusal.field, str(refusal))
            return None
