"""Which objects of a list its reader may open: one statement for all of them."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import Value
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils.text import capfirst

# « app.model » and the key, as the journal writes them.
Target = tuple[str, str]
TEXT = models.TextField()


def model_named(label: str) -> type[models.Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def openable(request: HttpRequest, targets: Iterable[Target]) -> dict[Target, str]:
    """Return those that the reader may open, each in words."""
    keys = defaultdict(set)
    for label, key in targets:
        keys[label].add(key)
    found = (arm(request, label, keys[label]) for label in keys)
    arms = [rows for rows in found if rows is not None]
    if not arms:
        return {}
    first, *others = arms
    rows = first.union(*others, all=True).order_by() if others else first
    return {
        (label, key): words_of(apps.get_model(label), name) for label, key, name in rows
    }


def arm(request: HttpRequest, label: str, keys: set[str]) -> Any:
    """Return the rows of a model, or None: it has no page for this reader."""
    model = model_named(label)
    if model is None or not admin.site.is_registered(model):
        return None
    pages: Any = admin.site.get_model_admin(model)
    if not pages.has_view_permission(request):
        return None
    rows = model._default_manager.filter(pk__in=list(valid_keys(model, keys)))
    number = "number" if has_number(model) else "pk"
    return (
        pages.within(rows, request.user)
        .annotate(
            open_label=Value(label, TEXT),
            open_key=Cast("pk", TEXT),
            open_name=Cast(pages.journal_name or number, TEXT),
        )
        .order_by()
        .values_list("open_label", "open_key", "open_name")
    )


def valid_keys(model: type[models.Model], keys: Iterable[str]) -> Iterable[Any]:
    field: Any = model._meta.pk
    for key in keys:
        try:
            yield field.to_python(key)
        except ValidationError:
            continue


def has_number(model: type[models.Model]) -> bool:
    try:
        return bool(model._meta.get_field("number").concrete)
    except FieldDoesNotExist:
        return False


def words_of(model: type[models.Model], name: str) -> str:
    """Return « Convention n° 38-2026-004 », « Structure CCAS de Lyon »."""
    pages: Any = admin.site.get_model_admin(model)
    sign = "" if pages.journal_name else "n°\xa0"
    return f"{capfirst(str(model._meta.verbose_name))} {sign}{name}"
