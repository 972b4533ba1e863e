"""One person's data, for the right of access (V13).

It reads each table of ``opus.lib.privacy.personal_data`` and masks other persons.
"""

import dataclasses
import datetime as dt
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Field, ForeignKey, Model, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import capfirst

from opus.lib.audit.journal import READS, Action
from opus.lib.audit.models import AuditEntry, with_part
from opus.lib.database.states import Stateful, Step
from opus.lib.dates import date_format
from opus.lib.documents import pdf
from opus.lib.privacy import personal_data
from opus.lib.privacy.models import CorrectionBase
from opus.lib.privacy.personal_data import (
    Person,
    Recipient,
    Retention,
    Table,
    sections_of,
    tables,
)

STYLE = Path(__file__).parent / "print" / "person.css"
# No name of a person in the names of files (V17).
JSON_NAME, PDF_NAME = "donnees.json", "donnees.pdf"
YOU, ANOTHER = "vous", "une autre personne"
ACTIONS = dict(Action.choices)
# Entries of article 10: their details name the account concerned.
NAME_BY_KEY = (
    Action.RIGHTS_ASKED,
    Action.RIGHTS_MOVED,
    Action.PERSON_FILE_ASKED,
    Action.PERSON_FILE_TAKEN,
)


@dataclasses.dataclass(frozen=True)
class Held:
    table: Table
    title: str
    source: str
    # Name of a field → its title, raw value and words.
    rows: list[dict[str, dict[str, Any]]]
    # (label of a field left out, reason).
    left_out: dict[str, str]


@dataclasses.dataclass(frozen=True)
class Line:
    at: dt.datetime
    action: str
    by: str
    ip: str | None
    agent: str
    is_read: bool = False


@dataclasses.dataclass
class Dossier:
    made_at: dt.datetime
    sections: list[str]
    tables: list[Held]
    journal: list[Line]
    recipients: list[Recipient]
    files: dict[str, bytes]

    @property
    def sources(self) -> dict[str, list[str]]:
        """Return the tables' titles by source."""
        found: dict[str, list[str]] = {}
        for held in self.tables:
            found.setdefault(held.source, []).append(held.title)
        return found

    @property
    def withheld(self) -> list[str]:
        """Return the reasons of what is left out, each once."""
        reasons = [why for held in self.tables for why in held.left_out.values()]
        return list(dict.fromkeys(reasons)) or ["rien"]

    @property
    def days(self) -> list[tuple[dt.date, str, str, int]]:
        """Return the journal by day, action and role, each with its number."""
        counts = Counter(
            (timezone.localdate(line.at), line.action, line.by) for line in self.journal
        )
        return [(*key, times) for key, times in sorted(counts.items())]

    @property
    def readers(self) -> list[tuple[str, int, dt.date, dt.date]]:
        """Return the roles that looked at the data: how often, first and last day."""
        found: dict[str, list[dt.date]] = {}
        for line in self.journal:
            if line.is_read and line.by != YOU:
                found.setdefault(line.by, []).append(timezone.localdate(line.at))
        return [
            (by, len(days), min(days), max(days)) for by, days in sorted(found.items())
        ]

    @property
    def delays(self) -> list[Retention]:
        """Return the classes of what is kept, each once; offers say theirs."""
        tables = [held.table for held in self.tables]
        kept = [one.retention for one in tables if not one.source]
        return list(
            dict.fromkeys([*kept, *([Retention.JOURNAL] if self.journal else [])])
        )


def collect(person: Person) -> Dossier:
    files: dict[str, bytes] = {}
    declared = [
        table
        for table in tables()
        if table.accounts or table.candidates or table.offers
    ]
    found = [held_in(table, person, files) for table in declared]
    return Dossier(
        made_at=timezone.now(),
        sections=sections_of(person),
        tables=[held for held in found if held.rows],
        journal=journal_of(person),
        recipients=personal_data.recipients_of(person),
        files=files,
    )


def rows_of(table: Table, person: Person) -> QuerySet[Any]:
    mine = Q(pk__in=[])
    for lookup in table.accounts:
        mine |= Q(**{f"{lookup}__in": person.accounts})
    for lookup in table.candidates:
        mine |= Q(**{f"{lookup}__in": person.candidates})
    for lookup in table.offers:
        mine |= Q(**{f"{lookup}__in": person.offers})
    rows: QuerySet[Any] = table.class_._base_manager.filter(mine)
    return rows.order_by("pk").distinct()


def held_in(table: Table, person: Person, files: dict[str, bytes]) -> Held:
    fields: list[Any] = [*table.class_._meta.concrete_fields]
    given = [one for one in fields if one.name not in table.left_out]
    hidden = [one for one in fields if one.name in table.left_out]
    rows = rows_of(table, person).defer(*table.left_out)
    return Held(
        table=table,
        title=capfirst(str(table.class_._meta.verbose_name_plural)),
        source=table.source or table.retention.source,
        rows=[
            {one.name: describe(row, one, person, files) for one in given}
            for row in rows
        ],
        left_out={label_of(one): table.left_out[one.name] for one in hidden},
    )


