"""What admin pages show: links, lists, values in words."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import Value
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.urls import reverse
from django.utils.choices import flatten_choices
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst

from opus.lib.dates import date_format


def part(title: str | None, *fields: Any) -> tuple[str | None, Any]:
    return title, {"fields": fields}


def bullets(item: str, rows: Iterable[Any], empty: str = "") -> str:
    """Return a list, one item a row, or ``empty``."""
    items = format_html_join("", f"<li>{item}</li>", rows)
    if empty and not items:
        return empty
    return format_html('<ul class="timeline">{}</ul>', items)


def admin_url(model: type[models.Model], page: str, *keys: Any) -> str:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
    return reverse(name, args=[quote(key) for key in keys])


def link_to(instance: models.Model, user: Any, label: str = "") -> str:
    """Return a link if the user may open it."""
    label = label or str(instance)
    if user is None or not admin.site.is_registered(type(instance)):
        return label
    # Every registered page has a territory (``OpusAdminSite.register``).
    pages: Any = admin.site.get_model_admin(type(instance))
    request = HttpRequest()
    request.user = user
    rows = pages.within(type(instance)._default_manager.filter(pk=instance.pk), user)
    if not (pages.has_view_permission(request, instance) and rows.exists()):
        return label
    return format_html('<a href="{}">{}</a>', pages.record_url(instance), label)


def object_link(row: Any, label: str, key: str, words: str) -> str:
    """Return a link if the reader of this row's list or page may open it."""
    is_open = (label, key) in getattr(row, "openable", ())
    return link_of(label, key, words) if is_open else words


def link_of(label: str, key: str, words: str) -> str:
    """Return a link to an object named as the journal does: « app.model », key."""
    url = admin_url(apps.get_model(label), "change", key)
    return format_html('<a href="{}">{}</a>', url, words)


def as_typed(field: forms.Field, value: Any) -> str:
    """Return a typed value in words: a choice by its label, a day in French."""
    if isinstance(field, forms.DateField) and isinstance(value, str):
        day = parse_day(value)
        return date_format(day) if day else value
    if isinstance(field, forms.ChoiceField) and not isinstance(value, list):
        choices: Any = field.choices
        return str(dict(flatten_choices(choices)).get(value, value))
    return str(value)


def parse_day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def reader_of(instance: models.Model) -> Any:
    return getattr(instance, "reader", None)


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
        (label, key): name_of_row(apps.get_model(label), name)
        for label, key, name in rows
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


def name_of_row(model: type[models.Model], name: str) -> str:
    """Return « Convention n° 38-2026-004 », « Structure CCAS de Lyon »."""
    pages: Any = admin.site.get_model_admin(model)
    sign = "" if pages.journal_name else "n°\xa0"
    return f"{capfirst(str(model._meta.verbose_name))} {sign}{name}"
