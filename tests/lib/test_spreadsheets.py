"""What is written for a spreadsheet comes back as it was, and calculates nothing."""

import csv
import datetime as dt
import io
import tempfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odfdo import Document

from opus.lib.documents.spreadsheets import (
    ABOUT,
    LONGEST_CELL,
    STARTS,
    WRITERS,
    Format,
    safe_cell,
)

HEADINGS = ("Un", "Deux")
# Any text, and often what a spreadsheet would take for a formula.
TEXTS = st.one_of(
    st.text(max_size=30),
    st.builds(
        lambda start, rest: f"{start}{rest}",
        st.sampled_from([*STARTS, " =", "\x00=", "\x0b+"]),
        st.sampled_from(['cmd|" /C calc"!A0', "1+1", "SUM(A1:A9)", "HYPERLINK(1;2)"]),
    ),
)
CELLS = st.one_of(
    TEXTS, st.integers(0, 10**9), st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1))
)


def written(file_format: Format, rows, notes=()) -> io.BytesIO:
    out = io.BytesIO()
    writer = WRITERS[file_format](out, "Essai", HEADINGS)
    for row in rows:
        writer.add(row)
    writer.finish(notes)
    return io.BytesIO(out.getvalue())


def read_csv(file: io.BytesIO) -> list[list[object]]:
    text = file.getvalue().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def read_xlsx(file: io.BytesIO) -> list[list[object]]:
    book = openpyxl.load_workbook(file)
    for sheet in book:
        for row in sheet:
            # openpyxl would say "f" of a formula.
            assert {cell.data_type for cell in row} <= {"s", "n", "d", "inlineStr"}
    return [
        [value_of(cell) for cell in row]
        for row in book["Essai"].iter_rows(values_only=True)
    ]


def read_ods(file: io.BytesIO) -> list[list[object]]:
    table = Document(file).body.get_table(name="Essai")
    assert "table:formula" not in table.serialize()
    return [[value_of(cell) for cell in row] for row in table.get_values()]


def value_of(cell: object) -> object:
    if isinstance(cell, dt.datetime):
        return cell.date()
    return "" if cell is None else cell


def as_kept(value: object) -> object:
    """A cell as it should come back: texts made harmless, the rest as it is."""
    return safe_cell(value) if isinstance(value, str) else value


def plain(text: object) -> object:
    """White space as spreadsheets keep it: one kind of line end."""
    if not isinstance(text, str):
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n")


def folded(cell: object) -> object:
    """White space as OpenDocument keeps it: it folds, as in HTML."""
    return " ".join(cell.split()) if isinstance(cell, str) else cell


# How a file is read, and as what a cell comes back.
READERS = {
    Format.CSV: (read_csv, str),
    Format.XLSX: (read_xlsx, plain),
    Format.ODS: (read_ods, folded),
}


@pytest.mark.parametrize("file_format", Format)
@settings(max_examples=50, deadline=None)
@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6))
def test_a_file_comes_back_with_no_cell_that_calculates(file_format, rows):
    """S32: read by openpyxl and odfdo, which know a formula when they see one."""
    read, kept = READERS[file_format]
    [headings, *found] = read(written(file_format, rows))

    assert headings == list(HEADINGS)
    assert [[kept(cell) for cell in row] for row in found] == [
        [kept(as_kept(value)) for value in row] for row in rows
    ]
    texts = [cell for row in found for cell in row if isinstance(cell, str)]
    assert not any(text.lstrip(" ").startswith(STARTS) for text in texts)


@pytest.mark.parametrize("file_format", list(Format))
def test_the_notes_stand_in_the_file_itself(file_format):
    file = written(file_format, [("a", "b")], ["Ouvertes le 24 novembre."])

    if file_format == Format.CSV:
        assert read_csv(file)[-1] == ["Ouvertes le 24 novembre.", ""]
    elif file_format == Format.XLSX:
        about = openpyxl.load_workbook(file)[ABOUT]
        assert about["A1"].value == "Ouvertes le 24 novembre."
    else:
        about = Document(file).body.get_table(name=ABOUT)
        assert about.get_values() == [["Ouvertes le 24 novembre."]]


@pytest.mark.parametrize("file_format", list(Format))
def test_a_text_longer_than_a_cell_is_cut_and_says_so(file_format):
    """A workbook drops what is too long without a word."""
    reader, _ = READERS[file_format]
    [_, [cell, _]] = reader(written(file_format, [("x" * 40_000, "b")]))

    assert len(cell) == LONGEST_CELL
    assert cell.endswith("x…")


@pytest.mark.parametrize("file_format", Format)
def test_no_row_stands_in_a_file_that_a_killed_worker_would_leave(
    file_format, monkeypatch, tmp_path
):
    """V9, V10: what is not yet handed over is in memory alone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    out = io.BytesIO()
    writer = WRITERS[file_format](out, "Essai", HEADINGS)
    for number in range(200):
        writer.add(("Camille Essai", number))

    assert list(tmp_path.iterdir()) == []
    writer.finish(["Essai"])
    assert list(tmp_path.iterdir()) == []
    assert out.getvalue()
