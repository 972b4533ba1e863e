"""The page of a structure, from which nothing of it is more than a click."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from accounts.structures.admin import StructureAdmin
from accounts.structures.models import Structure
from opus.desk.structures import Hub, belongings

admin.site.unregister(Structure)


@admin.register(Structure)
class StructureHubAdmin(StructureAdmin):
    change_form_template = "desk/structure.html"

    def belongings(self, key: str) -> Iterable[tuple[str, list[str]]]:
        return belongings(key)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        structure = kwargs.get("obj")
        context["hub"] = Hub(request, structure) if structure else None
        return super().render_change_form(request, context, *args, **kwargs)
