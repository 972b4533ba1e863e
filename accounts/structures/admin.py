from typing import Any, ClassVar

from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.forms import Script
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.html import format_html

from accounts.structures.communes import communes_at, name_of, official
from accounts.structures.filters import TerritoryFilter
from accounts.structures.forms import StructureForm
from accounts.structures.models import (
    Agency,
    AgencyKind,
    Structure,
    agencies_under,
    in_places,
)
from opus.lib.dates import date_format
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.formatting import part
from opus.lib.model_admin.staff_admin import StaffAdmin, is_national


class CommuneFilter(ChoiceFilter):
    title = "commune"
    parameter_name = "commune"
    options = {
        "inconnue": (
            "inconnue de la liste officielle",
            lambda structures: structures.without_commune(),
        )
    }


def conventions() -> Any:
    """Return them by name: their subject is not importable here."""
    return apps.get_model("accounts", "Convention").objects


def in_force() -> QuerySet[Any]:
    found: QuerySet[Any] = conventions().in_force()
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
        "jamais": (
            "jamais signée",
            lambda rows: rows.exclude(
                pk__in=conventions().ever_signed().values("structure")
            ),
        ),
    }


@admin.register(Structure)
class StructureAdmin(StaffAdmin):
    form = StructureForm
    add_form_template = "accounts/structures/add.html"
    list_display = ("name", "kind", "city", "agency", "convention", "phone")
    list_filter = (ConventionFilter, "kind", TerritoryFilter, CommuneFilter)
    territory_paths = ("agency",)
    suggested_by = ("siret", "pk")
    journal_name = "name"
    own_pages: ClassVar = {"communes": ("communes/", "communes_view")}
    list_select_related = ("agency",)
    search_fields = ("name", "=siret", "city", "=agency__safir", "agency__name")
    search_help_text = "Nom, SIRET, ville ou code SAFIR de l’agence."
    fieldsets = (
        part(
            *(None, "name", "kind", "siret", "sender_name", "identifier_prefix"),
            "agency",
        ),
        part("Coordonnées", "address", ("postcode", "commune_code"), "phone", "email"),
    )

    class Media:
        js = (Script("js/communes.js", type="module"),)

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        return in_places(queryset, agencies_under(user.agency), "agency")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find a SIRET with or without spaces."""
        digits = "".join(search_term.split())
        term = digits if digits.isdecimal() else search_term
        return super().get_search_results(request, queryset, term)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        current = Prefetch("conventions", in_force(), to_attr="current")
        return super().get_queryset(request).prefetch_related(current)

    @property
    def add_title(self) -> str:
        return "Nouveau partenaire"

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Say what lacks before the first structure, and who has the SIRET already."""
        known = set(Agency.objects.order_by().values_list("kind", flat=True).distinct())
        needed = (AgencyKind.REGION, AgencyKind.TERRITORY, AgencyKind.AGENCY)
        agencies: Any = self.admin_site.get_model_admin(Agency)
        kwargs["extra_context"] = {
            "missing": [kind for kind in needed if kind not in known],
            "has_communes": official().exists(),
            "has_agencies": agencies.get_queryset(request).exists(),
            "may_add_agency": agencies.has_add_permission(request),
        }
        response: Any = super().add_view(request, *args, **kwargs)
        shown = getattr(response, "context_data", None)
        if shown and "siret" in shown["adminform"].form.errors:
            siret = shown["adminform"].form.instance.siret
            for other in self.get_queryset(request).filter(siret=siret):
                words = 'Ce SIRET est celui de <a href="{}">{}</a>.'
                link = format_html(words, self.record_url(other), other)
                self.message_user(request, link, messages.WARNING)
        return response

    def communes_view(self, request: HttpRequest) -> JsonResponse:
        """Return the communes of a postcode, for the list of the form."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        found = communes_at(request.GET.get("postcode", "").strip()[:5])
        return JsonResponse({"choices": [[one.code, name_of(one)] for one in found]})

    @admin.display(description="convention en vigueur")
    def convention(self, structure: Any) -> str:
        if not structure.current:
            return "aucune"
        [convention] = structure.current
        return f"n° {convention.number}, jusqu’au {date_format(convention.ends_on)}"


OF_THE_NETWORK = ("aurore", "kind", "parent", "department", "region")


@admin.register(Agency)
class AgencyAdmin(StaffAdmin):
    list_display = ("safir", "name", "kind", "city", "phone", "parent")
    list_filter = ("kind", TerritoryFilter)
    territory_paths = ("pk",)
    suggested_by = ("safir",)
    journal_name = "name"
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
            "phone",
            ("latitude", "longitude"),
        ),
    )

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        return in_places(queryset, agencies_under(user.agency), "pk")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_national(request) and super().has_add_permission(request)

    def suggested_name(self, instance: Agency) -> str:
        return instance.name

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Freeze what limits views, for all but national staff."""
        if obj is None:
            return ()
        return ("safir",) if is_national(request) else ("safir", *OF_THE_NETWORK)
