from django import forms

from opus.lib.forms.base import Form
from opus.lib.privacy.privacy_notices import PrivacyNotice
from opus.support.data_rights.models import Right


class OwnRequestForm(Form):
    """A coded right: the DPO's own e-mail carries the answer."""

    privacy_notice = PrivacyNotice.RIGHTS

    right = forms.ChoiceField(
        label="Ce que vous demandez", choices=Right, widget=forms.RadioSelect
    )
