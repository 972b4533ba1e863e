from collections.abc import Iterable

from django.contrib import admin
from django.http import HttpRequest

from opus.lib.database.models import Finding
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.permissions import NationalReadAdmin
from opus.lib.model_admin.records import Queue
from opus.operations.invariants.rules import rules


class BrokenFilter(ChoiceFilter):
    title = "défaut"
    parameter_name = "defaut"
    options = {"oui": ("en défaut", lambda rows: rows.broken())}


@admin.register(Finding)
class FindingAdmin(NationalReadAdmin):
    """Rows that break invariants, since when (R28)."""

    list_display = ("label", "count", "first_at", "checked_at")
    list_filter = (BrokenFilter,)
    fields = ("label", "name", "count", "first_at", "checked_at")
    search_fields = ("name",)
    search_help_text = "Nom du contrôle."

    @admin.display(description="contrôle", ordering="name")
    def label(self, finding: Finding) -> str:
        labels = {invariant.name: invariant.label for invariant in rules()}
        return labels.get(finding.name, finding.name)

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        broken, label = (
            Finding.objects.broken().count(),
            "Contrôles de cohérence en défaut",
        )
        hint = "comptés chaque nuit : l’aide dit quoi faire"
        yield self.tile(76, label, broken, hint, defaut="oui")
