"""Read-only admin of imports and of their quarantine (art. 7)."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from offers.files.models import ClosingReason, ImportRun, Quarantine, QuarantineState
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.database.states import MoveRefused
from opus.lib.model_admin.filters import DayFilter
from opus.lib.model_admin.forms import AdminAction, AdminActionForm, leads_to
from opus.lib.model_admin.staff_admin import ReadOnlyAdmin


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = (
        *("started_at", "ended_at", "is_snapshot", "read", "created", "updated"),
        *("unchanged", "withdrawn", "rejected", "swapped", "placeless"),
    )
    list_filter = ("is_snapshot",)
    fields = (*list_display[:2], "file_names", *list_display[2:])

    @admin.display(description="fichiers")
    def file_names(self, run: ImportRun) -> str:
        return ", ".join(run.files) or "—"


class CloseLineForm(AdminActionForm):
    act = Quarantine.close

    reason = forms.ChoiceField(label="Pourquoi", choices=ClosingReason)

    def audit_details(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"]}


def closing_for(reason: ClosingReason) -> Callable[..., None]:
    """Return the list's action that closes the chosen lines for one reason."""

    @admin.action(description=f"Clore : {reason.label}")
    @transaction.atomic
    def close(pages: Any, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        if not pages.may_act(request):
            raise PermissionDenied
        by: Any = request.user
        parts = []
        for line in chosen.select_for_update(no_key=True, of=("self",)):
            try:
                line.close(by=by, reason=reason)
            except MoveRefused:
                continue  # Closed already: its first reason stays.
            target = f"{line._meta.label_lower} {line.pk}"
            parts.append({"action": str(Action.QUARANTINE_CLOSED), "target": target})
        count = len(parts)
        if count:
            details = {"reason": str(reason)}
            journal.record(
                Action.QUARANTINE_CLOSED, by=by, details=details, parts=parts
            )
        plural = "s" if count > 1 else ""
        pages.message_user(request, f"{count} ligne{plural} close{plural}.")

    close.__name__ = f"close_{reason.value}"
    return close


@admin.register(Quarantine)
class QuarantineAdmin(ReadOnlyAdmin):
    list_display = ("at", "file", "line", "reference", "reason", "state")
    list_filter = ("state", ("at", DayFilter))
    actions = [closing_for(reason) for reason in ClosingReason]
    admin_actions = (
        AdminAction(
            slug="clore",
            label="Clore la ligne",
            question="Elle reste visible, et n’attend plus personne.",
            done="La ligne est close.",
            form=CloseLineForm,
            is_open=leads_to(QuarantineState.CLOSED),
            action=Action.QUARANTINE_CLOSED,
        ),
    )
    search_fields = ("=reference", "reason", "file")
    search_help_text = "N° d’offre, motif ou fichier."
    fields = (
        *("run", "file", "line", "reference", "reason", "at", "received"),
        *("state", "closed_because", "timeline"),
    )

    @admin.display(description="texte reçu")
    def received(self, reject: Quarantine) -> str:
        return format_html("<pre>{}</pre>", reject.raw)
