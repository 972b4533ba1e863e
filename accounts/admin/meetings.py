"""The register of review meetings: minutes, decisions, what waits (art. 11)."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from dateutil.relativedelta import relativedelta
from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts import meetings
from accounts.models import Attendance, Decision, MeetingState, ReviewMeeting, User
from accounts.models.conventions import IN_FORCE_STATES
from accounts.models.meetings import (
    DECISION_MOST,
    MINUTES_MOST,
    OF_FRANCE_TRAVAIL,
    OF_PARTNER,
    CancelReason,
    Carrier,
)
from accounts.scope import within
from opus.lib.dates import date_format
from opus.lib.forms import DateInput
from opus.lib.sorting import ByName
from opus.lib.staff import Queue, SheetForm, StaffAdmin, Verb, VerbForm, leads_to
from opus.lib.states import MoveRefused
from opus.lib.wording.fields import RULE
from opus.lib.wording.forms import NoteFormField

NO_NAMES = (
    "Des faits et des chiffres : aucun nom de candidat, de conseiller ni d’employeur, "
    "aucune adresse, aucun numéro."
)
NOTHING_CHOSEN = [("", "---------")]


class MeetingForm(SheetForm):
    """What is set as a meeting is planned."""

    also_checks = ("state",)


class HoldForm(VerbForm):
    """When it was held, and which functions were there."""

    on = forms.DateField(label="Tenue le", widget=DateInput)
    attended = forms.MultipleChoiceField(
        label="Présents",
        choices=Attendance.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Par fonction : Opus ne garde aucun nom.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["on"] = min(self.instance.planned_on, timezone.localdate())

    def clean_on(self) -> dt.date:
        """
        Raises:
            ValidationError: that day is to come.
        """
        on: dt.date = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise forms.ValidationError(
                "Ce jour est à venir : la réunion n’est pas tenue."
            )
        return on

    def clean_attended(self) -> list[str]:
        """
        Raises:
            ValidationError: one of the parties is missing.
        """
        attended: list[str] = self.cleaned_data["attended"]
        if not set(attended) & set(OF_PARTNER) or not set(attended) & set(
            OF_FRANCE_TRAVAIL
        ):
            raise forms.ValidationError(
                "Une réunion de suivi réunit les deux parties (art. 11) : cochez au "
                "moins une fonction de la structure et une de France Travail."
            )
        return attended

    def save(self, *, by: User) -> None:
        meetings.hold(self.instance, by=by, **self.cleaned_data)


class MinutesForm(VerbForm):
    """The whole text: each writing is another version."""

    text = NoteFormField(
        place="accounts.minutes.text",
        label="Compte rendu",
        max_length=MINUTES_MOST,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=f"{RULE} {NO_NAMES} {MINUTES_MOST} caractères au plus.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if latest := self.instance.latest_minutes:
            self.initial["text"] = latest.text

    def save(self, *, by: User) -> None:
        meetings.write_minutes(self.instance, by=by, text=self.cleaned_data["text"])


class DecideForm(VerbForm):
    """What was decided, who carries it, by when."""

    text = NoteFormField(
        place="accounts.decision.text",
        label="Décision",
        max_length=DECISION_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=f"{RULE} {NO_NAMES} {DECISION_MOST} caractères au plus.",
    )
    carrier = forms.ChoiceField(
        label="Portée par", choices=[*NOTHING_CHOSEN, *Carrier.choices]
    )
    due_on = forms.DateField(label="Échéance", widget=DateInput)

    def save(self, *, by: User) -> None:
        meetings.decide(self.instance, by=by, **self.cleaned_data)


class DecisionChoice(forms.ModelChoiceField):
    """One of a meeting's decisions, told by its number and words."""

    def label_from_instance(self, obj: Any) -> str:
        return f"n° {obj.number} : {obj.text}"


