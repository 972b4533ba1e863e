"""A CSV list of persons, as spreadsheets write it."""

import csv
import dataclasses
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms

from opus.lib.forms.fields import clean_name
from opus.lib.french import plain

MAX_BYTES = 1_000_000
MAX_ROWS = 200


class Unreadable(Exception):
    """``str(error)`` is the reason and the remedy."""


@dataclasses.dataclass(frozen=True)
class Row:
    line: int
    values: dict[str, str]
    # An extra cell shifts the others: the row is unreliable.
    is_too_long: bool = False

    @property
    def name(self) -> str:
        words = [self.values.get("first_name", ""), self.values.get("last_name", "")]
        return clean_name(" ".join(words))


@dataclasses.dataclass(frozen=True)
class ListFile:
    """A list's columns, title → field; ``other_titles`` are variants."""

    titles: Mapping[str, str]
    other_titles: Mapping[str, str]
    required: Sequence[str]

    def model(self) -> bytes:
        return ("\ufeff" + ";".join(self.titles) + "\r\n").encode()

    def read(self, data: bytes) -> list[Row]:
        """Return the rows without empty lines; raise Unreadable if invalid."""
        text = decode(data)
        if text[:4].casefold() == "sep=":  # Excel's own declaration.
            text = text.partition("\n")[2]
        delimiter = max(";,\t", key=text.partition("\n")[0].count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            columns = self.columns_of(next(reader, []))
            rows = [
                row_of(reader.line_num, columns, cells)
                for cells in reader
                if any(cell.strip() for cell in cells)
            ]
        except csv.Error as error:
            raise Unreadable(
                "Ce fichier ne se lit pas comme un tableau. Enregistrez-le au format "
                "« CSV » depuis votre tableur, puis recommencez."
            ) from error
        if not rows:
            raise Unreadable(
                "Ce fichier ne contient que la ligne des titres : ajoutez une ligne "
                "par personne."
            )
        if len(rows) > MAX_ROWS:
            raise Unreadable(
                f"Ce fichier compte {len(rows)} personnes : le maximum est de "
                f"{MAX_ROWS}. Partagez-le en plusieurs fichiers."
            )
        return rows

    def columns_of(self, cells: list[str]) -> list[str | None]:
        """Return each column's field, None if unused.

        Raises Unreadable if a required column is missing or repeated.
        """
        titles = {**self.titles, **self.other_titles}
        known = {plain(title).replace(" ", ""): name for title, name in titles.items()}
        columns = [known.get(plain(cell).replace(" ", "")) for cell in cells]
        title_of = {name: title for title, name in self.titles.items()}
        missing = [title_of[name] for name in self.required if name not in columns]
        if missing:
            words = ", ".join(f"« {title} »" for title in missing)
            raise Unreadable(
                f"La première ligne doit porter les titres des colonnes. Il manque : "
                f"{words}. Partez du modèle pour être sûr des titres."
            )
        named = [name for name in columns if name]
        for name in title_of:
            if named.count(name) > 1:
                raise Unreadable(f"La colonne « {title_of[name]} » est là deux fois.")
        return columns


def decode(data: bytes) -> str:
    """Decode UTF-8, else Windows-1252; raise Unreadable if neither."""
    if b"\0" not in data:
        for encoding in ("utf-8-sig", "cp1252"):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise Unreadable(
        "Ce fichier n’est pas un fichier CSV. Depuis votre tableur, choisissez "
        "« Enregistrer sous », puis le format « CSV »."
    )


def row_of(line: int, columns: list[str | None], cells: list[str]) -> Row:
    named = zip(columns, cells, strict=False)
    values = {name: cell.strip() for name, cell in named if name is not None}
    is_too_long = any(cell.strip() for cell in cells[len(columns) :])
    return Row(line, values, is_too_long)


class ListField(forms.FileField):
    def __init__(self, list_file: ListFile, **kwargs: Any) -> None:
        self.list_file = list_file
        super().__init__(
            label="Fichier CSV",
            help_text=f"{MAX_ROWS} personnes et 1 Mo au plus.",
            widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
            error_messages={
                "required": "Choisissez un fichier CSV sur votre ordinateur.",
                "empty": "Ce fichier est vide : partez du modèle, une personne par "
                "ligne.",
            },
            **kwargs,
        )

    def clean(self, data: Any, initial: Any = None) -> list[Row]:
        file = super().clean(data, initial)
        if file.size > MAX_BYTES:
            raise forms.ValidationError(
                "Ce fichier dépasse 1 Mo. Une liste de personnes pèse bien moins : "
                "vérifiez que c’est le bon fichier."
            )
        try:
            return self.list_file.read(file.read())
        except Unreadable as error:
            raise forms.ValidationError(str(error)) from error


UNWRITABLE = (
    "Opus n’a pas pu écrire cette ligne\xa0: vérifiez chacune de ses cellules, ou "
    "ajoutez la personne depuis l’écran."
)
TOO_LONG = (
    "Cette ligne a plus de cellules que de titres : vérifiez les séparateurs et les "
    "guillemets."
)


def reasons_of(form: forms.BaseForm) -> Iterator[str]:
    for field, errors in form.errors.get_json_data().items():
        label = str(form[field].label) if field in form.fields else ""
        for error in errors:
            message = error["message"]
            yield f"{label} : {message}" if label not in message else message
