"""The base of France Travail's admin pages (S27, S37, S38).

Nothing is deleted. Buttons change states. Each write and each view of a person's page
is recorded in the same transaction.
"""

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.options import IS_POPUP_VAR, IncorrectLookupParameters
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.views.main import ERROR_FLAG
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.dateparse import parse_datetime
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst

from opus.lib.audit import Action, record
from opus.lib.edit_forms import editable_fields_of, label_of, last_step
from opus.lib.forms import DateInput, Form, ModelForm
from opus.lib.states import MoveRefused

COUNT_NO_FURTHER_THAN = 10_000
NO_SUCH_FILTER = (
    "Un filtre de cette adresse n’existe pas, ou sa valeur est impossible : voici la "
    "liste entière. Choisissez un filtre de la liste."
)


@dataclass(frozen=True)
class Queue:
    rank: int
    label: str
    value: str
    url: str
    hint: str
    is_waiting: bool


class VerbForm(Form):
    """The form of a button; ``act`` gets the object, ``by`` and the fields."""

    act: ClassVar[Callable[..., Any]]

    def __init__(self, *args: Any, instance: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance = instance

    def save(self, *, by: Any) -> Any:
        return type(self).act(self.instance, by=by, **self.cleaned_data)

    def told(self) -> dict[str, Any]:
        return {}


def confirming(act: Callable[..., Any]) -> type[VerbForm]:
    return type("ConfirmForm", (VerbForm,), {"act": staticmethod(act)})


@dataclass(frozen=True)
class Verb:
    slug: str
    label: str
    question: str
    done: str
    form: type[VerbForm]
    # Whether the user sees the button on this object's sheet.
    is_open: Callable[[Any, Any], bool]
    # None if the action called writes the entry itself.
    action: Action | None = None
    is_grave: bool = False
    # Why the user may not, though the state allows it: a sentence, or empty.
    why_not: Callable[[Any, Any], str] = lambda instance, user: ""


def leads_to(target: str) -> Callable[[Any, Any], bool]:
    """Return the usual condition of a button: the table of moves allows it."""
    return lambda instance, user: instance.can_move_to(target)


def explain(error: IntegrityError, model: type[models.Model]) -> str:
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


def part(title: str | None, *fields: Any) -> tuple[str | None, Any]:
    return title, {"fields": fields}


def bullets(item: str, rows: Iterable[Any], empty: str = "") -> str:
    """Return a list with one item a row, or the words ``empty``."""
    items = format_html_join("", f"<li>{item}</li>", rows)
    if empty and not items:
        return empty
    return format_html('<ul class="timeline">{}</ul>', items)


def link_to(instance: models.Model, user: Any, label: str = "") -> str:
    """Return a link if the user may open the page, else the words."""
    label = label or str(instance)
    if user is None or not admin.site.is_registered(type(instance)):
        return label
    pages = admin.site.get_model_admin(type(instance))
    request = HttpRequest()
    request.user = user
    rows = type(instance)._default_manager.filter(pk=instance.pk)
    if isinstance(pages, StaffAdmin):
        rows = pages.within(rows, user)
    if not (pages.has_view_permission(request, instance) and rows.exists()):
        return label
    name = f"admin:{pages.opts.app_label}_{pages.opts.model_name}_change"
    url = reverse(name, args=[quote(instance.pk)])
    return format_html('<a href="{}">{}</a>', url, label)


def reader_of(instance: models.Model) -> Any:
    return getattr(instance, "reader", None)


class ShownField(helpers.AdminReadonlyField):
    """A read-only field without Django's links to forbidden pages."""

    form: Any

    def get_admin_url(self, remote_field: Any, remote_obj: Any) -> str:
        return link_to(remote_obj, self.form.by)


class SheetLine(helpers.Fieldline):
    def __iter__(self) -> Iterator[Any]:
        for field in super().__iter__():
            if field.is_readonly:
                name: Any = field.field["field"]
                yield ShownField(self.form, name, field.is_first, self.model_admin)
            else:
                yield field


class SheetPart(helpers.Fieldset):
    fields: Any

    def __iter__(self) -> Iterator[SheetLine]:
        for field in self.fields:
            yield SheetLine(self.form, field, self.readonly_fields, self.model_admin)


class Sheet(helpers.AdminForm):
    def __iter__(self) -> Iterator[SheetPart]:
        for name, options in self.fieldsets:
            facts: dict[str, Any] = {**options}
            facts.update(
                readonly_fields=self.readonly_fields, model_admin=self.model_admin
            )
            yield SheetPart(self.form, name, **facts)


class ChoiceFilter(admin.SimpleListFilter):
    """A filter by named choices: value → (label, function of the queryset)."""

    options: ClassVar[dict[str, tuple[str, Callable[[Any], Any]]]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, label) for value, (label, _) in self.options.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = self.options.get(self.value() or "")
        return chosen[1](queryset) if chosen else queryset


class DayFilter(admin.DateFieldListFilter):
    """By day, with its own title if the field's name is no noun."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "date"
        is_instant = isinstance(self.field, models.DateTimeField)
        given = itertools.chain.from_iterable(
            value if isinstance(value, list) else [value]
            for value in self.used_parameters.values()
        )
        for value in given if is_instant else ():
            if isinstance(value, str) and not is_of_a_calendar(value):
                raise IncorrectLookupParameters


def is_of_a_calendar(value: str) -> bool:
    """Return whether a text is an instant of Django's links, valid in every zone."""
    try:
        at = parse_datetime(value)
    except ValueError:
        return False
    return at is not None and at.tzinfo is not None and 1900 < at.year < 2200


class CappedPaginator(Paginator):
    """Counts no further than people turn pages: a million rows cost seconds."""

    most = COUNT_NO_FURTHER_THAN

    @cached_property
    def count(self) -> int:
        rows = self.object_list[: self.most]
        return rows.count() if isinstance(rows, models.QuerySet) else len(rows)


class SheetForm(ModelForm):
    also_checks: ClassVar[tuple[str, ...]] = ()
    # Why the last save failed (``StaffAdmin.get_form``).
    refusal: ClassVar[str] = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.refusal:
            raise ValidationError(self.refusal)
        return cleaned

    def validate_constraints(self) -> None:
        excluded = {
            field.name
            for field in self.instance._meta.fields
            if field.name not in self.cleaned_data
            and (field.name in self.fields or field.name not in self.also_checks)
        }
        try:
            self.instance.validate_constraints(exclude=excluded)
        except ValidationError as error:
            self.add_error(None, error)


class StaffAdmin(admin.ModelAdmin):
    form = SheetForm
    view_on_site = False
    show_full_result_count = False
    # Counts beside each filter would read whole tables.
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    paginator = CappedPaginator
    change_list_template = "admin/list.html"
    change_form_template = "admin/sheet.html"
    # The browser's calendar: no script, the reader's language.
    formfield_overrides: ClassVar[dict[Any, Any]] = {
        models.DateField: {"widget": DateInput}
    }
    verbs: ClassVar[tuple[Verb, ...]] = ()
    # Whether a sheet is a person's (S38); one that shows a candidate overrides
    # ``tell_read``.
    tells_reads: ClassVar[bool] = False
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
        return instance

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def may_act(self, request: HttpRequest) -> bool:
        app, name = self.opts.app_label, self.opts.model_name
        return request.user.has_perm(f"{app}.change_{name}")

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        return ()

    def tile(
        self, rank: int, label: str, count: int, hint: str, **filters: Any
    ) -> Queue:
        url = self.list_url(**filters)
        return Queue(rank, label, str(count), url, hint, is_waiting=count > 0)

    def list_url(self, **filters: Any) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"
        return f"{reverse(name)}?{urlencode(filters)}" if filters else reverse(name)

    def sheet_url(self, instance: models.Model) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[quote(instance.pk)])

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
        rows = self.within_reach(db_field.related_model, request)
        kwargs.setdefault("queryset", rows)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def within_reach(self, model: Any, request: HttpRequest) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = model._default_manager.all()
        if not self.admin_site.is_registered(model):
            return rows
        other = self.admin_site.get_model_admin(model)
        return (
            other.within(rows, request.user) if isinstance(other, StaffAdmin) else rows
        )

    @admin.display(description="historique")
    def timeline(self, instance: Any) -> str:
        labels = dict(instance._meta.get_field("state").flatchoices)
        lines = [
            {"at": step.at, "label": capfirst(labels[step.target]), "by": step.by}
            for step in instance.steps.select_related("by")
        ]
        return render_to_string("admin/timeline.html", {"lines": lines})

    # --- The journal --------------------------------------------------------------

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """Return numbers, dates and yes/no with values, texts by name only."""
        told = {}
        for name in form.changed_data:
            before, after = form.initial.get(name), form.cleaned_data.get(name)
            is_plain = isinstance(after, int | dt.date) and not add
            told[name] = [_plain(before), _plain(after)] if is_plain else None
        return told

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        record(Action.ADMIN_ADDED, by=request.user, target=obj)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        record(
            Action.ADMIN_CHANGED,
            by=request.user,
            target=obj,
            details={"fields": message},
        )

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        query = {"objet": f"{self.opts.label_lower} {unquote(object_id)}"}
        url = reverse("admin:lib_auditentry_changelist")
        return redirect(f"{url}?{urlencode(query)}")

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
        """Return 409 with what was typed, and who closed the object."""
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

    def context_about(self, request: HttpRequest, instance: Any) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "subtitle": self.title_of(instance),
            "opts": self.opts,
            "sheet_url": self.sheet_url(instance),
            "list_url": self.list_url(),
        }

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
            self.tell_read(request, instance)
            context.update(title=self.title_of(instance), subtitle="")
            context["verbs"] = self.open_verbs(request, instance)
            context["may_read_journal"] = request.user.has_perm("lib.view_auditentry")
        else:
            context["title"] = self.add_title
        context.update(show_save_and_add_another=False, show_save_and_continue=False)
        shown = context["adminform"]
        context["adminform"] = Sheet(
            shown.form, shown.fieldsets, {}, shown.readonly_fields, model_admin=self
        )
        return super().render_change_form(request, context, *args, **kwargs)

    def tell_read(self, request: HttpRequest, instance: models.Model) -> None:
        """Record that a person's page was shown (S38)."""
        if self.tells_reads:
            record(Action.ADMIN_READ, by=request.user, target=instance)

    # --- Buttons ------------------------------------------------------------------

    def open_verbs(self, request: HttpRequest, instance: Any) -> list[Verb]:
        if not self.may_act(request):
            return []
        return [verb for verb in self.verbs if verb.is_open(instance, request.user)]

    def get_urls(self) -> list[URLPattern]:
        verb = path(
            "<path:object_id>/faire/<slug:slug>/",
            self.admin_site.admin_view(self.verb_view),
            name=f"{self.opts.app_label}_{self.opts.model_name}_verb",
        )
        return [verb, *super().get_urls()]

    def verb_view(
        self, request: HttpRequest, object_id: str, slug: str
    ) -> HttpResponse:
        """Handle one button: form, action, journal, redirect.

        Raises Http404 for an unknown object or button, PermissionDenied for a reader.
        """
        instance = self.get_object(request, unquote(object_id))
        verb = next((verb for verb in self.verbs if verb.slug == slug), None)
        if instance is None or verb is None:
            raise Http404
        if not self.may_act(request):
            raise PermissionDenied
        data = request.POST if request.method == "POST" else None
        files = request.FILES if request.method == "POST" else None
        form = verb.form(data, files, instance=instance)
        status = 200
        # One transaction: an edit form's row stays locked until it is saved.
        with transaction.atomic():
            if request.method == "POST" and form.is_valid():
                if done := self.do(request, instance, verb, form):
                    return done
                status = 409
        self.tell_read(request, instance)
        context = {
            **self.context_about(request, instance),
            "title": verb.label,
            "original": instance,
            "verb": verb,
            "form": form,
            "is_open": verb.is_open(instance, request.user),
            "why_not": verb.why_not(instance, request.user),
            "last_step": last_step(instance, reader=request.user),
            "typed": [
                (field.label, field.value())
                for field in form.visible_fields()
                if form.is_bound and field.value()
            ],
        }
        return TemplateResponse(request, "admin/verb.html", context, status=status)

    def do(
        self, request: HttpRequest, instance: Any, verb: Verb, form: VerbForm
    ) -> HttpResponse | None:
        """Run the action; return None if refused: the form shows why."""
        try:
            with transaction.atomic():
                if not verb.is_open(instance, request.user):
                    raise MoveRefused(
                        "Cela ne se peut plus, ou vous n’en avez pas le droit. "
                        f"{last_step(instance, reader=request.user)}."
                    )
                if sentence := verb.why_not(instance, request.user):
                    raise MoveRefused(sentence)
                result = form.save(by=request.user)
                if verb.action:
                    record(
                        verb.action,
                        by=request.user,
                        target=instance,
                        details={"verb": verb.slug, **form.told()},
                    )
        except MoveRefused as error:
            refusal = str(error)
        except ValidationError as error:
            refusal = " ".join(error.messages)
        except IntegrityError as error:
            refusal = explain(error, self.model)
        else:
            self.message_user(request, verb.done, messages.SUCCESS)
            return self.respond(request, instance, result)
        # What was undone in the database stands no longer in the object: its page would
        # take it for closed, and give nothing back.
        instance.refresh_from_db()
        record(
            verb.action or Action.ADMIN_CHANGED,
            by=request.user,
            target=instance,
            # The sentence may name persons: the journal names the button.
            refused=f"refusé : {verb.label}"[:200],
            details={"verb": verb.slug},
        )
        return self.refuse(request, instance, verb, form, refusal)

    def refuse(
        self,
        request: HttpRequest,
        instance: Any,
        verb: Verb,
        form: VerbForm,
        refusal: str,
    ) -> HttpResponse | None:
        form.add_error(None, refusal)
        return None

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        if IS_POPUP_VAR in request.POST:
            return super().response_add(request, obj, post_url_continue)
        self.tell_recorded(request, obj)
        return self.response_post_save_add(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if IS_POPUP_VAR in request.POST:
            return super().response_change(request, obj)
        self.tell_recorded(request, obj)
        return self.response_post_save_change(request, obj)

    def tell_recorded(self, request: HttpRequest, obj: Any) -> None:
        self.message_user(request, f"Enregistré\xa0: {obj}.", messages.SUCCESS)

    def respond(self, request: HttpRequest, instance: Any, result: Any) -> HttpResponse:
        return redirect(self.sheet_url(instance))


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
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NationalViewAdmin(StaffAdmin):
    """Rows without a territory: national staff alone read them."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_national = getattr(request.user, "agency_id", None) is None
        return is_national and super().has_view_permission(request, obj)

    def may_act(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and super().may_act(request)


class NationalReadAdmin(NationalViewAdmin, ReadOnlyAdmin):
    pass


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value
