import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.users.models.users import User
from opus.lib import french
from opus.lib.background_files import FileState, enqueue_file
from opus.lib.forms.edit_forms import EditForm
from opus.lib.model_admin.admin_actions import AdminActionForm
from opus.lib.model_admin.forms import ChangeForm
from opus.lib.privacy.privacy_notices import PrivacyNotice
from opus.support.data_rights import actions, gestures, person_search
from opus.support.data_rights.models import (
    Check,
    OfferPart,
    PersonFile,
    PersonKind,
    Refusal,
    RequestCorrection,
    RequestState,
    RightsRequest,
    reasons_for,
)

# An employer may have hundreds of offers: these are enough to know him.
MOST_FACTS = 12


def described(rights_request: RightsRequest) -> str:
    """Return the name in the request, and what Opus knows, to compare."""
    rows = rights_request.known
    facts = list(dict.fromkeys(one for row in rows for one in row.facts))
    shown = "\xa0; ".join(facts[:MOST_FACTS])
    return (
        f"Nom donné dans la demande\xa0: {rights_request.name}. Dans Opus\xa0: {shown}."
    )


class RequestForm(ChangeForm):
    """The facts of a new request, without its text (V1)."""

    privacy_notice = PrivacyNotice.RIGHTS

    def clean_received_on(self) -> dt.date:
        on: dt.date = self.cleaned_data["received_on"]
        if on > timezone.localdate():
            raise ValidationError("Une demande ne peut pas être reçue dans l’avenir.")
        return on


class StepForm(AdminActionForm):
    """An action whose journal entry names the person by key."""

    def audit_details(self) -> dict[str, Any]:
        return {"about": self.instance.about, **self.cleaned_data}


class VerifyForm(StepForm):
    """A coded check; copies of documents are destroyed."""

    check_done = forms.ChoiceField(
        label="Vérification faite",
        choices=[one for one in Check.choices if one[0] != Check.SIGNED_IN],
    )

    def save(self, *, by: User) -> None:
        self.instance.verify(by=by, check=self.cleaned_data["check_done"])

    def audit_details(self) -> dict[str, Any]:
        return {"about": self.instance.about, "check": self.cleaned_data["check_done"]}


class AttachForm(AdminActionForm):
    """An exact identifier, never a name (S24)."""

    act = actions.attach

    who = forms.CharField(
        label="Identifiant exact",
        max_length=254,
        help_text="Identifiant France Travail, numéro d’un document remis, identifiant "
        "d’un compte, ou adresse de courriel entière. Un nom ne suffit pas.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class CorrectForm(AdminActionForm):
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


class NothingForm(AdminActionForm):
    """What the search found, read before « rien » is said."""

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

    def save(self, *, by: User) -> None:
        gestures.find_nothing(self.instance, by=by, others=self.cleaned_data["others"])


class RefuseForm(StepForm):
    act = actions.refuse

    because = forms.ChoiceField(label="Motif, à dire à la personne")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.state == RequestState.RECEIVED:
            reasons = [(Refusal.IDENTITY.value, Refusal.IDENTITY.label)]
        else:
            reasons = reasons_for(self.instance.right)
        nothing = ("", "Choisissez un motif")
        self.fields["because"].choices = [nothing, *reasons]  # type: ignore[attr-defined]


class PartlyForm(AdminActionForm):
    """What is done may be less than what was asked, with a reason (GDPR 12.4)."""

    because = forms.ChoiceField(
        label="Ce que vous n’accordez pas",
        required=False,
        help_text="Le motif se dit à la personne, dans la lettre que la fiche prépare.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        all_of_it = ("", "Rien\xa0: la demande est accordée en entier")
        reasons = reasons_for(self.instance.right)
        self.fields["because"].choices = [all_of_it, *reasons]  # type: ignore[attr-defined]


class EraseForm(PartlyForm):
    act = gestures.erase

    is_this_person = forms.BooleanField(
        label="Ce qui est effacé ne revient pas, et c’est bien cette personne",
        error_messages={"required": "Dites que c’est bien cette personne."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["is_this_person"].help_text = described(self.instance)

    def save(self, *, by: User) -> None:
        gestures.erase(self.instance, by=by, because=self.cleaned_data["because"])


class ObjectForm(PartlyForm):
    act = gestures.object_to

    processings = forms.MultipleChoiceField(
        label="Ce qui s’arrête",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choisissez ce qui s’arrête, ou refusez la demande."
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list(gestures.objections(self.instance.person).items())
        self.fields["processings"].choices = choices  # type: ignore[attr-defined]
        self.order_fields(["processings", "because"])


class PassOnForm(PartlyForm):
    """Which parts of the offers: codes, for the offers' owner has the request."""

    act = gestures.pass_on

    offer_parts = forms.MultipleChoiceField(
        label="Ce que la demande vise dans les offres",
        choices=OfferPart,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins une partie des offres."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["offer_parts", "because"])


class RectifyForm(EditForm, PartlyForm):
    """The person's data; what changes does in all her records."""

    privacy_notice = PrivacyNotice.RIGHTS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = gestures.editables(self.instance.person)
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
        because = self.cleaned_data["because"]
        gestures.rectify(self.instance, by=by, changes=changes, because=because)


class PrepareForm(AdminActionForm):
    """A confirmation of the person whose data are copied."""

    is_this_person = forms.BooleanField(
        error_messages={"required": "Dites que c’est bien cette personne."}
    )
    about = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = ", ".join(dict.fromkeys(one.name for one in self.instance.known))
        box = self.fields["is_this_person"]
        box.label = f"La copie est bien celle {french.of(names)}"
        box.help_text = described(self.instance)
        self.fields["about"].initial = ",".join(self.instance.about)

    def save(self, *, by: User) -> None:
        about = self.cleaned_data["about"].split(",")
        file = actions.prepare_file(self.instance, by=by, about=about)
        enqueue_file(file)


class DownloadForm(PartlyForm):
    def save(self, *, by: User) -> tuple[PersonFile, bytes]:
        file = self.instance.files.filter(state=FileState.READY).first()
        because = self.cleaned_data["because"]
        return file, actions.download_file(self.instance, by=by, because=because)
