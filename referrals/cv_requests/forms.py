import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from opus.lib.dates import ONE_DAY, date_format, next_working_day
from opus.lib.forms.base import DateInput, Form
from opus.lib.privacy.privacy_notices import PrivacyNotice
from referrals.cv_requests import actions, uploads
from referrals.follow_up.forms import GestureForm
from referrals.making.forms import ConfirmForm

PHOTOS = ("jpg", "jpeg", "png")
LATEST_DUE = dt.timedelta(days=60)


def tomorrow() -> dt.date:
    return timezone.localdate() + ONE_DAY


def latest_due_day() -> dt.date:
    return timezone.localdate() + LATEST_DUE


def usual_due_day() -> dt.date:
    """Return the first worked day, a week from now or later."""
    return next_working_day(timezone.localdate() + settings.CV_DUE_AFTER - ONE_DAY)


class DueForm(Form):
    due_on = forms.DateField(
        label="CV attendu au plus tard le",
        help_text="Le document le dit au candidat. Sept jours suffisent d’ordinaire.",
        initial=usual_due_day,
        widget=DateInput,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"].widget.attrs |= {
            "min": tomorrow().isoformat(),
            "max": latest_due_day().isoformat(),
        }

    def clean_due_on(self) -> dt.date:
        due_on: dt.date = self.cleaned_data["due_on"]
        if not tomorrow() <= due_on <= latest_due_day():
            raise ValidationError(
                f"Choisissez un jour entre demain, {date_format(tomorrow())}, et le "
                f"{date_format(latest_due_day())}."
            )
        return due_on


class CvRequestConfirmForm(DueForm, ConfirmForm):
    @property
    def draft(self) -> dict[str, Any]:
        """Show the letter with its usual day by default."""
        return super().draft or {"due_on": usual_due_day()}


class CvField(forms.FileField):
    """A PDF, photo, DOCX or ODT, detected by its bytes."""

    def __init__(self, **kwargs: Any) -> None:
        suffixes = [f".{suffix}" for suffix in (*uploads.CONTENT_TYPES, *PHOTOS)]
        types = [*uploads.CONTENT_TYPES.values(), "image/jpeg", "image/png"]
        super().__init__(
            label="Fichier du CV",
            help_text="PDF, Word (.docx) ou OpenDocument (.odt), sans macro ni mot de "
            "passe, 2 Mo au plus. Un CV sur papier se numérise, ou se photographie à "
            "plat (JPEG ou PNG, 4,5 Mo au plus)\u00a0: Opus en fait un PDF.",
            widget=forms.FileInput(attrs={"accept": ",".join([*suffixes, *types])}),
            error_messages={
                "required": "Choisissez le fichier du CV sur votre ordinateur.",
                "empty": "Ce fichier est vide : choisissez-en un autre.",
            },
            **kwargs,
        )

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the CV, or raise ``ValidationError``."""
        file: UploadedFile = super().clean(data, initial)
        try:
            return uploads.read(file.read())
        except uploads.NotACv as error:
            raise ValidationError(str(error)) from error


class ReceiveCvForm(GestureForm):
    privacy_notice = PrivacyNotice.CVS

    done = "Le CV est enregistré et transmis à l’agence France Travail."
    action = staticmethod(actions.receive)

    cv = CvField()


class RelaunchForm(GestureForm):
    done = "La relance est notée."
    action = staticmethod(actions.relaunch)
