from django import forms

from opus.desk.models.rights_choices import Right
from opus.lib.forms import Form
from opus.lib.mentions import Mention


class OwnRequestForm(Form):
    """A coded right: the DPO's own e-mail carries the answer."""

    mention = Mention.RIGHTS

    right = forms.ChoiceField(
        label="Ce que vous demandez", choices=Right, widget=forms.RadioSelect
    )
