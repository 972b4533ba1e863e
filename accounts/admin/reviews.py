"""The quarterly confirmations, as France Travail reads them (art. 4.2, S26)."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join

from accounts import reviews
from accounts.models import TeamReview
from accounts.scope import within
from opus.lib.sorting import ByName
from opus.lib.staff import Queue, ReadOnlyAdmin


class SilenceFilter(admin.SimpleListFilter):
    """By whether the RGC answered."""

    title = "réponse"
    parameter_name = "reponse"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("retard", "sans réponse depuis 3 semaines"), ("attente", "attendue")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "retard":
                return queryset.overdue()
            case "attente":
                return queryset.unanswered()
        return queryset


@admin.register(TeamReview)
class TeamReviewAdmin(ReadOnlyAdmin):
    """What each RGC was asked, when he answered, what he said."""

    list_display = ("structure", "convention", "due_on", "answered_at", "escalated_at")
    list_filter = (SilenceFilter,)
    list_select_related = ("convention__structure",)
    search_fields = (
        "convention__number",
        "convention__structure__name",
        "=convention__agency__safir",
    )
    search_help_text = "Convention, structure ou code SAFIR."
    tells_reads = True
    fields = (
        "structure",
        "convention",
        "due_on",
        "answered_at",
        "answered_by",
        "escalated_at",
        "people",
    )

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        return within(
            queryset, user, "convention__agency", "convention__structure__agency"
        )

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        silent = self.within(TeamReview.objects.overdue(), request.user).count()
        yield Queue(
            rank=25,
            label="Comptes non confirmés",
            value=str(silent),
            url=self.list_url(reponse="retard"),
            hint="RGC sans réponse depuis trois semaines (art. 4.2)",
            is_waiting=silent > 0,
        )

    @admin.display(
        description="structure", ordering=ByName("convention__structure__name")
    )
    def structure(self, review: TeamReview) -> str:
        return str(review.convention.structure)

    @admin.display(description="personnes")
    def people(self, review: TeamReview) -> str:
        """Each with the answer; while it waits, those who are asked about."""
        lines = [
            (answer.account, answer.account.identifier, str(answer))
            for answer in review.answers.select_related("account")
        ]
        if not lines and (asked := reviews.question(review.convention)):
            lines = [
                (person, person.identifier, "réponse attendue")
                for person in asked.people
            ]
        return format_html_join("\n", "<p>{} ({}) : {}</p>", lines) or "—"
