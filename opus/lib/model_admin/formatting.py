"""What admin pages show: links, lists, values in words."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.core.exceptions import ValidationError
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


def is_key(model: Any, text: str) -> bool:
    """Return whether a row could have this key."""
    try:
        model._meta.pk.clean(text, None)
    except ValidationError:
        return False
    return "\0" not in text


def pages_of(model: Any) -> Any:
    """Return the admin of a model; None if there is none."""
    return (
        admin.site.get_model_admin(model) if admin.site.is_registered(model) else None
    )


def link_to(instance: models.Model, user: Any, label: str = "") -> str:
    """Return a link if the user may open it."""
    words = label or str(instance)
    target = (instance._meta.label_lower, str(instance.pk))
    is_open = user is not None and openable(user, [target])
    return link_of(*target, words) if is_open else words


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
        try:
            return date_format(dt.date.fromisoformat(value))
        except ValueError:
            return value
    if isinstance(field, forms.ChoiceField) and not isinstance(value, list):
        choices: Any = field.choices
        return str(dict(flatten_choices(choices)).get(value, value))
    return str(value)


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


def openable(user: Any, targets: Iterable[Target]) -> dict[Target, str]:
    """Return those that the user may open, each in words; one statement for all."""
    keys = defaultdict(set)
    for label, key in targets:
        keys[label].add(key)
    found = (openable_rows(user, label, keys[label]) for label in keys)
    first, *others = [rows for rows in found if rows is not None] or [None]
    if first is None:
        return {}
    rows = first.union(*others, all=True).order_by() if others else first
    words = {}
    for label, key, name in rows:
        model = apps.get_model(label)
        # « Convention n° 38-2026-004 », « Structure CCAS de Lyon ».
        sign = "" if pages_of(model).journal_name else "n°\xa0"
        kind = capfirst(str(model._meta.verbose_name))
        words[label, key] = f"{kind} {sign}{name}"
    return words


def openable_rows(user: Any, label: str, keys: set[str]) -> Any:
    """Return the rows of a model, or None: it has no page for this reader."""
    model = model_named(label)
    pages = pages_of(model)
    request = HttpRequest()
    request.user = user
    if model is None or pages is None or not pages.has_view_permission(request):
        return None
    possible = [key for key in keys if is_key(model, key)]
    rows = model._default_manager.filter(pk__in=possible)
    columns = {field.name for field in model._meta.concrete_fields}
    number = "number" if "number" in columns else "pk"
    return (
        pages.within(rows, user)
        .annotate(
            open_label=Value(label, TEXT),
            open_key=Cast("pk", TEXT),
            open_name=Cast(pages.journal_name or number, TEXT),
        )
        .order_by()
        .values_list("open_label", "open_key", "open_name")
    )
