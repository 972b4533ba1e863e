"""The forms of a request of article 10: one's own, its record, its buttons."""

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.users.models import User
from opus.lib import french
from opus.lib.background_files import enqueue_file
from opus.lib.forms.base import Form
from opus.lib.forms.edit_forms import EditForm
from opus.lib.model_admin.forms import AdminActionForm, ChangeForm, confirming
from opus.lib.privacy.personal_data import PersonKind
from opus.lib.privacy.privacy_notices import PrivacyNotice
from opus.support.data_rights import actions, person_search
from opus.support.data_rights.models import (
    Check,
    GestureKind,
    OfferPart,
    RequestCorrection,
    Right,
    RightsRequest,
)


class OwnRequestForm(Form):
    """A coded right: the DPO's own e-mail carries the answer."""

    privacy_notice = PrivacyNotice.RIGHTS

    right = forms.ChoiceField(
        label="Ce que vous demandez", choices=Right, widget=forms.RadioSelect
    )


# An employer may have hundreds of offers: these are enough to know him.
MOST_FACTS = 12


class RequestForm(ChangeForm):
    """The facts of a new request, without its text (V1)."""

    privacy_notice = PrivacyNotice.RIGHTS

    def clean_received_on(self) -> dt.date:
        on: dt.date = self.cleaned_data["received_on"]
        if on > timezone.localdate():
            raise ValidationError("Une demande ne peut pas être reçue dans l’avenir.")
        return on


def no_fields(rights_request: RightsRequest) -> dict[str, forms.Field]:
    return {}


class RequestActionForm(AdminActionForm):
    """A button's form; its fields are made for the request."""

    fields_of: ClassVar[Any] = staticmethod(no_fields)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= type(self).fields_of(self.instance)

    def save(self, *, by: User) -> Any:
        """Hand over what was typed; a box that only confirms stays here."""
        typed = self.cleaned_data.items()
        given = {name: value for name, value in typed if not name.startswith("is_")}
        return type(self).act(self.instance, by=by, **given)

    def audit_details(self) -> dict[str, Any]:
        """Name the person by key (S37)."""
        return {"about": self.instance.about, **self.cleaned_data}


def asking(
    act: Callable[..., Any],
    fields: Callable[[RightsRequest], dict[str, forms.Field]] = no_fields,
) -> type[AdminActionForm]:
    """Return the form of an action, with these fields."""
    return confirming(act, RequestActionForm, fields_of=staticmethod(fields))


