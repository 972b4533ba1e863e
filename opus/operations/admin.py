"""Read-only admin of the nightly checks (R28)."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from opus.lib.models import Finding
from opus.lib.staff import QuestionFilter, Queue, ReadOnlyAdmin
from opus.operations.invariants import rules


class BrokenFilter(QuestionFilter):
    title = "défaut"
    parameter_name = "defaut"
    choice = ("oui", "en défaut")
    question = "broken"


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    """How many rows break each invariant, since when."""

    list_display = ("label", "count", "first_at", "checked_at")
    list_filter = (BrokenFilter,)
    fields = ("label", "name", "count", "first_at", "checked_at")
    search_fields = ("name",)
    search_help_text = "Nom du contrôle."

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """National staff only: checks have no territory."""
        is_national = getattr(request.user, "agency_id", None) is None
        return is_national and super().has_view_permission(request, obj)

    @admin.display(description="contrôle", ordering="name")
    def label(self, finding: Finding) -> str:
        labels = {invariant.name: invariant.label for invariant in rules()}
        return labels.get(finding.name, finding.name)

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        broken = Finding.objects.broken().count()
        yield Queue(
            rank=76,
            label="Contrôles de cohérence en défaut",
            value=str(broken),
            url=self.list_url(defaut="oui"),
            hint="comptés chaque nuit : voir le guide d’exploitation",
            is_waiting=broken > 0,
        )
