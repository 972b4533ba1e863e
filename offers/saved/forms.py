"""The name of a kept search, and how often its news are written."""

from typing import Any

from django import forms

from accounts.models import User
from offers.criteria import Criteria
from offers.models import AlertPace, SavedSearch
from offers.models.searches import LONGEST_NAME
from offers.saved import actions
from opus.lib.edit_forms import EditForm
from opus.lib.forms import Form
from opus.lib.wording.forms import GuardedFormField


class SearchForm(EditForm, Form):
    """Both answers; ``save`` keeps a new search or changes one."""

    name = GuardedFormField(
        place="offers.savedsearch.name",
        label="Nom de la recherche",
        max_length=LONGEST_NAME,
        help_text=f"{LONGEST_NAME} caractères au plus, sans nom de personne : par "
        "exemple « Maçon autour de L’Isle-d’Abeau ».",
        error_messages={
            "max_length": f"Écrivez {LONGEST_NAME} caractères au plus, espaces "
            "compris.",
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
        self, *args: Any, search: SavedSearch | None = None, **kwargs: Any
    ) -> None:
        if search:
            kwargs["initial"] = {"name": search.name, "alert": search.alert}
        super().__init__(*args, **kwargs)
        self.edit(search)

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def create(self, criteria: Criteria, *, by: User) -> SavedSearch:
        return actions.save_search(criteria, by=by, **self.cleaned_data)

    def change(self, search: SavedSearch) -> None:
        actions.change_search(search, **self.cleaned_data)
