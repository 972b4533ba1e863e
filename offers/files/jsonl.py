"""Read files of offers, line by line.

A file is JSONL, plain or gzip (by its first bytes). A bad line does not stop
the others. Only one line is in memory. Most are known by hash, without parsing JSON.
"""

import gzip
import io
import json
import re
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO, Any, NoReturn

GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# The longest real offer is 13 kB; a line of this size is another kind of file.
MAX_LINE_BYTES = 1_000_000
MAX_RAW_CHARACTERS = 20_000
STDIN = "-"

REFERENCE_IN_RAW = re.compile(rb'"id"\s*:\s*"([0-9A-Za-z_-]{1,20})"')


class UnreadableLine(ValueError):
    """This line holds no JSON; the reason is in French."""


@dataclass(frozen=True, slots=True)
class Line:
    """One raw line of a file.

    ``fault``: why it cannot be read. ``position``: where it ends in the file.
    ``ends_file``: the file broke off here.
    """

    file: str
    number: int
    raw: bytes
    position: int
    fault: str = ""
    ends_file: bool = False

    @property
    def text(self) -> str:
        """Return the line as PostgreSQL can keep it, cut."""
        text = self.raw[: 4 * MAX_RAW_CHARACTERS].decode(errors="backslashreplace")
        return text.replace("\x00", "\\x00")[:MAX_RAW_CHARACTERS]

    @property
    def reference(self) -> str:
        """Return the offer number in the raw line."""
        found = REFERENCE_IN_RAW.search(self.raw)
        return found[1].decode() if found else ""

    def read(self) -> Any:
        """Return the parsed JSON. Raises UnreadableLine."""
        if self.fault:
            raise UnreadableLine(self.fault)
        try:
            return decode_json(self.raw.decode())
        except UnicodeDecodeError as error:
            fault = f"Texte illisible (UTF-8) à l’octet {error.start + 1}."
            raise UnreadableLine(fault) from error
        except json.JSONDecodeError as error:
            place = error.pos + 1
            raise UnreadableLine(f"JSON illisible au caractère {place}.") from error
        except RecursionError as error:
            raise UnreadableLine("Objet JSON trop profond.") from error
        except ValueError as error:
            raise UnreadableLine(f"JSON illisible : {error}."[:300]) from error


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} n’est pas du JSON")


decode_json = json.JSONDecoder(parse_constant=refuse_constant).decode


@contextmanager
def open_file(path: str) -> Iterator[tuple[IO[bytes], io.BufferedReader]]:
    """Open (lines, raw file); ``-``: standard input. Raises OSError."""
    with (
        open(sys.stdin.fileno(), "rb", closefd=False)
        if path == STDIN
        else Path(path).open("rb")
    ) as file:
        if file.peek(2)[:2] == GZIP_MAGIC:
            with gzip.open(file) as unpacked:
                yield unpacked, file  # type: ignore[misc]
        else:
            yield file, file


def position_of(file: io.BufferedReader) -> int:
    return file.tell() if file.seekable() else 0


def read_lines(path: str) -> Iterator[Line]:
    """Yield the non-blank lines, numbered from 1. Raises OSError."""
    with open_file(path) as (lines, file):
        for number in count(1):
            fault = ""
            try:
                raw = lines.readline(MAX_LINE_BYTES + 1)
                if len(raw) > MAX_LINE_BYTES and not raw.endswith(b"\n"):
                    fault = f"Ligne de plus de {MAX_LINE_BYTES // 1_000_000} Mo."
                    # Skip the rest of the line.
                    while rest := lines.readline(MAX_LINE_BYTES):
                        if rest.endswith(b"\n"):
                            break
            except (EOFError, zlib.error, OSError) as error:
                fault = f"Fichier interrompu ici ({error})."
                yield Line(path, number, b"", position_of(file), fault, ends_file=True)
                return
            if not raw:
                return
            if number == 1:
                raw = raw.removeprefix(BYTE_ORDER_MARK)
            raw = raw.strip()
            if raw:
                yield Line(path, number, raw, position_of(file), fault)
