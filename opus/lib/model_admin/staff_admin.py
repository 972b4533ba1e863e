"""The base of France Travail's admin pages (S27, S37, S38).

Nothing is deleted. Buttons change states. Each write and each view of a person's page
is recorded in the same transaction."""

import datetime as dt
import itertools
import operator
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.utils import label_for_field, unquote
from django.contrib.admin.views.main import ERROR_FLAG, ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.html import strip_tags
from django.utils.text import capfirst

from opus.lib.audit.journal import Action, record
from opus.lib.audit.models import AuditEntry
from opus.lib.database.name_order import ByName
from opus.lib.database.states import MoveRefused
from opus.lib.documents.spreadsheets import Format
from opus.lib.forms.base import DateInput
from opus.lib.forms.edit_forms import editable_fields_of, label_of, last_step
from opus.lib.model_admin.formatting import (
    Target,
    admin_url,
    as_typed,
    is_key,
    link_to,
    object_link,
    openable,
    pages_of,
)
from opus.lib.model_admin.forms import (
    SIGN,
    AdminAction,
    AdminActionForm,
    ChangeForm,
    SuggestField,
)

STRUCTURE = "accounts.structure"
COUNT_NO_FURTHER_THAN = 10_000
NO_SUCH_ROW = (
    "Une des lignes cochées n’existe pas : rien n’a été fait. Cochez de nouveau les "
    "lignes de la liste."
)
# The name of the buttons beside a form.
PRESSED = "_faire"
NO_SUCH_FILTER = (
    "Un filtre de cette adresse n’existe pas, ou sa valeur est impossible : voici la "
    "liste entière. Choisissez un filtre de la liste."
)


