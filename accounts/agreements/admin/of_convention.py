"""Code shared by the admin of conventions and their parts."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet

from accounts.users.enums import Role
from accounts.users.territory import within
from opus.lib.database.name_order import ByName
from opus.lib.model_admin.staff_admin import StaffAdmin

Condition = Callable[[Any, Any], bool]


def for_admins(condition: Condition) -> Condition:
    """Exclude agents: they only propose and record opinions (domain 5.7)."""
    return lambda row, user: user.role == Role.FT_ADMIN and condition(row, user)


class OfConvention(StaffAdmin):
    list_select_related: ClassVar[tuple[str, ...]] = ("convention__structure",)
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
        return str(row.convention.structure)
