import datetime as dt
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from accounts.agreements.enums import ConventionState
from accounts.agreements.models.conventions import Convention
from accounts.agreements.models.partnerships import Partnership
from accounts.users.territory import agencies_of
from opus.lib.dates import date_format
from opus.lib.model_admin.formatting import bullets
from opus.lib.model_admin.forms import ChangeForm
from opus.lib.model_admin.staff_admin import StaffAdmin


class PartnershipForm(ChangeForm):
    def clean_ends_on(self) -> dt.date:
        """Refuse an end before a convention's (art. 13)."""
        ends_on: dt.date = self.cleaned_data["ends_on"]
        beyond = (
            self.instance.conventions.exclude(
                state__in=(ConventionState.TERMINATED, ConventionState.ABANDONED)
            )
            .filter(ends_on__gt=ends_on)
            .select_related("structure")
            if self.instance.pk
            else ()
        )
        names = ", ".join(
            f"n° {convention.number} ({convention.structure}, jusqu’au "
            f"{date_format(convention.ends_on)})"
            for convention in beyond
        )
        if names:
            raise ValidationError(
                f"Ces conventions d’application dureraient plus que leur convention "
                f"de partenariat (art. 13) : {names}. Enregistrez d’abord leur fin "
                "anticipée."
            )
        return ends_on


@admin.register(Partnership)
class PartnershipAdmin(StaffAdmin):
    form = PartnershipForm
    list_display = ("number", "partner", "ends_on", "count")
    suggested_by = ("number",)
    search_fields = ("number", "partner", "conventions__number")
    search_help_text = "Numéro, partenaire ou numéro de convention d’application."

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        agencies = agencies_of(user)
        if agencies is None:
            return queryset
        hanging = Convention.objects.filter(parent=OuterRef("pk"))
        theirs = hanging.filter(agency__in=agencies.values("pk"))
        return queryset.filter(Exists(theirs) | ~Exists(hanging))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(hanging=Count("conventions"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = ("number", "partner", "signed_on", "ends_on")
        return (*fields, "conventions") if obj else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("conventions",) if obj else ()

    def suggested_name(self, instance: Partnership) -> str:
        return instance.partner

    @admin.display(description="conventions d’application")
    def count(self, partnership: Any) -> Any:
        return partnership.hanging

    @admin.display(description="conventions d’application")
    def conventions(self, partnership: Partnership) -> str:
        rows = partnership.conventions.select_related("structure")
        lines = [
            (
                reverse("admin:accounts_convention_change", args=[row.pk]),
                row.number,
                row.structure,
                row.get_state_display(),
                date_format(row.ends_on),
            )
            for row in rows
        ]
        item = '<a href="{}">n° {}</a>, {} : {}, jusqu’au {}'
        return bullets(item, lines, empty="Aucune convention.")
