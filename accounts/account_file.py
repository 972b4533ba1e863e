"""A list of accounts to open, as a spreadsheet saves it (CSV).

Excel in French writes semicolons and Windows-1252, others commas and UTF-8: both are
read. What a cell says is judged later, row by row, by the form of a single account.
"""

import csv
import dataclasses
import io
import unicodedata

MAX_BYTES = 1_000_000
MAX_ROWS = 200

# The columns of the model, then other names that people give them.
HEADERS = {
    "Nom": "last_name",
    "Prénom": "first_name",
    "Adresse électronique": "email",
    "Fonction": "function",
    "Téléphone": "phone",
}
OTHER_HEADERS = {
    "Nom de famille": "last_name",
    "Adresse e-mail": "email",
    "Adresse mail": "email",
    "Courriel": "email",
    "E-mail": "email",
    "Mail": "email",
    "Poste": "function",
    "Tél": "phone",
    "Téléphone professionnel": "phone",
}
REQUIRED = ("last_name", "first_name", "email")


class Unreadable(Exception):
    """The file is no such list: ``str(error)`` says why, and what to do."""


@dataclasses.dataclass(frozen=True)
class Row:
    """One person of the list, and the line of the file that it ends on."""

    line: int
    values: dict[str, str]
    # A cell too many moves all the others: nothing of the row can be trusted.
    is_too_long: bool = False

    @property
    def name(self) -> str:
        """Whom the line is about, as it was typed."""
        words = [self.values.get("first_name", ""), self.values.get("last_name", "")]
        return " ".join(filter(None, words))


def model() -> bytes:
    """The empty list to fill in: Excel opens it with a double click."""
    return ("\ufeff" + ";".join(HEADERS) + "\r\n").encode()


def read(data: bytes) -> list[Row]:
    """The rows of the file, empty lines left out.

    Raises:
        Unreadable: no such list, or too long.
    """
    text = decode(data)
    first_line = text.partition("\n")[0]
    if first_line.casefold().startswith("sep="):
        # Excel's own way to say it.
        text = text.partition("\n")[2]
        first_line = text.partition("\n")[0]
    delimiter = max(";,\t", key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        columns = columns_of(next(reader, []))
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
            "Ce fichier ne contient que la ligne des titres : ajoutez une ligne par "
            "personne."
        )
    if len(rows) > MAX_ROWS:
        raise Unreadable(
            f"Ce fichier compte {len(rows)} personnes : le maximum est de {MAX_ROWS}. "
            "Partagez-le en plusieurs fichiers."
        )
    return rows


def decode(data: bytes) -> str:
    """UTF-8, with or without its mark, else Windows-1252.

    Raises:
        Unreadable: neither.
    """
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


def columns_of(cells: list[str]) -> list[str | None]:
    """The field that each column fills; None for a column that Opus does not need.

    Raises:
        Unreadable: a required column is missing, or stands twice.
    """
    known = {plain(title): name for title, name in (HEADERS | OTHER_HEADERS).items()}
    columns = [known.get(plain(cell)) for cell in cells]
    titles = {name: title for title, name in HEADERS.items()}
    missing = [titles[name] for name in REQUIRED if name not in columns]
    if missing:
        words = ", ".join(f"« {title} »" for title in missing)
        raise Unreadable(
            f"La première ligne doit porter les titres des colonnes. Il manque : "
            f"{words}. Partez du modèle pour être sûr des titres."
        )
    named = [name for name in columns if name]
    for name in titles:
        if named.count(name) > 1:
            raise Unreadable(f"La colonne « {titles[name]} » est là deux fois.")
    return columns


def row_of(line: int, columns: list[str | None], cells: list[str]) -> Row:
    values = {
        name: cell.strip()
        for name, cell in zip(columns, cells, strict=False)
        if name is not None
    }
    is_too_long = any(cell.strip() for cell in cells[len(columns) :])
    return Row(line, values, is_too_long)


def plain(title: str) -> str:
    """A title without case, accents or signs."""
    letters = unicodedata.normalize("NFKD", title.casefold())
    return "".join(letter for letter in letters if letter.isalnum())
