"""What partners type about review meetings and about Opus itself (art. 11)."""

from django import forms

from accounts import meetings
from accounts.models import Area, ReviewMeeting, Suggestion, User
from accounts.models.meetings import REMARK_MOST
from accounts.models.suggestions import TEXT_MOST
from opus.lib.forms import Form, ModelForm
from opus.lib.mentions import Mention
from opus.lib.states import MoveRefused
from opus.lib.wording.fields import RULE
from opus.lib.wording.forms import NoteFormField

NO_NAMES = (
    "N’écrivez ni nom de candidat, de conseiller ou d’employeur, ni adresse "
    "électronique, ni numéro."
)


class AgreeForm(Form):
    """Which state of the minutes the RGC read."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def save(self, meeting: ReviewMeeting, *, by: User) -> None:
        meetings.agree(meeting, by=by, revision=self.cleaned_data["revision"])


class RemarkForm(Form):
    """What the RGC would have corrected."""

    mention = Mention.CONVENTION

    text = NoteFormField(
        place="accounts.remark.text",
        label="Votre remarque",
        max_length=REMARK_MOST,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=f"{RULE} {NO_NAMES} {REMARK_MOST} caractères au plus.",
    )

    def save(self, meeting: ReviewMeeting, *, by: User) -> bool:
        """Whether it was kept; a refusal becomes an error of the form."""
        try:
            meetings.remark(meeting, by=by, text=self.cleaned_data["text"])
        except MoveRefused as error:
            self.add_error(None, str(error))
            return False
        return True


class SuggestionForm(ModelForm):
    """A proposal of evolution: what of Opus, in a line, in a few."""

    mention = Mention.CONVENTION

    class Meta:
        model = Suggestion
        fields = ("area", "title", "text")
        widgets = {"text": forms.Textarea(attrs={"rows": 8})}
        help_texts = {
            "title": "En une ligne, sans aucun nom. 120 caractères au plus.",
            "text": f"{RULE} Ce qui vous manque ou vous gêne, et ce que vous proposez. "
            f"{NO_NAMES} {TEXT_MOST} caractères au plus.",
        }

    area = forms.ChoiceField(
        label="Domaine", choices=[("", "Choisissez un domaine"), *Area.choices]
    )

    def save(self, *, by: User) -> Suggestion | None:  # type: ignore[override]
        """The proposal; None where it was refused, with the reason in the form."""
        try:
            return meetings.deposit(self.instance, by=by)
        except MoveRefused as error:
            self.add_error(None, str(error))
            return None