def describe(
    row: Model, field: Field, person: Person, files: dict[str, bytes]
) -> dict[str, Any]:
    """Return a field's title, raw value and words (GDPR 15.3, 20)."""
    if isinstance(field, ForeignKey):
        value = text = words_for(row, field, person)
    elif isinstance(field, models.BinaryField):
        value = text = attach(row, field, files)
    else:
        value = getattr(row, field.attname)
        text = in_words(row, field, value)
    return {"intitule": label_of(field), "valeur": value, "texte": text}


def words_for(row: Model, field: ForeignKey, person: Person) -> str:
    """Return a related object's words; other persons are masked.

    A row with data of persons is shown by its number: its words might contain a name.
    """
    number = getattr(row, field.attname)
    if number is None:
        return ""
    target = field.related_model
    if target is get_user_model():
        if number in person.accounts:
            return YOU
        # The role of another account, never its name.
        return f"{ANOTHER} ({getattr(row, field.name).get_role_display()})"
    if any("pk" in table.candidates for table in tables_of(target)):
        return YOU if number in person.candidates else ANOTHER
    if any(tables_of(target)):
        known = getattr(getattr(row, field.name), "number", "") or number
        return f"n° {known}"
    return str(getattr(row, field.name))


def tables_of(model: Any) -> Iterator[Table]:
    own = model._meta.concrete_model
    return (table for table in tables() if table.class_ is own)


def attach(row: Model, field: Field, files: dict[str, bytes]) -> str:
    content = bytes(getattr(row, field.attname) or b"")
    if not content:
        return ""
    ending = "pdf" if content.startswith(b"%PDF") else "bin"
    name = f"fichiers/{row._meta.model_name}-{row.pk}-{field.name}.{ending}"
    files[name] = content
    return name


def in_words(row: Model, field: Field, value: Any) -> str:
    # Only the JSON shows an internal key.
    is_key = field.primary_key or isinstance(field, models.UUIDField)
    if value is None or value in ("", {}, []) or is_key:
        return ""
    if isinstance(row, Step | Stateful) and field.name in {"origin", "target", "state"}:
        return str(row.state_words().get(value, value))
    if isinstance(row, CorrectionBase) and field.name == "field":
        return row.label
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, dt.datetime):
        return date_format(timezone.localtime(value), r"j F Y, G \h i")
    if isinstance(value, dt.date):
        return date_format(value, "j F Y")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)
    return str(value)


def label_of(field: Any) -> str:
    return capfirst(str(field.verbose_name))


def journal_of(person: Person) -> list[Line]:
    """Return the person's actions, and readers by role (V13)."""
    mine = Q(actor_id__in=person.accounts)
    user = get_user_model()._meta.label_lower
    about = Q(target_type=user, target_id__in=[str(pk) for pk in person.accounts])
    for key in person.keys:
        about |= Q(action__in=NAME_BY_KEY, details__about__contains=[key])
    if person.candidates:
        about |= Q(person_ids__overlap=list(person.candidates))
    for candidate in sorted(person.candidates):
        about |= with_part(persons=[str(candidate)])
    roles: dict[str, str] = dict(get_user_model()._meta.get_field("role").flatchoices)
    lines = []
    for entry in AuditEntry.objects.filter(mine | about).order_by("at", "pk"):
        own = entry.actor_id in person.accounts
        action = ACTIONS.get(entry.action, entry.action)
        by = YOU if own else roles.get(entry.role, "Opus")
        # Another person's address is private.
        ip, agent = (entry.ip, entry.agent) if own else (None, "")
        is_read = entry.action in READS
        lines.append(Line(entry.at, action, by, ip, agent, is_read))
    return lines


# --- The file -------------------------------------------------------------------------


def as_json(dossier: Dossier) -> str:
    content = {
        "objet": "Copie des données personnelles (RGPD, art. 15)",
        "fait_le": dossier.made_at,
        "tables": [
            {
                "table": held.table.model,
                "intitule": held.title,
                "provenance": held.source,
                "conservation": held.table.retention.delay,
                "a_terme": held.table.retention.end,
                "non_communique": held.left_out,
                "lignes": held.rows,
            }
            for held in dossier.tables
        ],
        "destinataires": [dataclasses.asdict(one) for one in dossier.recipients],
        "journal": {
            "conservation": Retention.JOURNAL.delay,
            "lignes": [dataclasses.asdict(line) for line in dossier.journal],
        },
        "fichiers": sorted(dossier.files),
    }
    return json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


def make(person: Person) -> bytes:
    dossier = collect(person)
    body = render_to_string("documents/person.html", {"dossier": dossier})
    frame = {"title": "Copie de données personnelles", "body": body}
    page = render_to_string("documents/page.html", frame)
    printed, _ = pdf.print_pdf(page, STYLE)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(PDF_NAME, printed)
        parts.writestr(JSON_NAME, as_json(dossier))
        for name, content in dossier.files.items():
            parts.writestr(name, content)
    return out.getvalue()
