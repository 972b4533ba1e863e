"""Edit forms that overwrite no other change.

The page carries the row's version and a digest of each value (``shown``). If the
version changed, a field that only the other person changed keeps that value; a field
that both changed is refused once. A missing ``shown`` means the present state.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.fields.files import FieldFile
from django.utils.html import format_html
from django.utils.safestring import SafeString

from opus.lib.audit.journal import ASIDE
from opus.lib.audit.models import AuditEntry
from opus.lib.database.versions import Versioned
from opus.lib.dates import date_format, moment

SHOWN = "shown"
# Anybody may write the field by hand: « 1e999 » is an infinity, which no int() takes.
UNREADABLE = (
    *(ValueError, TypeError, KeyError, AttributeError),
    *(RecursionError, OverflowError),
)


class EditForm(forms.BaseForm):
    """Mixin of forms that edit a row (``edited``) or add.

    Validate and save in one transaction: the row stays locked in between.
    """

    edited: Any = None
    # The user, if known: a partner reads no agent's name.
    by: Any = None
    shown: "Shown"

    def edit(self, row: Any) -> None:
        if not isinstance(row, Versioned) or row._state.adding:
            return
        self.edited = row
        sent = self.data.get(self.add_prefix(SHOWN), "") if self.is_bound else ""
        self.shown = Shown.read(sent) or Shown.of(row, self.fields)

    @property
    def shown_input(self) -> SafeString | str:
        if self.edited is None:
            return ""
        return format_html(
            '<input type="hidden" name="{}" value="{}">',
            self.add_prefix(SHOWN),
            self.shown.write(),
        )

    @property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if name not in self.kept]

    @property
    def kept(self) -> set[str]:
        """Return the fields that keep another person's newer value."""
        return self.__dict__.setdefault("_kept", set())

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.edited is not None:
            self.merge(cleaned)
        return cleaned

    def merge(self, cleaned: dict[str, Any]) -> None:
        rows: Any = type(self.edited)._base_manager.select_for_update(no_key=True)
        now = rows.get(pk=self.edited.pk)
        if now.version == self.shown.version:
            return
        self.refuse_closed()
        for name, was in list(self.shown.values.items()):
            if name in cleaned and name in self.fields:
                self.merge_field(name, was, now, cleaned)
        columns = [field.name for field in now._meta.concrete_fields]
        self.edited.refresh_from_db(fields=columns)

    def merge_field(
        self, name: str, was: str, now: Versioned, cleaned: dict[str, Any]
    ) -> None:
        current, typed = value_of(now, name), cleaned[name]
        if digest(current) in (was, digest(typed)):
            return
        if digest(typed) == was:
            cleaned[name] = current
            self.kept.add(name)
            return
        change = last_change(self.edited, name, reader=self.by)
        self.add_error(
            name,
            f"{change}\xa0: «\xa0{in_words(now, name, current)}\xa0». "
            f"Vous avez écrit «\xa0{in_words(now, name, typed)}\xa0». Enregistrez de "
            "nouveau pour garder votre réponse, ou reprenez l’autre.",
        )
        self.shown.values[name] = digest(current)

    def refuse_closed(self) -> None:
        typed = [
            f"{label_of(self.edited, name)} «\xa0{value}\xa0»"
            for name, was in self.shown.values.items()
            if name not in self.fields
            and (value := self.data.get(self.add_prefix(name)))
            and digest(value) != was
        ]
        if typed:
            self.add_error(
                None,
                f"{last_step(self.edited, reader=self.by)}. Rien n’a été enregistré. "
                f"Vous aviez écrit\xa0: {', '.join(typed)}.",
            )


class Shown:
    def __init__(self, version: int, values: dict[str, str]) -> None:
        self.version, self.values = version, values

    @classmethod
    def of(cls, row: Any, names: Iterable[str]) -> "Shown":
        fields = {field.name for field in editable_fields_of(row)}
        values = {name: digest(value_of(row, name)) for name in names if name in fields}
        return cls(row.version, values)

    @classmethod
    def read(cls, text: str) -> "Shown | None":
        """Return None if Opus did not write the text."""
        try:
            sent = json.loads(text)
            return cls(int(sent["v"]), {str(k): str(v) for k, v in sent["f"].items()})
        except UNREADABLE:
            return None

    def write(self) -> str:
        return json.dumps({"v": self.version, "f": self.values}, separators=(",", ":"))


def digest(value: Any) -> str:
    """Return a digest, equal for rows and for forms."""
    text = plain(value).replace("\r\n", "\n").strip()
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def plain(value: Any) -> str:
    match value:
        case None | False:
            return ""
        case True:
            return "on"
        case models.Model():
            return str(value.pk)
        case dt.datetime():
            # A page shows minutes.
            return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M")
        case FieldFile():
            return value.name or ""
        case str():
            return value
        case Mapping():
            return json.dumps(value, sort_keys=True, default=str)
        case Iterable():
            return ",".join(sorted(plain(item) for item in value))
    return str(value)


def editable_fields_of(row: models.Model) -> list[Any]:
    fields = [*row._meta.concrete_fields, *row._meta.many_to_many]
    return [field for field in fields if field.editable]


def value_of(row: models.Model, name: str) -> Any:
    value = getattr(row, name)
    return list(value.all()) if isinstance(value, models.Manager) else value


def label_of(row: models.Model, name: str) -> str:
    try:
        return str(row._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return name


def in_words(row: models.Model, name: str, value: Any) -> str:
    field: Any = row._meta.get_field(name)
    if choices := dict(field.flatchoices):
        return str(choices.get(value, value))
    match value:
        case None | "" | []:
            return "rien"
        case bool():
            return "oui" if value else "non"
        case dt.datetime():
            return moment(value)
        case dt.date():
            return date_format(value)
        case list() | models.QuerySet():
            return ", ".join(map(str, value))
    return str(value)


def last_change(row: Any, name: str = "", *, reader: Any = None) -> str:
    """Return who last changed it: « Modifié le… par… ».

    A partner as ``reader`` sees « France Travail » instead of an agent's name.
    """
    lines = AuditEntry.objects.about(row._meta.label_lower, str(row.pk))
    lines = lines.filter(refused="", actor_id__isnull=False)
    lines = lines.exclude(action__in=ASIDE)
    named = lines.filter(details__fields__has_key=name) if name else lines.none()
    line = named.first() or lines.first()
    if line is None:
        return "Modifié entre-temps"
    author = get_user_model()._base_manager.filter(pk=line.actor_id or 0).first()
    return f"Modifié le {moment(line.at)} par {name_of(author, reader)}"


def last_step(row: Any, *, reader: Any = None) -> str:
    """Return the last move: « Passé à l’état … »."""
    step = row.steps.select_related("by").last() if hasattr(row, "steps") else None
    if step is None:
        return last_change(row, reader=reader)
    state = row.state_words().get(step.target, step.target)
    author = name_of(step.by, reader) if step.by else "Opus"
    return f"Passé à l’état «\xa0{state}\xa0» le {moment(step.at)} par {author}"


def name_of(person: Any, reader: Any) -> str:
    if person is None:
        return "quelqu’un"
    if reader is not None and person.pk == reader.pk:
        return "vous"
    if reader is not None and reader.is_partner and not person.is_partner:
        return "France Travail"
    return str(person)
