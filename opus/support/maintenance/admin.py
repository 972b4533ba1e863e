"""Planned maintenance: announced, cancelled or ended early (art. 6, R16)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from opus.lib.audit.journal import Action
from opus.lib.model_admin.admin_actions import AdminAction, confirming
from opus.lib.model_admin.forms import OVERRIDES
from opus.lib.model_admin.permissions import NationalAdmin
from opus.support.maintenance.models import PlannedWork


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
