"""CSV, XLSX and ODS without formulas, row by row (S32).

Cells are texts, whole numbers and days; notes have their own worksheet, or follow.
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from typing import IO

import xlsxwriter
from django.db import models
from lxml import etree
from odfdo import Document, Element

# The first characters of a formula.
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
# XML cannot write these.
UNWRITABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]"
)
# The maximum length of a cell.
LONGEST_CELL = 32_767
ABOUT = "À propos"


class Format(models.TextChoices):
    XLSX = "xlsx", "Classeur Excel (.xlsx)"
    ODS = "ods", "Classeur OpenDocument (.ods)"
    CSV = "csv", "Texte séparé par des points-virgules (.csv)"


CONTENT_TYPES = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    Format.CSV: "text/csv; charset=utf-8",
}


def safe_cell(value: object) -> str:
    """Return a cell's text, with an apostrophe before a formula."""
    text = "" if value is None else UNWRITABLE.sub("", str(value))
    # Leading spaces hide a formula from people, not from every spreadsheet.
    if text.lstrip(" ").startswith(STARTS):
        text = f"'{text}"
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"


def cell_of_book(value: object) -> str:
    return safe_cell(value).replace("\r\n", "\n").replace("\r", "\n")


def make_csv(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.BytesIO()
    writer = CsvWriter(out, "", headings)
    for row in rows:
        writer.add(row)
    writer.finish(())
    return out.getvalue().decode()


class CsvWriter:
    """Semicolons, since commas are decimal signs, and a UTF-8 mark."""

    def __init__(self, out: IO[bytes], title: str, headings: Sequence[str]) -> None:
        self.columns = len(headings)
        self.text = io.TextIOWrapper(out, encoding="utf-8", newline="")
        self.text.write("\ufeff")
        self.rows = csv.writer(self.text, delimiter=";", lineterminator="\r\n")
        self.add(headings)

    def add(self, row: Sequence[object]) -> None:
        self.rows.writerow([safe_cell(cell) for cell in row])

    def finish(self, notes: Sequence[str]) -> None:
        # As many columns as the other rows.
        empty = [""] * (self.columns - 1)
        for note in notes:
            self.add([note, *empty])
        self.text.detach()


class XlsxWriter:
    """In memory: temporary files would survive a killed worker (V9)."""

    def __init__(
        self, out: IO[bytes], title: str, headings: Sequence[str], *, first: int = 18
    ) -> None:
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        }
        self.book = xlsxwriter.Workbook(out, options)
        self.bold = self.book.add_format({"bold": True})
        self.day = self.book.add_format({"num_format": "dd/mm/yyyy"})
        self.begin(title, headings, first=first)

    def begin(self, title: str, headings: Sequence[str], *, first: int = 18) -> None:
        """Start a worksheet; ``first``: the first column's width, in letters."""
        self.sheet = self.book.add_worksheet(title)
        self.sheet.freeze_panes(1, 0)
        self.sheet.set_column(0, len(headings) - 1, 18)
        self.sheet.set_column(0, 0, first)
        for column, heading in enumerate(headings):
            self.sheet.write_string(0, column, cell_of_book(heading), self.bold)
        self.number = 0

    def add(self, row: Sequence[object]) -> None:
        self.number += 1
        for column, value in enumerate(row):
            match value:
                case bool() | None:
                    self.sheet.write_string(self.number, column, cell_of_book(value))
                case int() | float():
                    self.sheet.write_number(self.number, column, value)
                case dt.date():
                    self.sheet.write_datetime(self.number, column, value, self.day)
                case _:
                    self.sheet.write_string(self.number, column, cell_of_book(value))

    def finish(self, notes: Sequence[str]) -> None:
        about = self.book.add_worksheet(ABOUT)
        about.set_column(0, 0, 100)
        for number, note in enumerate(notes):
            about.write_string(number, 0, cell_of_book(note))
        self.book.close()


# The XML namespaces of a row.
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


class OdsWriter:
    """odfdo's tree is sixty times faster than its cells."""

    def __init__(self, out: IO[bytes], title: str, headings: Sequence[str]) -> None:
        self.out = out
        self.document = Document("spreadsheet")
        self.document.body.clear()
        self.begin(title)
        self.add(headings)

    def begin(self, title: str) -> None:
        """Start a table."""
        self.tree = etree.Element(f"{TABLE}table", {f"{TABLE}name": title})
        self.document.body.append(Element.from_tag(self.tree))

    def add(self, row: Sequence[object]) -> None:
        line = etree.SubElement(self.tree, f"{TABLE}table-row")
        for value in row:
            cell = etree.SubElement(line, f"{TABLE}table-cell")
            kind = "string"
            if isinstance(value, int | float) and not isinstance(value, bool):
                kind = "float"
                cell.set(f"{OFFICE}value", str(value))
            elif isinstance(value, dt.date):
                kind = "date"
                cell.set(f"{OFFICE}date-value", value.isoformat())
            cell.set(f"{OFFICE}value-type", kind)
            for part in cell_of_book(value).split("\n"):
                etree.SubElement(cell, f"{TEXT}p").text = part

    def finish(self, notes: Sequence[str]) -> None:
        self.begin(ABOUT)
        for note in notes:
            self.add([note])
        book = io.BytesIO()
        self.document.save(book)
        self.out.write(book.getbuffer())


WRITERS: dict[Format, type[CsvWriter | XlsxWriter | OdsWriter]] = {
    Format.CSV: CsvWriter,
    Format.XLSX: XlsxWriter,
    Format.ODS: OdsWriter,
}
