"""The pack of a review meeting (art. 11): printed sheets (PDF/UA) and a workbook."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from django.template.loader import render_to_string

from opus.lib import pdf
from opus.lib.spreadsheets import XlsxWriter
from referrals.activity.plots import bars_of, funnel_of
from referrals.activity.tables import Activity
from referrals.activity.words import STAGES

STYLE = Path(__file__).parent.parent / "print" / "activity.css"
# No name of a structure nor of a person in the names of files (V17).
PDF_NAME, BOOK_NAME = "bilan.pdf", "bilan.xlsx"


def make(activity: Activity) -> bytes:
    """Both files in one."""
    printed, _ = pdf.print_pdf(page_of(activity), STYLE)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as both:
        both.writestr(PDF_NAME, printed)
        both.writestr(BOOK_NAME, book_of(activity))
    return out.getvalue()


def page_of(activity: Activity) -> str:
    """The whole page that the printer reads."""
    context = {
        "activity": activity,
        "funnel": funnel_of(activity.kinds, len(STAGES)),
        "bars": bars_of(activity.months),
    }
    body = render_to_string("documents/activity.html", context)
    frame = {"title": "Dossier de bilan", "sheet": {"html": body}}
    return render_to_string("documents/page.html", frame)


def book_of(activity: Activity) -> bytes:
    """A sheet for each table, and one that says what must be known."""
    out = io.BytesIO()
    first = activity.tables[0]
    writer = XlsxWriter(out, sheet_name(first.title), [first.first, *first.columns])
    for table in activity.tables:
        if table is not first:
            writer.begin(sheet_name(table.title), [table.first, *table.columns])
        for row in table.rows:
            writer.add([row.label, *(cell.cell for cell in row.cells)])
    writer.finish(activity.notes)
    return out.getvalue()


def sheet_name(title: str) -> str:
    """A workbook takes 31 letters at most, and no bracket."""
    return title.partition(" (")[0][:31]
