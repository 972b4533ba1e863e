"""Read-only admin of imports and of their quarantine (art. 7)."""

from django.contrib import admin
from django.utils.html import format_html

from offers.files.models import ImportRun, Quarantine
from opus.lib.model_admin.filters import DayFilter
from opus.lib.model_admin.permissions import ReadOnlyAdmin


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


@admin.register(Quarantine)
class QuarantineAdmin(ReadOnlyAdmin):
    list_display = ("at", "file", "line", "reference", "reason")
    list_filter = (("at", DayFilter),)
    search_fields = ("=reference", "reason", "file")
    search_help_text = "N° d’offre, motif ou fichier."
    fields = ("run", "file", "line", "reference", "reason", "at", "received")

    @admin.display(description="texte reçu")
    def received(self, reject: Quarantine) -> str:
        return format_html("<pre>{}</pre>", reject.raw)
