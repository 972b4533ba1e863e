"""The admin site: staff with a verified second factor (S27)."""

from typing import Any, NoReturn

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.decorators import method_decorator
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_http_methods

from accounts.exports.views import register_export
from accounts.signin.access import to_gate, wanted
from opus.desk.views import desk_context, menu_of, search
from opus.lib.model_admin.forms import MOST_CHOICES
from opus.lib.model_admin.staff_admin import StaffAdmin
from referrals.acts.views import preview

# Passwords change on their own page, outside the admin.
LEFT_OUT = {"password_change", "password_change_done", "view_on_site"}
METHODS = ["GET", "HEAD", "POST"]


class OpusAdminSite(admin.AdminSite):
    site_header = "Opus"
    site_title = "Administration d’Opus"
    index_title = "Mon travail"
    enable_nav_sidebar = False
    empty_value_display = "—"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")

    def register(
        self, model_or_iterable: Any, admin_class: Any = None, **options: Any
    ) -> None:
        """Ignore pages of libraries: they lack our rules."""
        if admin_class and issubclass(admin_class, StaffAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return bool(user.is_active and user.is_staff and user.is_verified())

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Refuse methods other than a browser's."""
        return super().admin_view(require_http_methods(METHODS)(view), cacheable)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        pages = (
            ("chercher/", search, "desk_search"),
            ("accounts/convention/<int:pk>/apercu/", preview, "convention_preview"),
            ("exporter/<str:label>/<str:into>/", register_export, "register_export"),
            ("propositions/<str:label>/", self.suggestions, "suggestions"),
        )
        own = [path(at, self.admin_view(view), name=name) for at, view, name in pages]
        urls = super().get_urls()
        return own + [url for url in urls if getattr(url, "name", None) not in LEFT_OUT]

    def suggestions(self, request: HttpRequest, label: str) -> HttpResponse:
        """Return what a box proposes; Http404 unless it has one, and one reads it."""
        try:
            pages: Any = self.get_model_admin(apps.get_model(label))
        except (LookupError, ValueError, NotRegistered) as error:
            raise Http404 from error
        if not (pages.suggested_by and pages.has_view_permission(request)):
            raise Http404
        # The box sends its own name, whatever the field's.
        _, sent = next(iter(request.GET.items()), ("", ""))
        typed = str(sent).replace("\0", "").strip()[:200]
        rows = pages.within(pages.model._default_manager.all(), request.user)
        found = pages.suggested(rows, typed)[:MOST_CHOICES] if typed else []
        labels = [pages.suggestion_of(row) for row in found]
        choices = [{"label": label, "text": label} for label in labels]
        return JsonResponse({"choices": choices})

    @method_decorator(login_not_required)
    @method_decorator(require_http_methods(METHODS))
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Redirect to the sign-in page; Http404 if signed in."""
        if request.user.is_authenticated:
            raise Http404
        return to_gate("login", wanted(request))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Add the menu, lazily, and an empty search."""
        menu = SimpleLazyObject(lambda: menu_of(request))
        desk = {"desk_menu": menu, "desk_words": ""}
        return {**super().each_context(request), **desk}

    def get_app_list(self, request: HttpRequest, app_label: Any = None) -> list[Any]:
        """Return nothing: the menu has the registers, by section."""
        return []

    def app_index(  # type: ignore[override]
        self, request: HttpRequest, app_label: str, extra_context: Any = None
    ) -> HttpResponse:
        """Redirect to the desk: work is sorted by section, not by app."""
        return redirect("admin:index")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> NoReturn:
        """Raise Http404: the one sign-out is elsewhere."""
        raise Http404

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show this user's work by its day, and all that waits."""
        context = {**desk_context(request), **(extra_context or {})}
        return super().index(request, context)
