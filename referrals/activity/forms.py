from typing import Any

from django import forms

from opus.lib.documents.spreadsheets import Format
from opus.lib.forms.base import Form
from referrals.activity.exports import ACTS, FIGURES

WHAT = [
    (FIGURES, "Les chiffres de la page"),
    (ACTS, "La liste de mes propositions, avec le nom des candidats"),
]


class ActivityExportForm(Form):
    what = forms.ChoiceField(
        label="Contenu", choices=WHAT, initial=FIGURES, widget=forms.RadioSelect
    )
    file_format = forms.ChoiceField(
        label="Format du fichier",
        choices=Format.choices,
        initial=Format.XLSX,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, is_own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_own:
            # Only the persons' own adviser may export names.
            what: Any = self.fields["what"]
            what.choices = WHAT[:1]
