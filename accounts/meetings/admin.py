"""Admin of review meetings, for France Travail (art. 11)."""

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import F, Func, QuerySet, TextField, Value
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.agreements.admin.filters import OfConvention, button, rendered
from accounts.agreements.models.conventions import IN_FORCE_STATES
from accounts.meetings import actions
from accounts.meetings.actions import file_of
from accounts.meetings.forms import NO_NAMES
from accounts.meetings.models import (
    DECISIONS_MOST,
    MINUTES_MOST,
    Attendance,
    ReviewMeeting,
)
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.forms import AdminActionForm, ChangeForm
from opus.lib.text_guard.fields import RULE
from opus.lib.uploads.received import PdfField

WRITTEN = ("attended", "minutes", "decisions")


class MeetingForm(ChangeForm):
    also_checks = ("minutes_file",)

    attended = forms.MultipleChoiceField(
        label="Présents, par fonction et sans nom",
        choices=Attendance.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        help_texts = {
            "minutes": f"{RULE} {NO_NAMES} {MINUTES_MOST} caractères au plus. Le RGC "
            "de la structure le lit, puis le valide ou laisse une remarque. Un PDF se "
            "joint une fois la fiche enregistrée.",
            "decisions": f"{RULE} Une par ligne : quoi, qui la porte, pour quand. "
            f"{NO_NAMES} {DECISIONS_MOST} caractères au plus.",
            "follow_up": f"{RULE} Ce que chaque décision est devenue. {NO_NAMES} "
            f"{DECISIONS_MOST} caractères au plus.",
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        held_on = cleaned.get("held_on", self.instance.held_on)
        if "attended" not in self.fields or held_on is None:
            return cleaned
        is_written = any(cleaned.get(name) for name in WRITTEN)
        if is_written and held_on > timezone.localdate():
            self.add_error(
                "held_on",
                "Ce jour est à venir : présents, compte rendu et décisions s’écrivent "
                "une fois la réunion tenue.",
            )
        return cleaned


class MinutesFileForm(AdminActionForm):
    act = actions.attach

    file = PdfField(label="Compte rendu (PDF)", help_text=f"2 Mo au plus. {NO_NAMES}")


class WithoutReplyFilter(ChoiceFilter):
    title = "réponse du RGC"
    parameter_name = "reponse"
    options = {
        "attendue": ("compte rendu à accepter", lambda rows: rows.without_reply())
    }


row_of = partial(rendered, template="accounts/meetings/admin.html")


@admin.register(ReviewMeeting)
class ReviewMeetingAdmin(OfConvention):
    form = MeetingForm
    list_display = ("held_on", "structure", "convention", "standing")
    # « Réunion de suivi du 9/11/2026 ».
    journal_name = Func(
        F("held_on"),
        Value('"du" FMDD/FMMM/YYYY'),
        function="to_char",
        output_field=TextField(),
    )
    list_filter = (WithoutReplyFilter, *OfConvention.list_filter)
    own_pages: ClassVar = {"file": ("<path:object_id>/compte-rendu.pdf", "file_view")}
    typed = ("convention", "held_on", *WRITTEN, "follow_up")
    shown = ("file_link", "pack", "replied")
    admin_actions = (
        button(
            "accounts/meetings/buttons.html",
            "joindre",
            "Joindre le compte rendu (PDF)",
            MinutesFileForm,
            lambda meeting, user: bool(meeting.attended) and not meeting.reply,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("minutes_file")

    def within_reach(self, model: Any, request: HttpRequest) -> QuerySet[Any]:
        """Keep signed conventions that are not over, for the choice."""
        rows = super().within_reach(model, request)
        return rows.filter(state__in=IN_FORCE_STATES).select_related("structure")

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Return the meeting, marked if held before the form."""
        meeting: Any = super().get_object(request, *args, **kwargs)
        if meeting is not None:
            meeting.was_held = bool(meeting.attended)
        return meeting

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        typed = [
            "present" if obj and obj.reply and name == "attended" else name
            for name in self.typed
        ]
        return ("structure", *typed, *self.shown) if obj else typed

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Freeze what was held; all but the follow-up once answered."""
        if obj is None:
            return ()
        if obj.reply:
            fields = self.get_fields(request, obj)
            return [name for name in fields if name != "follow_up"]
        shown = ("structure", *self.shown)
        return ("convention", *shown) if obj.was_held else shown

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if {"minutes", "decisions"} & set(form.changed_data):
            actions.notify_rgc(obj)

    def file_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return file_of(self.found(request, object_id))

    # --- Columns and rows ---------------------------------------------------------

    @admin.display(description="état")
    def standing(self, meeting: ReviewMeeting) -> str:
        return meeting.status

    @admin.display(description="présents")
    def present(self, meeting: ReviewMeeting) -> str:
        return ", ".join(meeting.attended_labels) or "—"

    file_link = row_of("file_link", "compte rendu (PDF)")
    pack = row_of("pack", "dossier de bilan")
    replied = row_of("replied", "réponse du RGC")
