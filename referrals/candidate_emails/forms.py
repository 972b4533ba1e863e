import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.users.models import User
from opus.lib.forms.base import DateInput, Form
from opus.lib.privacy.privacy_notices import PrivacyNotice
from referrals.candidate_emails import actions
from referrals.candidate_emails.models import ConsentWay
from referrals.candidates.models import Candidate


class ConsentForm(Form):
    privacy_notice = PrivacyNotice.MAILS

    given_on = forms.DateField(label="Accord donné le", widget=DateInput)
    way = forms.ChoiceField(
        label="Comment l’a-t-elle donné ?",
        choices=ConsentWay.choices,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, candidate: Candidate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.candidate = candidate
        self.fields["given_on"].initial = timezone.localdate

    def clean_given_on(self) -> dt.date:
        given_on: dt.date = self.cleaned_data["given_on"]
        if given_on > timezone.localdate():
            raise ValidationError("Cette date n’est pas encore passée.")
        if given_on < timezone.localdate() - dt.timedelta(days=366):
            raise ValidationError(
                "Un accord de plus d’un an est ancien\u00a0: demandez-le de nouveau au "
                "candidat, et notez la date du jour."
            )
        return given_on

    def save(self, *, by: User) -> None:
        actions.give_consent(self.candidate, by=by, **self.cleaned_data)
