"""Tables for a spreadsheet, in which no cell is ever a formula (S32)."""

import csv
import io
from collections.abc import Iterable, Sequence

# What makes a spreadsheet calculate instead of showing.
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(value: object) -> str:
    """The text of a cell; an apostrophe before whatever would start a formula."""
    text = "" if value is None else str(value)
    # Spaces in front hide a formula from a reader, not from every spreadsheet.
    return f"'{text}" if text.lstrip(" ").startswith(STARTS) else text


def make_csv(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as French spreadsheets open it: semicolons, and a mark of UTF-8."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([safe_cell(heading) for heading in headings])
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue()