class CappedPaginator(Paginator):
    """Stop counting at a limit: a million rows cost seconds."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list[:COUNT_NO_FURTHER_THAN]
        return rows.count() if isinstance(rows, models.QuerySet) else len(rows)


class Register(ChangeList):
    """A list whose texts sort as in French: É beside E."""

    def get_ordering_field(self, field_name: Any) -> Any:
        found: Any = super().get_ordering_field(field_name)
        try:
            field: Any = self.lookup_opts.get_field(found)
        except (FieldDoesNotExist, AttributeError, TypeError):
            return found
        # Codes and numbers are unique, and keep their index.
        is_text = isinstance(field, models.CharField | models.TextField)
        return (
            ByName(found) if is_text and not (field.choices or field.unique) else found
        )


def why_refused(error: Exception, model: type[models.Model]) -> str:
    """Return in words why the database, or a rule, refused a change."""
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    if isinstance(error, MoveRefused):
        return str(error)
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None)
    for constraint in model._meta.constraints:
        if constraint.name == name:
            return str(constraint.get_violation_error_message())
    # Our triggers' messages are sentences, without a table.
    if diagnosis and diagnosis.message_primary and diagnosis.table_name is None:
        return str(diagnosis.message_primary)
    return (
        "Quelqu’un a modifié ces données entre-temps : rien n’a été enregistré. "
        "Rechargez la page et recommencez."
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def relation_link(model: type[models.Model], name: str, user: Any) -> Any:
    """Return a column that shows a relation, as a link if the user may open it."""

    @admin.display(description=str(label_for_field(name, model)))
    def link(instance: models.Model) -> str:
        related = getattr(instance, name)
        if related is None:
            return admin.site.empty_value_display
        return link_to(related, user)

    # The page's styles and labels name the field.
    link.__name__ = name
    return link


class StaffAdmin(admin.ModelAdmin):
    """A register and its pages: territory, names, fields, journal, buttons."""

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

    # The buttons of a page: each shows a form, acts and records.
    admin_actions: ClassVar[tuple[AdminAction, ...]] = ()

    # Whether a page shows a person (S38); one that shows a candidate overrides
    # ``record_read``.
    records_reads: ClassVar[bool] = False
    # Other pages of the model: name → address, method.
    own_pages: ClassVar[dict[str, tuple[str, str]]] = {}
    # The codes by which a form finds a row as one types; without them it is a select.
    suggested_by: ClassVar[tuple[str, ...]] = ()
    # The fields that lead to an agency, for the filter by territory.
    territory_paths: ClassVar[tuple[str, ...]] = ()
    # The path from a row of the list to the structure that it names.
    structure_path: ClassVar[str] = ""
    # What the journal names an object by, if it has no number.
    journal_name: ClassVar[Any] = None
    # « Ajouter une convention », « Ajouter un compte ».
    article: ClassVar[str] = "une"

    # --- What one may see ---------------------------------------------------------

    def within(self, queryset: models.QuerySet[Any], user: Any) -> models.QuerySet[Any]:
        """Return the rows of the user's territory; all by default."""
        return queryset

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return self.within(super().get_queryset(request), request.user)

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        instance: Any = super().get_object(request, *args, **kwargs)
        if instance is not None:
            instance.reader = request.user
            self.prepare(request, [instance])
        return instance

    def found(self, request: HttpRequest, object_id: str) -> Any:
        """Return the row of a page of its own; raise Http404 for a stranger."""
        instance = self.get_object(request, unquote(object_id))
        if instance is None or not self.has_view_permission(request, instance):
            raise Http404
        self.record_read(request, instance)
        return instance

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def may_act(self, request: HttpRequest) -> bool:
        app, name = self.opts.app_label, self.opts.model_name
        return request.user.has_perm(f"{app}.change_{name}")

    def list_url(self, **filters: Any) -> str:
        url = admin_url(self.model, "changelist")
        return f"{url}?{urlencode(filters)}" if filters else url

    def record_url(self, instance: models.Model) -> str:
        return admin_url(self.model, "change", instance.pk)

    # --- Links of a list, found by one statement ------------------------------------

    def prepare(self, request: HttpRequest, rows: Iterable[Any]) -> None:
        """Note on each row which of the objects it names the reader may open."""
        named = {row: list(self.named_by(row)) for row in rows}
        found = openable(request.user, itertools.chain.from_iterable(named.values()))
        for row in named:
            row.openable = found

    def named_by(self, row: Any) -> Iterator[Target]:
        """Yield the objects that a row of the list names."""
        if self.structure_path and (structure := self.structure_of(row)):
            yield STRUCTURE, str(structure.pk)

    def structure_of(self, row: Any) -> Any:
        return operator.attrgetter(self.structure_path.replace("__", "."))(row)

    @admin.display(description="structure", ordering=ByName("structure__name"))
    def structure_link(self, row: Any) -> str:
        """Return a structure's name, linked if the reader may open it."""
        structure = self.structure_of(row)
        if structure is None:
            return "—"
        return object_link(row, STRUCTURE, str(structure.pk), str(structure))

    # --- Names --------------------------------------------------------------------

    @property
    def list_title(self) -> str:
        return capfirst(str(self.opts.verbose_name_plural))

    @property
    def add_title(self) -> str:
        return f"Ajouter {self.article} {self.opts.verbose_name}"

    def title_of(self, instance: Any) -> str:
        return capfirst(str(instance))

    # --- Fields -------------------------------------------------------------------

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField | None:
        model: Any = db_field.related_model
        kwargs.setdefault("queryset", self.within_reach(model, request))
        pages = pages_of(model)
        if pages and pages.suggested_by:
            kwargs["form_class"] = SuggestField
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def suggestion_of(self, instance: Any) -> str:
        """Return a name and a code, which the form reads again."""
        code = next(filter(None, (getattr(instance, one) for one in self.suggested_by)))
        return f"{self.suggested_name(instance)}{SIGN}{code}"

    def suggested_name(self, instance: Any) -> str:
        return str(instance)

    def suggested(self, rows: models.QuerySet[Any], typed: str) -> Any:
        """Return the rows that a search of the register finds, within these."""
        words = " ".join(typed.replace(SIGN, " ").split())
        request = HttpRequest()
        found, many = self.get_search_results(request, rows, words)
        found = found.distinct() if many else found
        related = self.list_select_related
        return found.select_related(*related) if isinstance(related, tuple) else found

    def within_reach(self, model: Any, request: HttpRequest) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = model._default_manager.all()
        pages = pages_of(model)
        return pages.within(rows, request.user) if pages else rows

    @admin.display(description="historique")
    def timeline(self, instance: Any) -> str:
        labels = instance.state_words()
        lines = [
            {"at": step.at, "label": capfirst(labels[step.target]), "by": step.by}
            for step in instance.steps.select_related("by")
        ]
        return render_to_string("admin/timeline.html", {"lines": lines})

    # --- The journal --------------------------------------------------------------

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """Return changed fields; values of numbers, dates and booleans only."""
        changes = {}
        for name in form.changed_data:
            before, after = form.initial.get(name), form.cleaned_data.get(name)
            is_plain = isinstance(after, int | dt.date) and not add
            changes[name] = [_plain(before), _plain(after)] if is_plain else None
        return changes

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        record(Action.ADMIN_ADDED, by=request.user, target=obj)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        details = {"fields": message}
        record(Action.ADMIN_CHANGED, by=request.user, target=obj, details=details)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        query = {"objet": f"{self.opts.label_lower} {unquote(object_id)}"}
        url = reverse("admin:lib_auditentry_changelist")
        return redirect(f"{url}?{urlencode(query)}")

    def belongings(self, key: str) -> Iterable[tuple[str, list[str]]]:
        """Return what the journal of an object tells of, beside itself."""
        return ()

    def record_read(self, request: HttpRequest, instance: models.Model) -> None:
        """Record that a person's page was shown (S38)."""
        if self.records_reads:
            record(Action.ADMIN_READ, by=request.user, target=instance)

    def context_about(self, request: HttpRequest, instance: Any) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "subtitle": self.title_of(instance),
            "opts": self.opts,
            "record_url": self.record_url(instance),
            "list_url": self.list_url(),
        }

    # --- Lists --------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Warn of unknown filters and rows, without Django's error page."""
        ticked = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
        if not all(is_key(self.model, key) for key in ticked):
            self.message_user(request, NO_SUCH_ROW, messages.WARNING)
            return redirect(request.get_full_path())
        if ERROR_FLAG in request.GET:
            query = request.GET.copy()
            del query[ERROR_FLAG]
            request.GET = query  # type: ignore[assignment]
            if not query:
                self.message_user(request, NO_SUCH_FILTER, messages.WARNING)
        context = {
            "title": self.list_title,
            "add_title": self.add_title,
            "export_formats": [(one.value, one.name) for one in Format],
        }
        response: Any = super().changelist_view(
            request, context | (extra_context or {})
        )
        shown = getattr(response, "context_data", None) or {}
        # An action of the list answers by a page of its own.
        if "cl" in shown:
            self.prepare(request, shown["cl"].result_list)
            # Of which object the list is, with the way back to its page.
            for one in shown["cl"].filter_specs:
                if link := getattr(one, "link", ""):
                    shown["about"] = link
                    shown["title"] += f"\xa0: {unescape(strip_tags(link))}"
        return response

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Register]:
        return Register

    # --- Sheets -------------------------------------------------------------------

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kw: Any
    ) -> Any:
        button = self.pressed(request)
        if request.method == "POST" and object_id:
            instance = self.get_object(request, unquote(object_id))
            if instance is not None:
                may_change = self.has_change_permission(request, instance)
                # Its state closed the form while it was filled in.
                if (
                    not may_change
                    and self.has_change_permission(request)
                    and self.has_view_permission(request, instance)
                ):
                    return self.give_back(request, instance)
                if may_change and button:
                    form = self.get_form(request, instance, change=True)
                    typed = form(request.POST, request.FILES, instance=instance)
                    if not typed.has_changed():
                        return redirect(self.action_url(instance, button))
        try:
            response = super().changeform_view(request, object_id, *args, **kw)
        except (MoveRefused, IntegrityError) as error:
            response = self.show_refused(request, object_id, error)
        if button and isinstance(response, TemplateResponse):
            self.message_user(
                request,
                f"«\xa0{button.label}\xa0» attend\xa0: corrigez d’abord la fiche. Ce "
                "que vous avez saisi n’est pas encore enregistré, et n’est pas perdu.",
                messages.WARNING,
            )
        return response

    def save_form(self, request: Any, form: Any, change: bool) -> Any:
        """Keep the form, for the page of a refusal."""
        request.saved_form = form
        return super().save_form(request, form, change)

    def show_refused(
        self, request: Any, object_id: str | None, error: Exception
    ) -> HttpResponse:
        """Return the page of a valid form with the reason why nothing was written."""
        form = request.saved_form
        form.add_error(None, why_refused(error, self.model))
        instance = form.instance if object_id else None
        if instance:
            # The rollback did not undo the changes in memory.
            instance.refresh_from_db()
        fieldsets: Any = self.get_fieldsets(request, instance)
        readonly = self.get_readonly_fields(request, instance)
        shown = helpers.AdminForm(form, fieldsets, {}, readonly, model_admin=self)
        context = {
            **self.admin_site.each_context(request),
            "adminform": shown,
            "object_id": object_id,
            "original": instance,
            "media": self.media + shown.media,
            "inline_admin_formsets": [],
            "errors": helpers.AdminErrorList(form, []),
            "preserved_filters": self.get_preserved_filters(request),
            **dict.fromkeys(("is_popup", "to_field", "source_model", "action_form")),
        }
        add, change = not object_id, bool(object_id)
        return self.render_change_form(request, context, add, change, obj=instance)

    # A button beside a form saves what was typed, then opens its own page.

    def pressed(self, request: HttpRequest) -> AdminAction | None:
        slug = request.POST.get(PRESSED)
        return next((one for one in self.admin_actions if one.slug == slug), None)

    def action_url(self, instance: models.Model, button: AdminAction) -> str:
        return admin_url(self.model, "action", instance.pk, button.slug)

    def give_back(self, request: HttpRequest, instance: Any) -> HttpResponse:
        """Return 409 with the typed values and the last step."""
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
        return form

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Write what differs from the row, locked by the form."""
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
            journal: Any = self.admin_site.get_model_admin(AuditEntry)
            context["may_read_journal"] = journal.has_view_permission(request)
        else:
            context["title"] = self.add_title
        context.update(show_save_and_add_another=False, show_save_and_continue=False)
        self.link_relations(context["adminform"], request.user)
        return super().render_change_form(request, context, *args, **kwargs)

    def link_relations(self, shown: helpers.AdminForm, user: Any) -> None:
        """Show relations that are only read, as links if the reader may open them."""
        links = {
            field.name: relation_link(self.model, field.name, user)
            for field in self.opts.get_fields()
            if (field.many_to_one or field.one_to_one)
            and field.name in shown.readonly_fields
        }

        def linked(line: Any) -> Any:
            is_one = isinstance(line, str) or callable(line)
            return links.get(line, line) if is_one else [linked(one) for one in line]

        shown.fieldsets = [
            (title, {**options, "fields": linked(options["fields"])})
            for title, options in shown.fieldsets
        ]
        shown.readonly_fields = [*shown.readonly_fields, *links.values()]

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        return self.response_change(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        self.message_user(request, f"Enregistré\xa0: {obj}.", messages.SUCCESS)
        if button := self.pressed(request):
            return redirect(self.action_url(obj, button))
        return self.stay(request, obj)

    def stay(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Return to the object's page, or to the list once it is out of reach."""
        if self.get_queryset(request).filter(pk=obj.pk).exists():
            return redirect(self.record_url(obj))
        return self.response_post_save_change(request, obj)

    # --- Buttons ------------------------------------------------------------------

    def open_actions(self, request: HttpRequest, instance: Any) -> list[AdminAction]:
        if not self.may_act(request):
            return []
        user = request.user
        return [one for one in self.admin_actions if one.is_open(instance, user)]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        prefix = self.opts.label_lower.replace(".", "_")
        pages = {
            "action": ("<path:object_id>/faire/<slug:slug>/", "action_view"),
            **self.own_pages,
        }
        return [
            *(
                path(route, view(getattr(self, method)), name=f"{prefix}_{name}")
                for name, (route, method) in pages.items()
            ),
            *super().get_urls(),
        ]

    def action_view(
        self, request: HttpRequest, object_id: str, slug: str
    ) -> HttpResponse:
        """Handle one button: form, action, journal, redirect.

        Raises Http404 for an unknown object or button, PermissionDenied for a reader.
        """
        instance = self.get_object(request, unquote(object_id))
        button = next((one for one in self.admin_actions if one.slug == slug), None)
        if instance is None or button is None:
            raise Http404
        if not self.may_act(request):
            raise PermissionDenied
        posted = (request.POST, request.FILES) if request.method == "POST" else ()
        form = button.form(*posted, instance=instance)
        status = 200
        # One transaction: an edit form's row stays locked until it is saved.
        with transaction.atomic():
            if form.is_valid():
                if done := self.do(request, instance, button, form):
                    return done
                status = 409
        self.record_read(request, instance)
        context = {
            **self.context_about(request, instance),
            "title": button.label,
            "original": instance,
            "button": button,
            "form": form,
            "is_open": button.is_open(instance, request.user),
            "why_not": button.why_not(instance, request.user),
            "last_step": last_step(instance, reader=request.user),
            "typed": [
                (field.label, as_typed(field.field, field.value()))
                for field in form.visible_fields()
                if form.is_bound and field.value()
            ],
        }
        return TemplateResponse(request, "admin/action.html", context, status=status)

    def do(
        self,
        request: HttpRequest,
        instance: Any,
        button: AdminAction,
        form: AdminActionForm,
    ) -> HttpResponse | None:
        """Run the action; None if refused: the form says why."""
        try:
            with transaction.atomic():
                why_not = button.why_not(instance, request.user)
                if not button.is_open(instance, request.user):
                    past = last_step(instance, reader=request.user)
                    raise MoveRefused(
                        "Cela ne se peut plus, ou vous n’en avez pas le droit. "
                        f"{past}. {why_not}".rstrip()
                    )
                if why_not:
                    raise MoveRefused(why_not)
                result = form.save(by=request.user)
                if button.action:
                    record(
                        button.action,
                        by=request.user,
                        target=instance,
                        details={"verb": button.slug, **form.audit_details()},
                    )
        except (MoveRefused, ValidationError, IntegrityError) as error:
            form.add_error(None, why_refused(error, self.model))
        else:
            self.message_user(request, button.done, messages.SUCCESS)
            return self.respond(request, instance, result)
        # The rollback did not undo the changes in memory: the page would treat the
        # object as closed and drop the typed values.
        instance.refresh_from_db()
        record(
            button.action or Action.ADMIN_CHANGED,
            by=request.user,
            target=instance,
            # The sentence may name persons: the journal names the button.
            refused=f"refusé : {button.label}"[:200],
            details={"verb": button.slug},
        )
        return None

    def respond(self, request: HttpRequest, instance: Any, result: Any) -> HttpResponse:
        return redirect(self.record_url(instance))


def is_national(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_national", False))


class NationalAdmin(StaffAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_national(request) and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_national(request) and super().has_change_permission(request, obj)

    def may_act(self, request: HttpRequest) -> bool:
        return is_national(request) and super().may_act(request)


class ReadOnlyAdmin(StaffAdmin):
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_add_permission


class NationalViewAdmin(StaffAdmin):
    """Rows without a territory: only national staff read them."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_national(request) and super().has_view_permission(request, obj)

    def may_act(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and super().may_act(request)


class NationalReadAdmin(NationalViewAdmin, ReadOnlyAdmin):
    pass