class AttachForm(RequestActionForm):
    """An exact identifier, never a name (S24)."""

    act = actions.attach

    who = forms.CharField(
        label="Identifiant exact",
        max_length=254,
        help_text="Identifiant France Travail, numéro d’un document remis, identifiant "
        "d’un compte, ou adresse de courriel entière. Un nom ne suffit pas.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


def checks(rights_request: RightsRequest) -> dict[str, forms.Field]:
    made = [one for one in Check.choices if one[0] != Check.SIGNED_IN]
    choices = [("", "Choisissez une vérification"), *made]
    return {
        "check_done": forms.ChoiceField(label="Vérification faite", choices=choices)
    }


def chosen(choices: Sequence[tuple[str, str]]) -> dict[str, forms.Field]:
    named = [("", "Choisissez un motif"), *choices]
    label = "Motif, à dire à la personne"
    return {"because": forms.ChoiceField(label=label, choices=named)}


def partly(rights_request: RightsRequest) -> dict[str, forms.Field]:
    """Return why less is done than what was demanded (GDPR 12.4)."""
    all_of_it = ("", "Rien\xa0: la demande est accordée en entier")
    field = forms.ChoiceField(
        label="Ce que vous n’accordez pas",
        required=False,
        help_text="Le motif se dit à la personne, dans la lettre que la fiche prépare.",
        choices=[all_of_it, *rights_request.refusal_choices],
    )
    return {"because": field}


def is_this_person(rights_request: RightsRequest, label: str) -> dict[str, forms.Field]:
    """Return the box that confirms who it is, beside what Opus knows of her."""
    rows = rights_request.known
    facts = list(dict.fromkeys(one for row in rows for one in row.facts))
    shown = "\xa0; ".join(facts[:MOST_FACTS])
    field = forms.BooleanField(
        label=label,
        help_text=f"Nom donné dans la demande\xa0: {rights_request.name}. Dans "
        f"Opus\xa0: {shown}.",
        error_messages={"required": "Dites que c’est bien cette personne."},
    )
    return {"is_this_person": field}


def erased(rights_request: RightsRequest) -> dict[str, forms.Field]:
    label = "Ce qui est effacé ne revient pas, et c’est bien cette personne"
    return partly(rights_request) | is_this_person(rights_request, label)


def copied(rights_request: RightsRequest) -> dict[str, forms.Field]:
    """Return the confirmation of whose data are copied, by name and by key."""
    names = ", ".join(dict.fromkeys(one.name for one in rights_request.known))
    label = f"La copie est bien celle {french.of(names)}"
    about = ",".join(rights_request.about)
    return {
        **is_this_person(rights_request, label),
        "about": forms.CharField(widget=forms.HiddenInput, initial=about),
    }


def stopped(rights_request: RightsRequest) -> dict[str, forms.Field]:
    field = forms.MultipleChoiceField(
        label="Ce qui s’arrête",
        choices=list(actions.objections(rights_request.person).items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choisissez ce qui s’arrête, ou refusez la demande."
        },
    )
    return {"processings": field, **partly(rights_request)}


def offer_parts(rights_request: RightsRequest) -> dict[str, forms.Field]:
    """Return the parts of the offers: codes, for their owner has the request."""
    field = forms.MultipleChoiceField(
        label="Ce que la demande vise dans les offres",
        choices=OfferPart,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins une partie des offres."},
    )
    return {"offer_parts": field, **partly(rights_request)}


def prepare(rights_request: RightsRequest, *, by: User, about: str) -> None:
    enqueue_file(actions.prepare_file(rights_request, by=by, about=about.split(",")))


class CorrectForm(RequestActionForm):
    """What was recorded wrong: whose request it is, and who answers it."""

    act = actions.correct
    privacy_notice = PrivacyNotice.RIGHTS

    because = forms.ChoiceField(
        label="Pourquoi",
        choices=[("", "Choisissez un motif"), *RequestCorrection.choices],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = ("kind", "agency", "ft_id", "email", "phone")
        self.fields |= forms.fields_for_model(RightsRequest, fields=names)
        for name in names:
            self.initial[name] = getattr(self.instance, name)
        if self.instance.agency:
            self.initial["agency"] = self.instance.agency.pk
        self.order_fields([*names, "because"])

    def clean_ft_id(self) -> str:
        return str(self.cleaned_data["ft_id"]).upper()

    def clean_agency(self) -> Any:
        agency = self.cleaned_data["agency"]
        if self.cleaned_data.get("kind") == PersonKind.REGISTERED and not agency:
            raise ValidationError(actions.NO_AGENCY)
        return agency


class NothingForm(RequestActionForm):
    """What the search found, read before « rien » is said."""

    act = staticmethod(partial(actions.act, kind=GestureKind.NOTHING))
    above = "support/data_rights/admin/search.html"

    others = forms.CharField(widget=forms.HiddenInput, required=False)
    is_nobody = forms.BooleanField(
        label="J’ai vérifié ce que la recherche a trouvé, et ce n’est pas cette "
        "personne",
        error_messages={
            "required": "Vérifiez ce que la recherche a trouvé, et dites que ce n’est "
            "pas cette personne."
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.search = person_search.search(self.instance)
        self.refusal = self.search.refusal
        self.fields["others"].initial = self.search.seal
        if not self.search.seal or self.refusal:
            del self.fields["is_nobody"]


class RectifyForm(EditForm, RequestActionForm):
    """The person's data; what changes does in all her records."""

    fields_of = staticmethod(partly)
    privacy_notice = PrivacyNotice.RIGHTS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = actions.editables(self.instance.person)
        for row in rows[:1]:
            for name, field in row.fields.items():
                self.fields[name] = field
                self.initial[name] = getattr(row.row, name)
            self.order_fields([*row.fields, "because"])
            self.edit(row.row)
        if len(rows) > 1:
            titles = ", ".join(row.title for row in rows)
            note = f"Ce que vous changez change dans toutes ses fiches\xa0: {titles}."
            self.fields[next(iter(rows[0].fields))].help_text = note

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not set(self.changed_data) - {"because"}:
            raise ValidationError(
                "Rien n’est changé\xa0: corrigez au moins une donnée."
            )
        return cleaned

    def save(self, *, by: User) -> None:
        changed = set(self.changed_data) - {"because"}
        changes = {name: self.cleaned_data[name] for name in changed}
        because, kind = self.cleaned_data["because"], GestureKind.RECTIFICATION
        actions.act(self.instance, kind, by=by, changes=changes, because=because)
