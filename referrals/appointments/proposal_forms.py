"""The adviser's answers to a date that the agency proposes."""

from django import forms
from django.core.exceptions import ValidationError

from opus.lib.forms.base import as_number
from referrals.appointments.actions import dates
from referrals.follow_up.forms import GestureForm


class ProposalForm(GestureForm):
    """Names the proposal, so that a stale page answers no other."""

    proposal = forms.CharField(widget=forms.HiddenInput)

    def clean_proposal(self) -> str:
        proposal: str = self.cleaned_data["proposal"]
        if as_number(proposal) is None:
            raise ValidationError(dates.GONE)
        return proposal


class AcceptDateForm(ProposalForm):
    done = "La date est acceptée\xa0: remettez la nouvelle convocation."
    action = staticmethod(dates.accept_date)


class DeclineDateForm(ProposalForm):
    done = (
        "La date est déclinée. Choisissez-en une autre ci-dessous, ou annulez la "
        "convocation."
    )
    action = staticmethod(dates.decline_date)
