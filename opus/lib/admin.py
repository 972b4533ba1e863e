"""Journal, outbox and jobs, as national staff read them; nothing writes (S37)."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime

from opus.lib.audit import Action
from opus.lib.models import AuditEntry, JobRun, OutboxEntry, PurgeRun
from opus.lib.staff import DayFilter, Queue, ReadOnlyAdmin

ACTION_LABELS = dict(Action.choices)


class ActionFilter(admin.SimpleListFilter):
    """By action: the list of choices costs no query over the whole journal."""

    title = "action"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(Action.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.telling(self.value()) if self.value() else queryset


class AboutFilter(admin.ListFilter):
    """The story of one object, which its sheet leads to: ``accounts.user 12``."""

    title = "objet"
    parameter_name = "objet"

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: Any, page: Any
    ) -> None:
        super().__init__(request, params, model, page)
        values = params.pop(self.parameter_name, None)
        self.about = values[-1] if values else ""

    def has_output(self) -> bool:
        return bool(self.about)

    def expected_parameters(self) -> list[str | None]:
        return [self.parameter_name]

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        yield {
            "selected": False,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": "tous",
        }
        yield {
            "selected": True,
            "query_string": changelist.get_query_string(),
            "display": self.about,
        }

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        target_type, _, target_id = self.about.partition(" ")
        return queryset.about(target_type, target_id)


class RefusedFilter(admin.SimpleListFilter):
    """What was answered by no."""

    title = "résultat"
    parameter_name = "resultat"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("refus", "refusé"), ("fait", "fait")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "refus":
                return queryset.exclude(refused="")
            case "fait":
                return queryset.filter(refused="")
        return queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Who did or read what, when, from where."""

    list_display = (
        "at",
        "actor",
        "role",
        "action_label",
        "target",
        "persons",
        "refused",
        "ip",
    )
    list_filter = (("at", DayFilter), ActionFilter, RefusedFilter, AboutFilter)
    search_fields = ("=actor", "=target_id", "=request_id", "=ip")
    search_help_text = "Identifiant du compte, n° de l’objet, requête ou adresse."
    fields = (
        "at",
        "actor",
        "role",
        "structure_id",
        "action_label",
        "target",
        "persons",
        "refused",
        "request_id",
        "session",
        "ip",
        "agent",
        "details",
    )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The journal knows no territory: it is for national staff alone."""
        is_national = getattr(request.user, "agency_id", None) is None
        return is_national and super().has_view_permission(request, obj)

    def title_of(self, instance: AuditEntry) -> str:
        at = date_format(localtime(instance.at), r"j F Y à G \h i")
        return f"{capfirst(self.action_label(instance))}, le {at}"

    @admin.display(description="action", ordering="action")
    def action_label(self, entry: AuditEntry) -> str:
        return ACTION_LABELS.get(entry.action, entry.action)

    @admin.display(description="objet")
    def target(self, entry: AuditEntry) -> str:
        return f"{entry.target_type} {entry.target_id}".strip() or "—"


class OutboxStateFilter(admin.SimpleListFilter):
    """Where a letter stands."""

    title = "état"
    parameter_name = "etat"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("attente", "en attente"), ("abandon", "abandonné")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "attente":
                return queryset.waiting()
            case "abandon":
                return queryset.filter(given_up_at__isnull=False)
        return queryset


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    """The regular jobs, and when each last ended well (R25)."""

    list_display = ("name", "every", "ended_at", "error")
    fields = ("name", "every", "ended_at", "error")
    search_fields = ("name",)
    search_help_text = "Nom de la tâche."

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        late = JobRun.objects.overdue().count()
        yield Queue(
            rank=75,
            label="Tâches de fond en retard",
            value=str(late),
            url=self.list_url(),
            hint="détection, purges, relances : voir le guide d’exploitation",
            is_waiting=late > 0,
        )


@admin.register(PurgeRun)
class PurgeRunAdmin(ReadOnlyAdmin):
    """Each night's purge, and how many of what it let go (V10)."""

    list_display = ("began_at", "ended_at", "total")
    fields = ("began_at", "ended_at", "total", "counts")

    @admin.display(description="lignes")
    def total(self, run: PurgeRun) -> int:
        return run.total


@admin.register(OutboxEntry)
class OutboxEntryAdmin(ReadOnlyAdmin):
    """What left, what waits, what was given up; neither addresses nor texts."""

    list_display = ("effect", "created_at", "sent_at", "attempts", "error")
    list_filter = (OutboxStateFilter,)
    fields = (
        "effect",
        "key",
        "created_at",
        "next_attempt_at",
        "attempts",
        "error",
        "sent_at",
        "dropped_at",
        "given_up_at",
    )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Letters know no territory: national staff alone."""
        is_national = getattr(request.user, "agency_id", None) is None
        return is_national and super().has_view_permission(request, obj)

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        if not self.has_view_permission(request):
            return
        given_up = OutboxEntry.objects.filter(given_up_at__isnull=False).count()
        yield Queue(
            rank=90,
            label="Courriels non partis",
            value=str(given_up),
            url=self.list_url(etat="abandon"),
            hint="abandonnés après trois jours d’essais",
            is_waiting=given_up > 0,
        )
