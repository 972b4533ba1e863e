"""The base of France Travail's admin pages (S27, S37, S38).

Nothing is deleted. Buttons change states. Each write and each view of a person's page
is recorded in the same transaction.
"""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ERROR_FLAG
from django.db import IntegrityError, models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from opus.lib.database.states import MoveRefused
from opus.lib.forms.base import DateInput
from opus.lib.forms.edit_forms import editable_fields_of, label_of, last_step
from opus.lib.model_admin.action_admin import ActionAdmin, explain
from opus.lib.model_admin.forms import ChangeForm
from opus.lib.model_admin.pagination import CappedPaginator
from opus.lib.model_admin.readonly_fields import ReadonlyForm

NO_SUCH_FILTER = (
    "Un filtre de cette adresse n’existe pas, ou sa valeur est impossible : voici la "
    "liste entière. Choisissez un filtre de la liste."
)


class StaffAdmin(ActionAdmin):
    form = ChangeForm
    view_on_site = False
    show_full_result_count = False
    # Counts beside each filter would read whole tables.
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    paginator = CappedPaginator
    change_list_template = "admin/list.html"
    change_form_template = "admin/record.html"
    # The browser's calendar: no script, the reader's language.
    formfield_overrides: ClassVar[dict[Any, Any]] = {
        models.DateField: {"widget": DateInput}
    }

    # --- Lists --------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Redirect from unknown filters: Django's page says the database is broken."""
        if ERROR_FLAG in request.GET:
            query = request.GET.copy()
            del query[ERROR_FLAG]
            request.GET = query  # type: ignore[assignment]
            if not query:
                self.message_user(request, NO_SUCH_FILTER, messages.WARNING)
        context = {
            "title": self.list_title,
            "add_title": self.add_title,
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    # --- Sheets -------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        if request.method == "POST" and object_id:
            instance = self.get_object(request, unquote(object_id))
            if instance is not None and self.is_closed(request, instance):
                return self.give_back(request, instance)
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except MoveRefused as error:
            refusal = str(error)
        except IntegrityError as error:
            refusal = explain(error, self.model)
        # Show the form again, with the reason among its errors.
        request.refusal = refusal  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def is_closed(self, request: HttpRequest, instance: models.Model) -> bool:
        """Return whether the state of the object, not the role, closes the form."""
        return (
            self.has_view_permission(request, instance)
            and self.has_change_permission(request)
            and not self.has_change_permission(request, instance)
        )

    def give_back(self, request: HttpRequest, instance: Any) -> HttpResponse:
        """Return 409 with the typed values, and who closed the object."""
        names = {field.name for field in editable_fields_of(instance)}
        typed = [
            (label_of(instance, name), value)
            for name, value in request.POST.items()
            if name in names and value
        ]
        context = {
            **self.context_about(request, instance),
            "title": "Cette fiche ne se modifie plus",
            "last_step": last_step(instance, reader=request.user),
            "typed": typed,
        }
        return TemplateResponse(request, "admin/closed.html", context, status=409)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, *args, **kwargs)
        form.by = request.user
        form.refusal = getattr(request, "refusal", "")
        return form

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Write what differs from the row, which the form has locked."""
        if not change or getattr(form, "edited", None) is None:
            super().save_model(request, obj, form, change)
            return
        stored = type(obj)._base_manager.get(pk=obj.pk)
        fields = [
            field.attname
            for field in obj._meta.concrete_fields
            if field.name != "version"
            and getattr(obj, field.attname) != getattr(stored, field.attname)
        ]
        if fields:
            obj.save(update_fields=fields)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        instance = kwargs.get("obj")
        if instance:
            self.record_read(request, instance)
            context.update(title=self.title_of(instance), subtitle="")
            context["admin_actions"] = self.open_actions(request, instance)
            context["may_read_journal"] = request.user.has_perm("lib.view_auditentry")
        else:
            context["title"] = self.add_title
        context.update(show_save_and_add_another=False, show_save_and_continue=False)
        shown = context["adminform"]
        context["adminform"] = ReadonlyForm(
            shown.form, shown.fieldsets, {}, shown.readonly_fields, model_admin=self
        )
        return super().render_change_form(request, context, *args, **kwargs)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        if IS_POPUP_VAR in request.POST:
            return super().response_add(request, obj, post_url_continue)
        self.show_saved(request, obj)
        return self.response_post_save_add(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if IS_POPUP_VAR in request.POST:
            return super().response_change(request, obj)
        self.show_saved(request, obj)
        return self.response_post_save_change(request, obj)

    def show_saved(self, request: HttpRequest, obj: Any) -> None:
        self.message_user(request, f"Enregistré\xa0: {obj}.", messages.SUCCESS)
