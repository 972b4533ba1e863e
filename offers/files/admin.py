"""Read-only admin of imports and of their quarantine (art. 7)."""

import datetime as dt
from collections.abc import Iterable

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince

from offers.files.models import ImportRun, Quarantine
from opus.lib.model_admin.filters import DayFilter
from opus.lib.model_admin.permissions import ReadOnlyAdmin
from opus.lib.model_admin.records import Queue


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

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        last = ImportRun.objects.first()
        if last is None:
            value, hint = "aucun", "aucun fichier d’offres n’a été importé"
        else:
            is_fresh = timezone.now() - last.started_at < dt.timedelta(minutes=1)
            ago = timesince(last.started_at, depth=1)
            value = "à l’instant" if is_fresh else f"il y a {ago}"
            hint = f"lignes lues : {last.read}, rejetées : {last.rejected}"
        is_waiting = last is not None and last.ended_at is None
        yield Queue(50, "Dernier import", value, self.list_url(), hint, is_waiting)


@admin.register(Quarantine)
class QuarantineAdmin(ReadOnlyAdmin):
    list_display = ("at", "file", "line", "reference", "reason")
    list_filter = (("at", DayFilter),)
    search_fields = ("=reference", "reason", "file")
    search_help_text = "N° d’offre, motif ou fichier."
    fields = ("run", "file", "line", "reference", "reason", "at", "received")

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        count = Quarantine.objects.count()
        hint = "lignes de fichiers illisibles comme offres"
        yield self.tile(40, "Lignes en quarantaine", count, hint)

    @admin.display(description="texte reçu")
    def received(self, reject: Quarantine) -> str:
        return format_html("<pre>{}</pre>", reject.raw)
