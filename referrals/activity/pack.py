"""The pack of a review meeting: PDF/UA and workbook."""

import io
import zipfile
from pathlib import Path

from django.template.loader import render_to_string

from opus.lib.documents import pdf
from opus.lib.documents.spreadsheets import XlsxWriter
from referrals.activity.tables import (
    WITHHELD,
    Activity,
    Table,
    bars_of,
    next_meeting,
    standouts_of,
)

STYLE = Path(__file__).parent / "activity.css"
# No name of a structure nor of a person in the names of files (V17).
PDF_NAME, BOOK_NAME = "bilan.pdf", "bilan.xlsx"
FIGURES_TITLE = "Chiffres clés"
FIGURE_HEADINGS = ["Chiffre", "Période", "Période d’avant"]
# The limit of workbooks, in characters.
LONGEST_NAME = 31


def make(activity: Activity) -> bytes:
    printed, _ = pdf.print_pdf(page_of(activity), STYLE)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as both:
        both.writestr(PDF_NAME, printed)
        both.writestr(BOOK_NAME, book_of(activity))
    return out.getvalue()


def page_of(activity: Activity) -> str:
    context = {
        "activity": activity,
        "bars": bars_of(activity.months),
        "standouts": list(standouts_of(activity)),
        "meeting": next_meeting(activity.scope),
        "withheld": WITHHELD,
    }
    body = render_to_string("documents/activity.html", context)
    frame = {"title": "Dossier de bilan", "body": body}
    return render_to_string("documents/page.html", frame)


def book_of(activity: Activity) -> bytes:
    out = io.BytesIO()
    name, width = worksheet_name(FIGURES_TITLE), 32
    writer = XlsxWriter(out, name, FIGURE_HEADINGS, first=width)
    for figure in activity.figures:
        writer.add([figure.label, figure.text, figure.text_before])
    for table in activity.tables:
        headings = [table.first, *table.columns]
        name = worksheet_name(table.title)
        writer.begin(name, headings, first=width_of(table))
        for row in table.rows:
            writer.add([row.label, *(cell.cell for cell in row.cells)])
    writer.finish(activity.notes)
    return out.getvalue()


def worksheet_name(title: str) -> str:
    """Return 31 letters at most, the limit of workbooks."""
    name = title.partition(" (")[0]
    if len(name) > LONGEST_NAME:
        name = name.replace("Mises en contact", "Contacts")
    return name[:LONGEST_NAME]


def width_of(table: Table) -> int:
    """Return the letters of its longest row (A13)."""
    return max(18, *(len(row.label) + 2 for row in table.rows), len(table.first))