class CloseDecisionForm(VerbForm):
    """Which decision, and whether it was done."""

    decision = DecisionChoice(label="Décision", queryset=Decision.objects.none())
    outcome = forms.ChoiceField(
        label="Ce qu’elle est devenue",
        choices=[*NOTHING_CHOSEN, ("faite", "faite"), ("sans_objet", "sans objet")],
    )
    on = forms.DateField(label="Le", initial=timezone.localdate, widget=DateInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["decision"]
        choice.queryset = self.instance.decisions.open()

    def save(self, *, by: User) -> None:
        meetings.close_decision(
            self.cleaned_data["decision"],
            by=by,
            on=self.cleaned_data["on"],
            is_dropped=self.cleaned_data["outcome"] == "sans_objet",
        )


class ReopenForm(VerbForm):
    def save(self, *, by: User) -> None:
        meetings.reopen(self.instance, by=by)


class CancelForm(VerbForm):
    """Why, coded."""

    reason = forms.ChoiceField(
        label="Motif", choices=[*NOTHING_CHOSEN, *CancelReason.choices]
    )

    def save(self, *, by: User) -> None:
        meetings.cancel(self.instance, by=by, reason=self.cleaned_data["reason"])


class DecisionsFilter(admin.SimpleListFilter):
    """By what remains to do of their decisions and minutes."""

    title = "reste à faire"
    parameter_name = "reste"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("retard", "décisions en retard"),
            ("a-valider", "compte rendu à valider par le RGC"),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "retard":
                return queryset.with_late_decisions()
            case "a-valider":
                return queryset.to_agree()
        return queryset


@admin.register(ReviewMeeting)
class ReviewMeetingAdmin(StaffAdmin):
    """One meeting: planned, held, written down, agreed on."""

    form = MeetingForm
    list_display = ("day", "structure", "convention", "state", "late")
    list_display_links = ("day",)
    list_filter = (DecisionsFilter, "state")
    list_select_related = ("convention__structure",)
    search_fields = (
        "convention__number",
        "convention__structure__name",
        "=convention__agency__safir",
    )
    search_help_text = "Convention, structure ou code SAFIR."
    asked = ("convention", "planned_on", "place", "covers_from", "covers_until")
    told = (
        (None, {"fields": ("structure", "convention_link", "state", "cancelled_for")}),
        ("Rendez-vous", {"fields": ("planned_on", "held_on", "place", "present")}),
        ("Chiffres", {"fields": ("covers_from", "covers_until", "pack")}),
        ("Compte rendu", {"fields": ("written", "remarks_told")}),
        ("Décisions", {"fields": ("decided",)}),
        ("Suivi", {"fields": ("proposals", "timeline")}),
    )
    verbs = (
        Verb(
            slug="tenue",
            label="Enregistrer la réunion",
            question="La réunion a eu lieu. Son jour et les présents ne changeront "
            "plus ; le compte rendu s’écrit ensuite.",
            done="La réunion est enregistrée : écrivez son compte rendu.",
            form=HoldForm,
            is_open=lambda meeting, user: meeting.state == MeetingState.PLANNED,
            action=None,
        ),
        Verb(
            slug="compte-rendu",
            label="Écrire le compte rendu",
            question="Le RGC de la structure le lit, le valide ou laisse une remarque. "
            "Chaque version reste au dossier.",
            done="Le compte rendu est enregistré : le RGC est prévenu.",
            form=MinutesForm,
            is_open=lambda meeting, user: meeting.may_be_written,
            action=None,
        ),
        Verb(
            slug="decision",
            label="Ajouter une décision",
            question="Elle reçoit le numéro suivant. Son texte ne changera plus.",
            done="La décision est ajoutée.",
            form=DecideForm,
            is_open=lambda meeting, user: meeting.may_be_written,
            action=None,
        ),
        Verb(
            slug="clore-une-decision",
            label="Clore une décision",
            question="Une décision close ne s’ouvre plus.",
            done="La décision est close.",
            form=CloseDecisionForm,
            is_open=lambda meeting, user: meeting.decisions.open().exists(),
            action=None,
        ),
        Verb(
            slug="rouvrir",
            label="Corriger le compte rendu",
            question="Le compte rendu validé se rouvre : le RGC devra le valider de "
            "nouveau. La version validée reste au dossier.",
            done="Le compte rendu est rouvert.",
            form=ReopenForm,
            is_open=lambda meeting, user: meeting.state == MeetingState.AGREED,
            action=None,
        ),
        Verb(
            slug="annuler",
            label="Annuler la réunion",
            question="La réunion n’aura pas lieu. Pour la reporter, annulez-la puis "
            "planifiez-en une autre.",
            done="La réunion est annulée.",
            form=CancelForm,
            is_open=leads_to(MeetingState.CANCELLED),
            action=None,
            is_grave=True,
        ),
    )

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        return within(
            queryset, user, "convention__agency", "convention__structure__agency"
        )

    def within_reach(self, model: Any, request: HttpRequest) -> QuerySet[Any]:
        """One plans a meeting about a convention that is signed and not over."""
        rows = super().within_reach(model, request)
        return rows.filter(state__in=IN_FORCE_STATES).select_related("structure")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        is_late = Q(
            decisions__closed_on=None, decisions__due_on__lt=timezone.localdate()
        )
        return (
            super()
            .get_queryset(request)
            .annotate(late_decisions=Count("decisions", filter=is_late))
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By the buttons alone."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.told if obj else ((None, {"fields": self.asked}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return [name for _, part in self.told for name in part["fields"]]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The figures of the last twelve months."""
        today = timezone.localdate()
        return {
            "covers_from": today.replace(day=1) - relativedelta(months=11),
            "covers_until": today,
            **super().get_changeform_initial_data(request),
        }

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """A refusal is a message, never a breakdown."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except MoveRefused as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect(request.get_full_path())

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        meetings.plan(obj, by=request.user)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """The action has told the journal."""

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        rows = ReviewMeeting.objects.with_late_decisions()
        late = self.within(rows, request.user).count()
        yield Queue(
            rank=33,
            label="Décisions en retard",
            value=str(late),
            url=self.list_url(reste="retard"),
            hint=f"réunion{'s' if late > 1 else ''} de suivi avec une échéance passée",
            is_waiting=late > 0,
        )

    # --- Columns and lines --------------------------------------------------------

    @admin.display(description="date", ordering="planned_on")
    def day(self, meeting: ReviewMeeting) -> str:
        return date_format(meeting.day)

    @admin.display(
        description="structure", ordering=ByName("convention__structure__name")
    )
    def structure(self, meeting: ReviewMeeting) -> str:
        return str(meeting.convention.structure)

    @admin.display(description="décisions en retard", ordering="late_decisions")
    def late(self, meeting: Any) -> str:
        return str(meeting.late_decisions or "—")

    @admin.display(description="convention")
    def convention_link(self, meeting: ReviewMeeting) -> str:
        url = reverse("admin:accounts_convention_change", args=[meeting.convention_id])
        return format_html('<a href="{}">{}</a>', url, meeting.convention)

    @admin.display(description="motif d’annulation")
    def cancelled_for(self, meeting: ReviewMeeting) -> str:
        return meeting.get_cancel_reason_display() or "—"

    @admin.display(description="présents")
    def present(self, meeting: ReviewMeeting) -> str:
        return ", ".join(meeting.attended_labels) or "—"

    @admin.display(description="dossier de bilan")
    def pack(self, meeting: ReviewMeeting) -> str:
        """The follow-up of that structure and period, where the pack is made."""
        return format_html(
            '<a href="{}?vue={}&amp;{}">Voir les chiffres et préparer le dossier</a>',
            reverse("activity"),
            meeting.convention.structure_id,
            meeting.period_query,
        )

    @admin.display(description="versions")
    def written(self, meeting: ReviewMeeting) -> str:
        versions = meeting.minutes.select_related("by")
        return render_to_string("admin/minutes.html", {"versions": versions})

    @admin.display(description="remarques du RGC")
    def remarks_told(self, meeting: ReviewMeeting) -> str:
        remarks = meeting.remarks.select_related("by")
        return render_to_string("admin/remarks.html", {"remarks": remarks})

    @admin.display(description="décisions")
    def decided(self, meeting: ReviewMeeting) -> str:
        decisions = meeting.decisions.all()
        return render_to_string("admin/decisions.html", {"decisions": decisions})

    @admin.display(description="propositions évoquées")
    def proposals(self, meeting: ReviewMeeting) -> str:
        rows = meeting.suggestions.all()
        return render_to_string("admin/meeting_suggestions.html", {"suggestions": rows})
