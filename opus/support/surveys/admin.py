"""Surveys: their days, and their totals afterwards (art. 6, U18)."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from opus.lib.dates import date_format
from opus.lib.model_admin.forms import ChangeForm
from opus.lib.model_admin.staff_admin import NationalAdmin
from opus.lib.statistics import masked
from opus.support.surveys.models import A_YEAR, Survey, results_of

DATES = ("opens_on", "closes_on")


class SurveyForm(ChangeForm):
    """The days of a survey; the rank follows."""

    also_checks = ("rank", "year")

    def clean(self) -> dict[str, Any]:
        """Raise ValidationError in the past, or for a third survey."""
        cleaned = super().clean()
        opens_on = self.cleaned_data.get("opens_on")
        if opens_on is None:
            return cleaned
        if opens_on < timezone.localdate():
            self.add_error("opens_on", "Choisissez aujourd’hui ou un jour à venir.")
        others = Survey.objects.filter(opens_on__year=opens_on.year)
        taken = set(others.exclude(pk=self.instance.pk).values_list("rank", flat=True))
        free = [rank for rank in range(1, A_YEAR + 1) if rank not in taken]
        if not free:
            raise ValidationError(
                f"Deux enquêtes ont déjà été prévues en {opens_on.year} : la "
                "convention n’en permet pas plus (art. 6). Choisissez une autre année."
            )
        self.instance.rank = free[0]
        return cleaned


@admin.register(Survey)
class SurveyAdmin(NationalAdmin):
    """Totals only: no list of answers."""

    form = SurveyForm
    list_display = ("title", "opens_on", "closes_on")
    fields = DATES

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*DATES, "results") if obj else DATES

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        is_begun = obj.opens_on <= timezone.localdate()
        return (*DATES, "results") if is_begun else ("results",)

    @admin.display(description="enquête")
    def title(self, survey: Survey) -> str:
        return str(survey)

    @admin.display(description="résultats")
    def results(self, survey: Survey) -> str:
        if survey.is_over:
            context = {"results": results_of(survey)}
            return render_to_string("support/surveys/admin/results.html", context)
        count = masked(survey.answers.count())
        closes_on = date_format(survey.closes_on, "j F Y")
        return (
            f"Réponses reçues : {count}. Les résultats se lisent après la clôture, le "
            f"{closes_on} au soir."
        )
