import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.users.models.users import User
from opus.lib.files.background_files import FileState
from opus.lib.files.tasks import wake
from opus.lib.model_admin.admin_actions import AdminActionForm
from opus.lib.model_admin.forms import ChangeForm
from opus.lib.privacy.privacy_notices import PrivacyNotice
from opus.support.data_rights import actions
from opus.support.data_rights.models import (
    Check,
    Delay,
    PersonFile,
    Refusal,
    RightsRequest,
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

    who = forms.CharField(
        label="Identifiant exact",
        max_length=254,
        help_text="Identifiant France Travail, numéro d’un document remis, identifiant "
        "d’un compte, ou adresse électronique entière. Un nom ne suffit pas.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def save(self, *, by: User) -> None:
        actions.attach(self.instance, self.cleaned_data["who"], by=by)


class TakeUpForm(StepForm):
    act = RightsRequest.take_up


class PutOffForm(StepForm):
    act = RightsRequest.put_off

    because = forms.ChoiceField(label="Motif, à dire à la personne", choices=Delay)


class AnswerForm(StepForm):
    act = RightsRequest.answer


class RefuseForm(StepForm):
    act = RightsRequest.refuse

    because = forms.ChoiceField(label="Motif, à dire à la personne", choices=Refusal)


class PrepareForm(AdminActionForm):
    """A confirmation of the person whose data are copied."""

    is_this_person = forms.BooleanField(
        error_messages={"required": "Dites que c’est bien cette personne."}
    )
    about = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = self.instance.known
        names = ", ".join(dict.fromkeys(one.name for one in known))
        facts = "\xa0; ".join(dict.fromkeys(one for row in known for one in row.facts))
        box, name = self.fields["is_this_person"], self.instance.name
        box.label = f"La copie est bien celle de {names}"
        box.help_text = (
            f"Nom donné dans la demande\xa0: {name}. Dans Opus\xa0: {facts}."
        )
        self.fields["about"].initial = ",".join(self.instance.about)

    def save(self, *, by: User) -> None:
        about = self.cleaned_data["about"].split(",")
        file = actions.prepare_file(self.instance, by=by, about=about)
        wake(file)


class DownloadForm(AdminActionForm):
    def save(self, *, by: User) -> tuple[PersonFile, bytes]:
        file = self.instance.files.filter(state=FileState.READY).first()
        return file, actions.download_file(self.instance, by=by)
