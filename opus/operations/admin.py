from django.contrib import admin

from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.staff_admin import NationalReadAdmin
from opus.lib.models import Finding
from opus.operations.invariants import rules


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
