"""The list of a register as a file, filters and territory kept (S25, S27, S32)."""

import datetime as dt
import html
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.text import capfirst

from accounts.exports.models import Export
from accounts.security import personal_data_quotas
from accounts.users.models import User
from opus.lib import exports
from opus.lib.background_files import NotAllowed, enqueue_file
from opus.lib.dates import moment
from opus.lib.documents.spreadsheets import Format
from opus.lib.exports import MOST_ROWS, Table

WHAT = "register"
NOT_A_COLUMN = "action_checkbox"


def request_export(pages: Any, query: QueryDict, *, by: User, into: Format) -> Export:
    """Create the file in the background. Raises CeilingReached (S25)."""
    export = personal_data_quotas.export(
        by,
        WHAT,
        (),
        make=partial(
            Export.objects.create,
            account=by,
            what=WHAT,
            arguments={"model": pages.opts.label_lower, "query": query.urlencode()},
            title=f"Registre : {pages.list_title}"[:200],
            format=into,
        ),
        format=into.value,
        register=pages.opts.label_lower,
    )
    assert export is not None  # noqa: S101 - it was given ``make``
    enqueue_file(export)
    return export


def list_of(pages: Any, query: QueryDict, *, by: User) -> Any:
    """Return the register's list. Raises NotAllowed: a reader's rights, a filter."""
    request: Any = HttpRequest()
    request.method, request.user, request.GET = "GET", by, query
    if not (by.is_active and by.is_staff and pages.has_view_permission(request)):
        raise NotAllowed
    try:
        return pages.get_changelist_instance(request)
    except IncorrectLookupParameters as error:
        raise NotAllowed from error


def pages_of(label: str) -> Any:
    """Return the admin of a model. Raises NotAllowed: it has no register."""
    try:
        return admin.site.get_model_admin(apps.get_model(label))
    except (LookupError, ValueError, NotRegistered) as error:
        raise NotAllowed from error


@exports.kind(WHAT, slug="registre")
def register(export: Export) -> Table:
    """Return the columns of the list. Raises NotAllowed."""
    pages = pages_of(export.arguments["model"])
    query = QueryDict(export.arguments["query"])
    listed = list_of(pages, query, by=export.account)
    columns = [name for name in listed.list_display if name != NOT_A_COLUMN]
    rows = list(listed.queryset[: MOST_ROWS + 1])
    shown = rows[:MOST_ROWS]
    labels = [label_for_field(name, listed.model, pages) for name in columns]
    return Table(
        title="Registre",
        headings=[capfirst(html.unescape(strip_tags(str(label)))) for label in labels],
        rows=cells_of(shown, columns, pages),
        total=len(shown),
        notes=partial(notes, listed, is_cut=len(rows) > MOST_ROWS),
    )


def cells_of(
    rows: list[Any], columns: list[str], pages: Any
) -> Iterator[list[str | int | dt.date]]:
    for row in rows:
        yield [cell_of(name, row, pages) for name in columns]


def cell_of(name: str, row: Any, pages: Any) -> str | int | dt.date:
    """Return what the list shows, without its links."""
    field, _, value = lookup_field(name, row, pages)
    if field is not None and field.flatchoices:
        value = dict(field.flatchoices).get(value, value)
    match value:
        case None:
            return ""
        case bool():
            return "Oui" if value else "Non"
        case dt.datetime():
            return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
        case int() | dt.date():
            return value
    text = " ".join(html.unescape(strip_tags(str(value))).split())
    return "" if text == "—" else text


def notes(listed: Any, *, is_cut: bool) -> list[str]:
    filters = "avec les filtres de la liste" if listed.params or listed.query else ""
    lines = [
        f"{capfirst(str(listed.opts.verbose_name_plural))}, le "
        f"{moment(timezone.now())}, d’après Opus{', ' if filters else ''}{filters}.",
        "Ce fichier peut nommer des personnes : gardez-le le temps du besoin "
        "(convention, art. 9 et 10).",
    ]
    if is_cut:
        lines.append(
            f"Fichier limité aux {MOST_ROWS} premières lignes : d’autres répondaient "
            "aux filtres. Filtrez davantage."
        )
    return lines
