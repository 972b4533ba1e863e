"""Import France Travail's agencies, territories, regions from a CSV file."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.structures.models import Agency, AgencyKind
from opus.lib.forms.fields import (
    format_phone,
    validate_phone,
    validate_postcode,
    validate_safir,
)
from opus.lib.french_regions import department_of_postcode, departments

REQUIRED = {"code_safir", "nom"}
COLUMN_OF_FIELD = {
    "name": "nom",
    "address": "adresse",
    "postcode": "code_postal",
    "city": "ville",
}


class UnreadableFile(Exception):
    """An unusable file; the message, in French, goes on screen."""


class UnsoundRow(ValueError):
    pass


@dataclass
class AgenciesReport:
    """``troubles``: (line number, reason), in order."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    troubles: list[tuple[int, str]] = field(default_factory=list)
    rejected: int = 0

    def reject(self, line: int, reason: str) -> None:
        self.rejected += 1
        self.troubles.append((line, reason))


def read_table(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Return (line number, row) pairs; raise UnreadableFile."""
    try:
        # Invalid bytes stay visible and cost their own row only.
        text = path.read_text(encoding="utf-8-sig", errors="surrogateescape")
    except OSError as error:
        raise UnreadableFile(f"{path} : {error.strerror}") from error
    lines = text.splitlines()
    header = lines[0] if lines else ""
    separator = max(",;\t", key=header.count)
    reader = csv.DictReader(lines, delimiter=separator)
    missing = REQUIRED - set(reader.fieldnames or ())
    if missing:
        raise UnreadableFile(f"{path} : colonne {', '.join(sorted(missing))} absente.")
    for row in reader:
        # A short row has None for its last columns, a long one a list under None.
        clean = {
            name: (value or "").strip()
            for name, value in row.items()
            if isinstance(name, str)
        }
        yield reader.line_num, clean


def read_agency(row: Mapping[str, str]) -> dict[str, Any]:
    """Return an agency's columns without its parent; raise UnsoundRow."""
    for name, value in row.items():
        if not value.isprintable():
            raise UnsoundRow(f"{name} : caractère illisible.")
    safir, postcode = row["code_safir"], row.get("code_postal", "")
    phone = row.get("telephone", "")
    try:
        validate_safir(safir)
        if postcode:
            validate_postcode(postcode)
        if phone:
            validate_phone(phone)
        Agency._meta.get_field("city").run_validators(row.get("ville", ""))
    except ValidationError as error:
        raise UnsoundRow(" ".join(error.messages)) from error
    columns: dict[str, Any] = {"safir": safir}
    for name, column in COLUMN_OF_FIELD.items():
        value = row.get(column, "")
        field: Any = Agency._meta.get_field(name)
        if len(value) > field.max_length:
            raise UnsoundRow(f"{column} : plus de {field.max_length} caractères.")
        columns[name] = value
    if not columns["name"]:
        raise UnsoundRow("nom : absent.")
    code = row.get("code_departement", "").upper()
    department = departments().get(code) if code else department_of_postcode(postcode)
    if code and department is None:
        raise UnsoundRow(f"code_departement : {code} n’existe pas.")
    columns["department"] = department.code if department else ""
    columns["region"] = department.region if department else ""
    for name, reach in (("latitude", 90), ("longitude", 180)):
        columns[name] = read_degrees(name, row.get(name, ""), reach)
    if "telephone" in row:
        columns["phone"] = format_phone(phone)
    if kind := row.get("type", "").lower():
        if kind not in AgencyKind.values:
            raise UnsoundRow(f"type : {kind} n’est pas agence, dt, dr ou national.")
        columns["kind"] = kind
    return columns


def read_degrees(name: str, text: str, reach: int) -> float | None:
    """Parse degrees, None if empty; raise UnsoundRow out of range."""
    if not text:
        return None
    if not re.fullmatch(r"-?[0-9]{1,3}([.,][0-9]{1,15})?", text):
        raise UnsoundRow(f"{name} : {text} n’est pas un nombre.")
    degrees = float(text.replace(",", "."))
    if abs(degrees) > reach:
        raise UnsoundRow(f"{name} : {text} est hors du globe.")
    return degrees


@transaction.atomic
def import_agencies(path: Path) -> AgenciesReport:
    """Upsert the agencies of a CSV file; others stay.

    Columns: ``code_safir, nom``, optionally ``adresse, code_postal, ville,
    code_departement, latitude, longitude, type, safir_parent, telephone``. A bad row or
    an unknown parent is reported; other rows continue. Raises UnreadableFile.
    """
    report = AgenciesReport()
    rows: dict[str, tuple[int, dict[str, Any]]] = {}
    parents: dict[str, str] = {}
    for line, row in read_table(path):
        try:
            columns = read_agency(row)
        except UnsoundRow as error:
            report.reject(line, str(error))
            continue
        safir = columns["safir"]
        if safir in rows:
            reason = f"code_safir : {safir} est déjà en ligne {rows[safir][0]}."
            report.reject(line, reason)
            continue
        rows[safir] = line, columns
        if "safir_parent" in row:
            parents[safir] = row["safir_parent"]

    stored = {agency.safir: agency for agency in Agency.objects.select_for_update()}
    for safir, parent in parents.items():
        line, columns = rows[safir]
        if parent == safir or (parent and parent not in rows and parent not in stored):
            reason = f"safir_parent : {parent} est inconnu, rattachement laissé vide."
            report.troubles.append((line, reason))
            parent = ""
        columns["parent_id"] = parent or None
    cut_loops(rows, stored, report)
    write_agencies([columns for _, columns in rows.values()], stored, report)
    report.troubles.sort()
    return report


def cut_loops(
    rows: Mapping[str, tuple[int, dict[str, Any]]],
    stored: Mapping[str, Agency],
    report: AgenciesReport,
) -> None:
    """Drop parents of the file that would make a loop."""
    parent_of = {safir: agency.parent_id for safir, agency in stored.items()}
    for safir, (_, columns) in rows.items():
        parent_of[safir] = columns.get("parent_id", parent_of.get(safir))
    for safir, (line, columns) in rows.items():
        place, seen = parent_of[safir], set()
        while place and place != safir and place not in seen:
            seen.add(place)
            place = parent_of.get(place)
        if place == safir and columns.get("parent_id"):
            columns["parent_id"] = parent_of[safir] = None
            reason = "il dépend de cette agence, rattachement laissé vide."
            report.troubles.append((line, f"safir_parent : {reason}"))


def write_agencies(
    rows: list[dict[str, Any]], stored: Mapping[str, Agency], report: AgenciesReport
) -> None:
    """Save the agencies, then parents: rows may name later ones."""
    new, changed, moved = [], [], []
    for columns in rows:
        agency = stored.get(columns["safir"])
        if agency is None:
            new.append(Agency(**columns))
        elif any(getattr(agency, name) != value for name, value in columns.items()):
            if agency.parent_id != columns.get("parent_id", agency.parent_id):
                moved.append(agency.pk)
            for name, value in columns.items():
                setattr(agency, name, value)
            changed.append(agency)
    parent_of = {agency.safir: agency.parent_id for agency in new if agency.parent_id}
    for agency in new:
        agency.parent_id = None
    Agency.objects.bulk_create(new)
    for agency in new:
        agency.parent_id = parent_of.get(agency.safir)
    linked = [agency for agency in new if agency.parent_id]
    Agency.objects.bulk_update(linked, ["parent"], batch_size=500)
    # Without parents first, so that no loop exists between the old and new network.
    Agency.objects.filter(pk__in=moved).update(parent=None)
    fields = [*COLUMN_OF_FIELD, "department", "region", "latitude", "longitude"]
    more = ["phone", "kind", "parent"]
    Agency.objects.bulk_update(changed, [*fields, *more], batch_size=200)
    report.created, report.updated = len(new), len(changed)
    report.unchanged = len(rows) - len(new) - len(changed)
