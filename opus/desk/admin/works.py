"""Planned works: told ahead, given up or ended early (art. 6, R16)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import User
from opus.desk.admin.instants import OVERRIDES
from opus.desk.models import PlannedWork
from opus.lib.audit import Action
from opus.lib.staff import NationalAdmin, Verb, VerbForm


class CancelForm(VerbForm):
    def save(self, *, by: User) -> None:
        self.instance.cancel()


class FinishForm(VerbForm):
    def save(self, *, by: User) -> None:
        self.instance.finish()


@admin.register(PlannedWork)
class PlannedWorkAdmin(NationalAdmin):
    """Once told it neither moves nor grows: its minutes count in no breakdown."""

    formfield_overrides = OVERRIDES
    list_display = ("title", "starts_at", "ends_at", "announced_at", "cancelled_at")
    verbs = (
        Verb(
            slug="annuler",
            label="Annuler l’opération",
            question="Elle n’aura pas lieu : son bandeau disparaît.",
            done="L’opération est annulée.",
            form=CancelForm,
            is_open=lambda works, user: works.is_ahead,
            action=Action.WORKS_CHANGED,
        ),
        Verb(
            slug="terminer",
            label="Terminer maintenant",
            question="Opus est de nouveau disponible : le bandeau disparaît, et une "
            "panne compte de nouveau dans la disponibilité.",
            done="L’opération est terminée.",
            form=FinishForm,
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
