"""Form of the RGC's answer to the minutes (art. 11)."""

from typing import Any

from django import forms

from accounts.meetings import actions
from accounts.meetings.models import REMARK_MOST, Reply, ReviewMeeting
from accounts.users.models import User
from opus.lib.database.states import MoveRefused
from opus.lib.forms.base import Form
from opus.lib.privacy.privacy_notices import PrivacyNotice
from opus.lib.text_guard.fields import RULE, NoteFormField

NO_NAMES = (
    "N’écrivez ni nom de candidat, de conseiller ou d’employeur, ni adresse "
    "de courriel, ni numéro."
)


class ReplyForm(Form):
    """Agreement or a remark, on the version that was read."""

    privacy_notice = PrivacyNotice.CONVENTION

    version = forms.IntegerField(widget=forms.HiddenInput)
    reply = forms.ChoiceField(
        label="Votre réponse",
        choices=[
            (Reply.AGREED, "Je valide le compte rendu et ses décisions"),
            (Reply.REMARK, "J’ai une remarque, écrite ci-dessous"),
        ],
        widget=forms.RadioSelect,
    )
    remark = NoteFormField(
        place="accounts.reviewmeeting.remark",
        label="Votre remarque",
        required=False,
        max_length=REMARK_MOST,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=f"{RULE} {NO_NAMES} {REMARK_MOST} caractères au plus.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        reply, remark = cleaned.get("reply"), cleaned.get("remark")
        if reply == Reply.REMARK and not remark and "remark" not in self.errors:
            self.add_error("remark", "Écrivez votre remarque.")
        if reply == Reply.AGREED and remark:
            self.add_error(
                "reply",
                "Vous avez écrit une remarque : choisissez « J’ai une remarque », ou "
                "effacez-la.",
            )
        return cleaned

    def save(self, meeting: ReviewMeeting, *, by: User) -> bool:
        """Return whether it was recorded; refusals become form errors."""
        try:
            actions.reply(
                meeting,
                by=by,
                version=self.cleaned_data["version"],
                remark=self.cleaned_data["remark"],
            )
        except MoveRefused as error:
            self.add_error(None, str(error))
            # The page shows the minutes of now: the next answer is on these.
            meeting.refresh_from_db(fields=["version"])
            self.data = {**self.data, "version": meeting.version}
            return False
        return True
