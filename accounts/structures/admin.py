from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from accounts.structures.models import Agency, Structure, agencies_under
from accounts.structures.territory_filter import TerritoryFilter
from opus.lib.dates.formats import date_format
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.formatting import part, reader_of
from opus.lib.model_admin.permissions import is_national
from opus.lib.model_admin.staff_admin import StaffAdmin


def in_force() -> QuerySet[Any]:
    """Return conventions by name: their subject is not importable here."""
    conventions: Any = apps.get_model("accounts", "Convention").objects
    found: QuerySet[Any] = conventions.in_force()
    return found


class ConventionFilter(ChoiceFilter):
    title = "convention"
    parameter_name = "convention"
    options = {
        "oui": (
            "en vigueur",
            lambda rows: rows.filter(pk__in=in_force().values("structure")),
        ),
        "non": (
            "aucune en vigueur",
            lambda rows: rows.exclude(pk__in=in_force().values("structure")),
        ),
    }


@admin.register(Structure)
class StructureAdmin(StaffAdmin):
    list_display = ("name", "kind", "city", "agency", "convention", "phone")
    list_filter = (ConventionFilter, "kind", TerritoryFilter)
    territory_paths = ("agency",)
    suggested_by = ("siret", "pk")
    list_select_related = ("agency",)
    search_fields = ("name", "=siret", "city", "=agency__safir", "agency__name")
    search_help_text = "Nom, SIRET, ville ou code SAFIR de l’agence."
    fieldsets = (
        part(
            *(None, "name", "kind", "siret", "sender_name", "identifier_prefix"),
            "agency",
        ),
        part(
            "Coordonnées",
            "address",
            ("postcode", "city"),
            "commune_code",
            "phone",
            "email",
        ),
        part("Dans Opus", "convention", "accounts"),
    )
    readonly_fields = ("convention", "accounts")

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        agencies = agencies_under(user.agency)
        if agencies is None:
            return queryset
        return queryset.filter(agency__in=agencies.values("pk"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        current = Prefetch("conventions", in_force(), to_attr="current")
        return super().get_queryset(request).prefetch_related(current)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj else fieldsets[:2]

    @admin.display(description="convention en vigueur")
    def convention(self, structure: Any) -> str:
        if not structure.current:
            return "aucune"
        [convention] = structure.current
        return f"n° {convention.number}, jusqu’au {date_format(convention.ends_on)}"

    @admin.display(description="comptes")
    def accounts(self, structure: Structure) -> str:
        reader = reader_of(structure)
        if reader is None or not reader.has_perm("accounts.view_user"):
            return "La liste des comptes est celle des administrateurs."
        url = reverse("admin:accounts_user_changelist")
        return format_html(
            '<a href="{}?structure__id__exact={}">Voir les comptes de la structure</a>',
            url,
            structure.pk,
        )


OF_THE_NETWORK = ("aurore", "kind", "parent", "department", "region")


@admin.register(Agency)
class AgencyAdmin(StaffAdmin):
    list_display = ("safir", "name", "kind", "city", "parent")
    list_filter = ("kind", TerritoryFilter)
    territory_paths = ("pk",)
    suggested_by = ("safir",)
    list_select_related = ("parent",)
    search_fields = ("=safir", "name", "city", "=department")
    search_help_text = "Code SAFIR, nom, ville ou département."
    ordering = ("safir",)
    fieldsets = (
        part(None, "safir", "aurore", "name", "kind", "parent"),
        part(
            "Adresse",
            "address",
            ("postcode", "city"),
            ("department", "region"),
            ("latitude", "longitude"),
        ),
    )

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        agencies = agencies_under(user.agency)
        return queryset if agencies is None else queryset.filter(pk__in=agencies)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_national(request) and super().has_add_permission(request)

    def suggested_name(self, instance: Agency) -> str:
        return instance.name

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Freeze what limits views, for all but national staff."""
        if obj is None:
            return ()
        return ("safir",) if is_national(request) else ("safir", *OF_THE_NETWORK)
