"""The help pages for their authors: previewed, signed and dated."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from opus.lib.model_admin.formatting import admin_url
from opus.lib.model_admin.staff_admin import NationalAdmin
from opus.support.help.models import CertifiedBrowser, Guide, Question


class SignedAdmin(NationalAdmin):
    """Rows with their last author."""

    readonly_fields: ClassVar[tuple[str, ...]] = ("updated_at", "updated_by")
    list_select_related = ("updated_by",)

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        obj.updated_by = request.user
        obj.save()


class TextAdmin(SignedAdmin):
    change_form_template = "support/help/admin/text.html"
    search_fields = ("title", "body")
    search_help_text = "Mot du titre ou du texte."
    list_filter: ClassVar[tuple[Any, ...]] = ("is_shown",)

    own_pages: ClassVar = {"preview": ("apercu/", "preview")}

    @method_decorator(require_POST)
    def preview(self, request: HttpRequest) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Aperçu",
            "opts": self.opts,
            "typed_title": request.POST.get("title", ""),
            "typed_body": request.POST.get("body", ""),
        }
        return TemplateResponse(request, "support/help/admin/preview.html", context)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["preview_url"] = admin_url(self.model, "preview")
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(Question)
class QuestionAdmin(TextAdmin):
    article: ClassVar[str] = "une"
    list_display = ("title", "theme", "is_shown", "is_for_staff", "updated_at")
    list_filter = ("theme", "is_shown", "is_for_staff")
    fields = (
        *("title", "slug", "theme", "body", "position", "is_shown", "is_for_staff"),
        *("updated_at", "updated_by"),
    )


@admin.register(Guide)
class GuideAdmin(TextAdmin):
    """One guide for each screen: none is added here."""

    article: ClassVar[str] = "un"
    list_display = ("title", "slug", "is_shown", "is_for_staff", "updated_at")
    list_filter = ("is_shown", "is_for_staff")
    readonly_fields = ("slug", "updated_at", "updated_by")
    fields = ("title", "slug", "body", "position", "updated_at", "updated_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(CertifiedBrowser)
class CertifiedBrowserAdmin(SignedAdmin):
    article: ClassVar[str] = "un"
    list_display = ("name", "since", "systems", "is_certified", "updated_at")
    search_fields = ("name",)
    search_help_text = "Nom du navigateur."
    fields = (
        *("name", "since", "systems", "passkeys", "checking", "position"),
        *("is_certified", "updated_at", "updated_by"),
    )
