"""The rules of ``rules/``, one file per category (V2, V3).

``words`` and ``phrases`` are forbidden; ``passes`` are harmless phrases of trades,
languages and services; ``patterns`` has the syntax. ``ordinary.txt`` lists French words
one letter away from a rule.
"""

import datetime as dt
import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opus.lib.text_guard.categories import SUBJECTS
from opus.lib.text_guard.patterns import Patterns, expand
from opus.lib.text_guard.spelling import Spelling

FOLDER = Path(__file__).parent / "rules"


@dataclass(frozen=True)
class Version:
    number: int
    on: dt.date
    why: str
    fingerprint: str


@dataclass(frozen=True)
class Rules:
    forbidden: Patterns
    passes: Patterns
    spelling: Spelling
    # Persons' names that are also words of the rules.
    surnames: frozenset[str]
    version: Version


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _lines(written: str) -> list[str]:
    """Return one pattern per line; ``#`` begins a comment."""
    lines = (line.split("#")[0].strip() for line in written.splitlines())
    return [line for line in lines if line]


def fingerprint() -> str:
    """Return a digest of the rules without their version."""
    paths = sorted(path for path in FOLDER.iterdir() if path.stem != "version")
    texts = [path.read_bytes() for path in paths]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:16]


def load() -> Rules:
    sets = _read("sets")
    forbidden, passes = Patterns(sets), Patterns(sets)
    mistakable = {*forbidden.sets["<peuple>"], *forbidden.sets["<fautif>"]}
    for category in SUBJECTS:
        rules = _read(category.value)
        mistakable.update(*map(expand, rules["words"].split()))
        for pattern in [*rules["words"].split(), *_lines(rules["phrases"])]:
            forbidden.add(pattern, category)
        for pattern in _lines(rules["passes"]):
            passes.add(pattern, category)
    for pattern in _lines(_read("passes")["passes"]):
        passes.add(pattern, None)
    ordinary = (FOLDER / "ordinary.txt").read_text(encoding="utf-8").split()
    return Rules(
        forbidden,
        passes,
        Spelling(mistakable, ordinary),
        forbidden.sets["<nom>"],
        Version(**_read("version")),
    )


RULES = load()
