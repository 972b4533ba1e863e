"""What partners propose to change in Opus, and what becomes of it (art. 11)."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import linebreaks_filter
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html

from accounts import meetings
from accounts.models import ReviewMeeting, Suggestion, SuggestionState, User
from accounts.models.suggestions import ANSWER_MOST
from accounts.scope import within
from opus.lib.dates import date_format
from opus.lib.forms import DateInput
from opus.lib.staff import (
    QuestionFilter,
    Queue,
    ReadOnlyAdmin,
    Verb,
    VerbForm,
    leads_to,
)
from opus.lib.wording.fields import RULE
from opus.lib.wording.forms import NoteFormField

ANSWER_HELP = (
    f"{RULE} La structure le lit aussi. {ANSWER_MOST} caractères au plus, sans aucun "
    "nom."
)


class AnswerForm(VerbForm):
    """What France Travail says as it moves a proposal; where it is told, required."""

    answer = NoteFormField(
        place="accounts.answer.text",
        label="Réponse à la structure",
        max_length=ANSWER_MOST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=ANSWER_HELP,
    )


class StudyForm(AnswerForm):
    def save(self, *, by: User) -> None:
        meetings.study(self.instance, by=by, **self.cleaned_data)


class KeepForm(AnswerForm):
    """For when: a day, a version, or both."""

    on = forms.DateField(label="Prévue pour le", required=False, widget=DateInput)
    version = forms.CharField(label="Version prévue", required=False, max_length=40)
    field_order = ("on", "version", "answer")

    def clean(self) -> dict[str, Any]:
        """
        Raises:
            ValidationError: neither a day nor a version.
        """
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not cleaned.get("on") and not cleaned.get("version"):
            raise forms.ValidationError(
                "Dites pour quand : donnez une date, une version, ou les deux."
            )
        return cleaned

    def save(self, *, by: User) -> None:
        meetings.keep(self.instance, by=by, **self.cleaned_data)


class FinishForm(AnswerForm):
    def save(self, *, by: User) -> None:
        meetings.finish(self.instance, by=by, **self.cleaned_data)


class SetAsideForm(AnswerForm):
    """The reason is required."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["answer"]
        field.label, field.required = "Pourquoi elle est écartée", True
        field.widget.is_required = True
        field.error_messages["required"] = (
            "Dites à la structure pourquoi sa proposition est écartée."
        )

    def save(self, *, by: User) -> None:
        meetings.set_aside(self.instance, by=by, **self.cleaned_data)


class MeetingChoice(forms.ModelChoiceField):
    """One of the structure's meetings, told by its day."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{date_format(obj.day)} ({obj.get_state_display()})"


class DiscussForm(VerbForm):
    """At which meeting of the structure it was spoken of."""

    meeting = MeetingChoice(label="Réunion", queryset=ReviewMeeting.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["meeting"]
        choice.queryset = meetings_of(self.instance)

    def save(self, *, by: User) -> None:
        meetings.discuss(self.instance, by=by, **self.cleaned_data)


def meetings_of(suggestion: Suggestion) -> QuerySet[ReviewMeeting]:
    """The meetings of its structure that took place."""
    return ReviewMeeting.objects.took_place().filter(
        convention__structure=suggestion.structure_id
    )


class WaitingFilter(QuestionFilter):
    """By what remains to do."""

    title = "suite"
    parameter_name = "suite"
    choice = ("attente", "sans réponse de France Travail")
    question = "waiting"


@admin.register(Suggestion)
class SuggestionAdmin(ReadOnlyAdmin):
    """One proposal, and what France Travail says of it."""

    list_display = ("title", "structure", "area", "state", "deposited_at")
    list_filter = (WaitingFilter, "state", "area")
    list_select_related = ("structure",)
    search_fields = ("title", "structure__name", "=structure__agency__safir")
    search_help_text = "Titre, structure ou code SAFIR."
    fieldsets = (
        (None, {"fields": ("structure", "area", "words", "deposited_at", "state")}),
        ("Suite", {"fields": ("planned_on", "planned_version", "meeting_link")}),
        ("Suivi", {"fields": ("answered", "timeline")}),
    )
    verbs = (
        Verb(
            slug="etudier",
            label="Mettre à l’étude",
            question="La structure verra que France Travail étudie sa proposition.",
            done="La proposition est à l’étude : la structure est prévenue.",
            form=StudyForm,
            is_open=leads_to(SuggestionState.STUDIED),
            action=None,
        ),
        Verb(
            slug="retenir",
            label="Retenir",
            question="France Travail s’engage à la réaliser. Dites pour quand.",
            done="La proposition est retenue : la structure est prévenue.",
            form=KeepForm,
            is_open=leads_to(SuggestionState.KEPT),
            action=None,
        ),
        Verb(
            slug="realiser",
            label="Dire réalisée",
            question="L’évolution est en service.",
            done="La proposition est réalisée : la structure est prévenue.",
            form=FinishForm,
            is_open=leads_to(SuggestionState.DONE),
            action=None,
        ),
        Verb(
            slug="ecarter",
            label="Écarter",
            question="L’évolution ne se fera pas. La structure lit pourquoi.",
            done="La proposition est écartée : la structure est prévenue.",
            form=SetAsideForm,
            is_open=leads_to(SuggestionState.SET_ASIDE),
            action=None,
            is_grave=True,
        ),
        Verb(
            slug="rattacher",
            label="Rattacher à une réunion",
            question="La proposition a été évoquée à une réunion de suivi.",
            done="La proposition est rattachée à la réunion.",
            form=DiscussForm,
            is_open=lambda suggestion, user: meetings_of(suggestion).exists(),
            action=None,
        ),
    )

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        return within(queryset, user, "structure__agency")

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        mine = self.within(Suggestion.objects.waiting(), request.user)
        count = mine.count()
        yield Queue(
            rank=34,
            label="Propositions d’évolution",
            value=str(count),
            url=self.list_url(suite="attente"),
            hint="déposées par les partenaires, sans réponse",
            is_waiting=count > 0,
        )

    @admin.display(description="proposition")
    def words(self, suggestion: Suggestion) -> str:
        return linebreaks_filter(suggestion.text)

    @admin.display(description="évoquée à la réunion")
    def meeting_link(self, suggestion: Suggestion) -> str:
        if suggestion.meeting is None:
            return "—"
        url = reverse(
            "admin:accounts_reviewmeeting_change", args=[suggestion.meeting_id]
        )
        return format_html('<a href="{}">{}</a>', url, suggestion.meeting)

    @admin.display(description="réponses")
    def answered(self, suggestion: Suggestion) -> str:
        answers = suggestion.answers.all()
        return render_to_string("admin/answers.html", {"answers": answers})
