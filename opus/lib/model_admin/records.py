import datetime as dt
import itertools
import operator
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.text import capfirst

from opus.lib.audit.journal import Action, record
from opus.lib.database.name_order import ByName
from opus.lib.model_admin.filters import ObjectFilter
from opus.lib.model_admin.formatting import admin_url, object_link
from opus.lib.model_admin.openable import Target, openable
from opus.lib.model_admin.suggestions import SIGN, SuggestField

STRUCTURE = "accounts.structure"


class RecordAdmin(admin.ModelAdmin):
    """Territory, addresses, names, fields and journal of a page."""

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
        found = openable(request, itertools.chain.from_iterable(named.values()))
        for row in named:
            row.openable = found

    def named_by(self, row: Any) -> Iterator[Target]:
        """Yield the objects that a row of the list names."""
        if self.structure_path and (structure := self.structure_of(row)):
            yield STRUCTURE, str(structure.pk)

    @property
    def structure_lookup(self) -> str:
        return self.structure_path.replace(".", "__")

    def structure_of(self, row: Any) -> Any:
        return operator.attrgetter(self.structure_path)(row)

    @admin.display(description="structure", ordering=ByName("structure__name"))
    def structure_link(self, row: Any) -> str:
        """Return a structure's name, linked if the reader may open it."""
        structure = self.structure_of(row)
        if structure is None:
            return "—"
        return object_link(row, STRUCTURE, str(structure.pk), str(structure))

    def name_the_object(self, context: Any) -> None:
        """Say of which object the list is, with the way back to its page."""
        for one in context["cl"].filter_specs:
            if isinstance(one, ObjectFilter) and one.link:
                context["about"] = one.link
                context["title"] += f"\xa0: {unescape(strip_tags(one.link))}"

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
        if self.admin_site.is_registered(model):
            pages: Any = self.admin_site.get_model_admin(model)
            if isinstance(pages, RecordAdmin) and pages.suggested_by:
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
        if not self.admin_site.is_registered(model):
            return rows
        other: Any = self.admin_site.get_model_admin(model)
        has_territory = isinstance(other, RecordAdmin)
        return other.within(rows, request.user) if has_territory else rows

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


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value
