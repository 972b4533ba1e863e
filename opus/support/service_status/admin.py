"""Incidents and planned works: announced, updated, ended (art. 6, R16, R17)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.users.models import User
from opus.lib.audit.journal import Action
from opus.lib.dates import moment
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.formatting import bullets
from opus.lib.model_admin.forms import (
    OVERRIDES,
    AdminAction,
    AdminActionForm,
    ChangeForm,
    InstantInput,
    confirming,
)
from opus.lib.model_admin.staff_admin import NationalAdmin
from opus.lib.text_guard.fields import RULE, NoteFormField
from opus.support.service_status.models import Incident, PlannedWork

DECLARED = ("title", "advice", "started_at")
ENDING = ("ended_at", "summary", "said")


class IncidentForm(ChangeForm):
    def clean_started_at(self) -> Any:
        """Raise ValidationError if it is in the future."""
        started_at = self.cleaned_data["started_at"]
        if started_at > timezone.now():
            raise ValidationError(
                "Un incident a déjà commencé : corrigez l’heure. Pour une interruption "
                "prévue, ajoutez une opération planifiée."
            )
        return started_at


class NewsForm(AdminActionForm):
    act = Incident.add_update

    text = NoteFormField(
        place="support.incidentupdate.text",
        label="Où en est-on ?",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=f"{RULE} Montré sur toutes les pages, à la place des nouvelles "
        "précédentes.",
    )


class EndForm(AdminActionForm):
    at = forms.DateTimeField(
        label="Fin", initial=timezone.localtime, widget=InstantInput
    )
    summary = NoteFormField(
        place="support.incident.summary",
        label="Bilan",
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"{RULE} Ce qui s’est passé et ce qui a été fait. Publié sur la page "
        "« État du service ».",
    )

    def clean_at(self) -> Any:
        """Raise ValidationError before its start or in the future."""
        at = self.cleaned_data["at"]
        if at > timezone.now():
            raise ValidationError("La fin n’est pas à venir : corrigez l’heure.")
        if at < self.instance.started_at:
            raise ValidationError("La fin vient après le début : corrigez l’heure.")
        return at

    def save(self, *, by: User) -> None:
        self.instance.end(**self.cleaned_data)


class StateFilter(ChoiceFilter):
    title = "état"
    parameter_name = "etat"
    options = {
        "en-cours": ("en cours", lambda rows: rows.under_way()),
        "sans-nouvelles": (
            "sans nouvelles depuis un jour",
            lambda rows: rows.unspoken(),
        ),
        "clos": ("clos", lambda rows: rows.over()),
    }


@admin.register(Incident)
class IncidentAdmin(NationalAdmin):
    """A banner on every page until its end."""

    article = "un"
    formfield_overrides = OVERRIDES
    form = IncidentForm
    list_display = ("title", "started_at", "ended_at", "last_word")
    list_filter = (StateFilter,)
    admin_actions = (
        AdminAction(
            slug="nouvelles",
            label="Donner des nouvelles",
            question="Chaque jour que dure l’incident, les utilisateurs en ont des "
            "nouvelles (art. 6), même si rien n’a changé.",
            done="Les nouvelles sont sur toutes les pages.",
            form=NewsForm,
            is_open=lambda incident, user: incident.is_under_way,
            action=Action.INCIDENT_CHANGED,
        ),
        AdminAction(
            slug="clore",
            label="Enregistrer la fin",
            question="Le bandeau disparaît ; l’incident reste sur la page « État du "
            "service », avec son bilan.",
            done="L’incident est clos.",
            form=EndForm,
            is_open=lambda incident, user: incident.is_under_way,
            action=Action.INCIDENT_CHANGED,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: Any = super().get_queryset(request)
        return rows.with_last_word()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        given = super().get_changeform_initial_data(request)
        return {"started_at": timezone.localtime(), **given}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*DECLARED, *ENDING) if obj else DECLARED

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return ENDING if obj.is_under_way else (*DECLARED, *ENDING)

    @admin.display(description="dernières nouvelles", ordering="last_word_at")
    def last_word(self, incident: Any) -> Any:
        return incident.last_word_at

    @admin.display(description="nouvelles")
    def said(self, incident: Incident) -> str:
        lines = [(moment(update.at), update.text) for update in incident.updates.all()]
        return bullets("{} : {}", lines, empty="Rien n’a encore été dit.")


@admin.register(PlannedWork)
class PlannedWorkAdmin(NationalAdmin):
    """Its times are fixed once announced."""

    formfield_overrides = OVERRIDES
    list_display = ("title", "starts_at", "ends_at", "announced_at", "cancelled_at")
    admin_actions = (
        AdminAction(
            slug="annuler",
            label="Annuler l’opération",
            question="Elle n’aura pas lieu : son bandeau disparaît.",
            done="L’opération est annulée.",
            form=confirming(lambda works, by: works.cancel()),
            is_open=lambda works, user: works.is_ahead,
            action=Action.WORKS_CHANGED,
        ),
        AdminAction(
            slug="terminer",
            label="Terminer maintenant",
            question="Opus est de nouveau disponible : le bandeau disparaît, et une "
            "panne compte de nouveau dans la disponibilité.",
            done="L’opération est terminée.",
            form=confirming(lambda works, by: works.finish()),
            is_open=lambda works, user: works.is_under_way,
            action=Action.WORKS_CHANGED,
        ),
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = ("title", "advice", "starts_at", "ends_at")
        return (*fields, "announced_at", "cancelled_at") if obj else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return ("starts_at", "ends_at", "announced_at", "cancelled_at")
