from typing import Any

from django import forms

from accounts.users.models import User
from offers.search.criteria import Criteria
from opus.lib.forms.base import Form
from opus.lib.forms.edit_forms import EditForm
from opus.lib.text_guard.fields import GuardedFormField
from referrals.saved_searches import actions
from referrals.saved_searches.models import LONGEST_NAME, AlertPace, SavedSearch


class SearchForm(EditForm, Form):
    name = GuardedFormField(
        place="referrals.savedsearch.name",
        label="Nom de la recherche",
        max_length=LONGEST_NAME,
        help_text=f"{LONGEST_NAME} caractères au plus, sans nom de personne : par "
        "exemple « Maçon autour de L’Isle-d’Abeau ».",
        error_messages={
            "max_length": f"Écrivez {LONGEST_NAME} caractères au plus, espaces compris."
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    alert = forms.ChoiceField(
        label="Recevoir les nouvelles offres par courriel",
        help_text="Le message ne contient que les offres encore ouvertes quand il "
        "part. Chacun a un lien pour arrêter.",
        choices=AlertPace.choices,
        initial=AlertPace.NONE,
        widget=forms.RadioSelect,
    )

    def __init__(
        self, *args: Any, by: User, search: SavedSearch | None = None, **kwargs: Any
    ) -> None:
        if search:
            kwargs["initial"] = {"name": search.name, "alert": search.pace_for(by)}
        super().__init__(*args, **kwargs)
        self.by = by
        self.edit(search)

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def create(self, criteria: Criteria) -> SavedSearch:
        return actions.save_search(criteria, by=self.by, **self.cleaned_data)

    def change(self, search: SavedSearch) -> None:
        actions.change_search(search, by=self.by, **self.cleaned_data)
