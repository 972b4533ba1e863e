"""Journal, outbox and jobs, as national staff read them; nothing writes (S37)."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.timezone import localtime

from opus.lib import outbox
from opus.lib.audit import Action
from opus.lib.dates import date_format
from opus.lib.models import (
    AuditEntry,
    JobRun,
    OutboxEntry,
    PurgeRun,
    TextFinding,
    TextGuardCount,
)
from opus.lib.staff import (
    DayFilter,
    QuestionFilter,
    Queue,
    ReadOnlyAdmin,
    Verb,
    VerbForm,
)
from opus.lib.text_guard.categories import Category
from opus.lib.text_guard.places import category_label, model_of, place_label

# Some months of the counts, the newest first.
COUNTS_SHOWN = 300

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
    """Where what leaves stands."""

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


class ChannelFilter(admin.SimpleListFilter):
    """Letters to people, or notices to France Travail's system."""

    title = "nature"
    parameter_name = "nature"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("courriel", "courriels"), ("avis", "avis à France Travail")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        notices = outbox.named(outbox.Channel.NOTICE)
        match self.value():
            case "courriel":
                return queryset.exclude(effect__in=notices)
            case "avis":
                return queryset.filter(effect__in=notices)
        return queryset


class RetryForm(VerbForm):
    """Nothing to type."""

    def save(self, *, by: Any) -> None:
        outbox.try_again(self.instance)


class LateFilter(QuestionFilter):
    """The jobs that should have run since."""

    title = "retard"
    parameter_name = "retard"
    choice = ("oui", "en retard")
    question = "overdue"


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    """The regular jobs, and when each last ended well (R25)."""

    list_display = ("name", "every", "ended_at", "error")
    list_filter = (LateFilter,)
    fields = ("name", "every", "ended_at", "error")
    search_fields = ("name",)
    search_help_text = "Nom de la tâche."

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        late = JobRun.objects.overdue().count()
        yield Queue(
            rank=75,
            label="Tâches de fond en retard",
            value=str(late),
            url=self.list_url(retard="oui"),
            hint="détection, purges, relances : voir le guide d’exploitation",
            is_waiting=late > 0,
        )


@admin.register(PurgeRun)
class PurgeRunAdmin(ReadOnlyAdmin):
    """Each night's purge, and how many of what it let go (V10)."""

    list_display = ("began_at", "ended_at", "total", "failures")
    fields = ("began_at", "ended_at", "total", "failures", "counts")

    @admin.display(description="lignes")
    def total(self, run: PurgeRun) -> int:
        return run.total

    @admin.display(description="lignes en erreur")
    def failures(self, run: PurgeRun) -> int:
        return run.failures


@admin.register(OutboxEntry)
class OutboxEntryAdmin(ReadOnlyAdmin):
    """What left, what waits, what was given up; neither addresses nor texts."""

    list_display = ("effect", "created_at", "sent_at", "attempts", "error")
    list_filter = (OutboxStateFilter, ChannelFilter)
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

    verbs = (
        Verb(
            slug="relancer",
            label="Relancer",
            question="Opus essaie une fois encore, tout de suite. Si l’envoi échoue de "
            "nouveau, il redevient abandonné.",
            done="L’envoi est relancé.",
            form=RetryForm,
            is_open=lambda entry, user: entry.given_up_at is not None,
            action=Action.EFFECT_RETRIED,
        ),
    )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What leaves knows no territory: national staff alone."""
        is_national = getattr(request.user, "agency_id", None) is None
        return is_national and super().has_view_permission(request, obj)

    def may_act(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and super().may_act(request)

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        if not self.has_view_permission(request):
            return
        given_up = OutboxEntry.objects.filter(given_up_at__isnull=False).count()
        yield Queue(
            rank=90,
            label="Envois non partis",
            value=str(given_up),
            url=self.list_url(etat="abandon"),
            hint="abandonnés après trois jours d’essais",
            is_waiting=given_up > 0,
        )


class CategoryFilter(admin.SimpleListFilter):
    """By category."""

    title = "sujet"
    parameter_name = "sujet"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(category.value, category.label) for category in Category]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(category=self.value()) if self.value() else queryset


@admin.register(TextFinding)
class TextFindingAdmin(ReadOnlyAdmin):
    """Old texts to mend: where and of what, never a word (V5).

    Below them, how many were refused as they were typed (V4).
    """

    change_list_template = "admin/text_findings.html"
    list_display = ("told_place", "sheet", "category", "version", "at")
    list_filter = (CategoryFilter,)
    fields = ("told_place", "sheet", "category", "version", "at")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is typed knows no territory: national staff alone."""
        is_national = getattr(request.user, "agency_id", None) is None
        return is_national and super().has_view_permission(request, obj)

    def title_of(self, instance: TextFinding) -> str:
        return f"Texte à reprendre n° {instance.pk}"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        counts = TextGuardCount.objects.by_month()[:COUNTS_SHOWN]
        refusals = [
            {
                **row,
                "field": place_label(row["place"]),
                "told": category_label(row["category"]),
            }
            for row in counts
        ]
        return super().changelist_view(
            request, {"refusals": refusals, **(extra_context or {})}
        )

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        if not self.has_view_permission(request):
            return
        found = TextFinding.objects.count()
        yield Queue(
            rank=36,
            label="Textes à reprendre",
            value=str(found),
            url=self.list_url(),
            hint="anciens textes que les règles d’aujourd’hui refusent",
            is_waiting=found > 0,
        )

    @admin.display(description="champ", ordering="place")
    def told_place(self, finding: TextFinding) -> str:
        return place_label(finding.place)

    @admin.display(description="fiche")
    def sheet(self, finding: TextFinding) -> str:
        """A link to the object's sheet, where it has one here."""
        model = model_of(finding.place)
        if model is None or not self.admin_site.is_registered(model):
            return f"n° {finding.target_id}, sans fiche"
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
        url = reverse(name, args=[quote(finding.target_id)])
        return format_html('<a href="{}">{}</a>', url, f"n° {finding.target_id}")
