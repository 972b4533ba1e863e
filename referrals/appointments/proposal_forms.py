"""The adviser's answers to a date that the agency proposes."""

from django import forms

from referrals.appointments.actions import dates
from referrals.follow_up.forms import GestureForm


class ProposalForm(GestureForm):
    """Names the proposal, so that a stale page answers no other."""

    proposal = forms.CharField(widget=forms.HiddenInput)


class AcceptDateForm(ProposalForm):
    done = "La date est acceptée\xa0: remettez la nouvelle convocation."
    action = staticmethod(dates.accept_date)


class DeclineDateForm(ProposalForm):
    done = (
        "La date est déclinée. Choisissez-en une autre ci-dessous, ou annulez la "
        "convocation."
    )
    action = staticmethod(dates.decline_date)
