from django import forms

from opus.lib.forms.base import DateInput
from referrals.direct import actions
from referrals.follow_up.forms import GestureForm


class ContactForm(GestureForm):
    done = "Le contact avec l’employeur est enregistré."
    action = staticmethod(actions.contact)

    on = forms.DateField(label="Contact pris le", widget=DateInput)
