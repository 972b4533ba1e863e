"""Small files of offers, and what the command that imports them says."""

import gzip
import json
from collections.abc import Iterator
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

REAL = settings.BASE_DIR.parent / "shared" / "data" / "offers"
REAL_FILES = [REAL / "offers-full.jsonl.gz", REAL / "offers-reunion-reduced.jsonl.gz"]


def real_offers(*paths: Path, step: int = 1) -> Iterator[dict[str, Any]]:
    """Each so many-th offer of those files that are here."""
    for path in filter(Path.exists, paths):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, islice(lines, 0, None, step))


def as_bytes(line: Any) -> bytes:
    if isinstance(line, bytes):
        return line
    return (line if isinstance(line, str) else json.dumps(line)).encode()


def offer(reference: str = "193FKBM", day: int = 2, **parts: Any) -> dict[str, Any]:
    """A small offer, last updated on that day of November."""
    return {
        "id": reference,
        "intitule": "Maçon / Maçonne (H/F)",
        "dateCreation": "2026-11-01T08:00:00.000Z",
        "dateActualisation": f"2026-11-{day:02d}T08:00:00.000Z",
        "lieuTravail": {"libelle": "38 - Grenoble", "commune": "38185"},
    } | parts


def opus(**parts: Any) -> dict[str, Any]:
    return {"publiee": True, "preselection": True} | parts


def run_import(*files: str, **options: Any) -> dict[str, int]:
    """The figures that the command prints, by their keys."""
    out = StringIO()
    call_command("import_offers", *files, stdout=out, stderr=StringIO(), **options)
    words = (line.split() for line in out.getvalue().splitlines())
    return {key: int(number) for key, number, *_ in words}


def figures(**parts: int) -> dict[str, int]:
    keys = ["read", "created", "updated", "unchanged", "withdrawn", "rejected"]
    return dict.fromkeys([*keys, "swapped", "placeless"], 0) | parts
