"""Read-only admin of quarterly confirmations (art. 4.2, S26)."""

from django.contrib import admin
from django.utils.html import format_html_join

from accounts.agreements.admin.filters import OfConvention
from accounts.team import quarterly_reviews
from accounts.team.models import TeamReview
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.permissions import ReadOnlyAdmin


class SilenceFilter(ChoiceFilter):
    title = "réponse"
    parameter_name = "reponse"
    options = {
        "retard": ("sans réponse depuis 3 semaines", lambda rows: rows.overdue()),
        "attente": ("attendue", lambda rows: rows.waiting()),
    }


@admin.register(TeamReview)
class TeamReviewAdmin(OfConvention, ReadOnlyAdmin):
    list_display = ("due_on", "structure", "convention", "answered_at", "escalated_at")
    list_filter = (SilenceFilter, *OfConvention.list_filter)
    records_reads = True
    fields = (
        "structure",
        "convention",
        "due_on",
        "answered_at",
        "answered_by",
        "escalated_at",
        "people",
    )

    @admin.display(description="personnes")
    def people(self, review: TeamReview) -> str:
        lines = [
            (answer.account, answer.account.identifier, str(answer))
            for answer in review.answers.select_related("account")
        ]
        question = quarterly_reviews.question(review.convention)
        if review.is_waiting and question:
            lines = [
                (person, person.identifier, "réponse attendue")
                for person in question.people
            ]
        return format_html_join("\n", "<p>{} ({}) : {}</p>", lines) or "—"
