"""The questions of the survey (U18)."""

from typing import Any

from django import forms

from accounts.users.models import User
from opus.lib.forms.base import Form
from opus.lib.privacy.privacy_notices import PrivacyNotice
from opus.lib.text_guard.fields import RULE, NoteFormField
from opus.support.surveys.models import (
    COMMENT_LENGTH,
    QUESTIONS,
    Agreement,
    Survey,
    SurveyAnswer,
    question_of,
)


class SurveyForm(Form):
    """Four statements on a scale, and an optional comment."""

    privacy_notice = PrivacyNotice.SURVEY

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in QUESTIONS:
            label = question_of(name)
            self.fields[name] = forms.TypedChoiceField(
                label=label,
                choices=Agreement.choices,
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={"required": f"Choisissez une réponse à « {label} »."},
            )
        self.fields["comment"] = NoteFormField(
            place="support.surveyanswer.comment",
            label=str(SurveyAnswer._meta.get_field("comment").verbose_name),
            help_text=f"{RULE} {COMMENT_LENGTH} caractères au plus. Ne nommez "
            "personne : ni vous, ni une personne accompagnée, ni un employeur.",
            required=False,
            max_length=COMMENT_LENGTH,
            widget=forms.Textarea(attrs={"rows": 3}),
        )

    def save(self, survey: Survey, *, by: User) -> None:
        survey.answer(by=by, **self.cleaned_data)
