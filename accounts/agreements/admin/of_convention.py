"""Code shared by the admin of conventions and their parts."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.text import capfirst

from accounts.agreements.models.letters import Letter
from accounts.structures.structure_filter import StructureFilter
from accounts.structures.territory_filter import TerritoryFilter
from accounts.users.enums import Role
from accounts.users.territory import within
from opus.lib.database.name_order import ByName
from opus.lib.dates import date_format
from opus.lib.model_admin.formatting import bullets
from opus.lib.model_admin.staff_admin import StaffAdmin


def links_to(rows: Iterable[Letter]) -> str:
    lines = [
        (
            letter.get_absolute_url(),
            capfirst(str(letter)),
            letter.get_kind_display(),
            status_of(letter),
        )
        for letter in rows
    ]
    return bullets('<a href="{}">{}</a>, {} : {}', lines, empty="Aucune lettre.")


def status_of(letter: Letter) -> str:
    if letter.is_void:
        return "annulée"
    if letter.received_on:
        return f"présentée le {date_format(letter.received_on)}"
    if letter.posted_on:
        return (
            f"postée le {date_format(letter.posted_on)}, n° {letter.registered_number}"
        )
    return "à poster" if letter.is_ready else str(letter.get_state_display())


Condition = Callable[[Any, Any], bool]


def for_admins(condition: Condition) -> Condition:
    """Exclude agents: they only propose and record opinions (domain 5.7)."""
    return lambda row, user: user.role == Role.FT_ADMIN and condition(row, user)


class OfConvention(StaffAdmin):
    list_filter: ClassVar[tuple[Any, ...]] = (StructureFilter, TerritoryFilter)
    territory_paths: ClassVar[tuple[str, ...]] = ("convention__agency",)
    list_select_related: ClassVar[tuple[str, ...]] = ("convention__structure",)
    structure_path = "convention.structure"
    search_fields: ClassVar[tuple[str, ...]] = (
        "convention__number",
        "convention__structure__name",
        "=convention__agency__safir",
    )
    search_help_text = "Convention, structure ou code SAFIR."

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        return within(
            queryset, user, "convention__agency", "convention__structure__agency"
        )

    @admin.display(
        description="structure", ordering=ByName("convention__structure__name")
    )
    def structure(self, row: Any) -> str:
        return self.structure_link(row)

    @admin.display(description="lettres")
    def letters(self, row: Any) -> str:
        rows = row.letters.select_related("convention").defer("html", "content")
        return links_to(rows)
