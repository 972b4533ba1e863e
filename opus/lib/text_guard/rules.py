"""The rules as data: ``rules/``, a file a category, and what the sets hold (V2, V3).

A file has ``words`` that are forbidden wherever they stand, ``phrases`` that are
forbidden as they stand, and ``passes``: the vocabulary of trades, languages and
services, in which the same words say nothing of a person. ``patterns`` says how one is
written. ``ordinary.txt`` lists the French words that are one letter away from a rule.
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
    """The release of the rules, from ``version.toml``."""

    number: int
    on: dt.date
    why: str
    fingerprint: str


@dataclass(frozen=True)
class Rules:
    """What is forbidden, what explains it, and which release they are."""

    forbidden: Patterns
    passes: Patterns
    spelling: Spelling
    # Names that people bear, though they are words of the rules.
    surnames: frozenset[str]
    version: Version


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _lines(written: str) -> list[str]:
    """Return one pattern a line; ``#`` begins a remark."""
    lines = (line.split("#")[0].strip() for line in written.splitlines())
    return [line for line in lines if line]


def fingerprint() -> str:
    """Return a digest of the rules, their version aside."""
    paths = sorted(path for path in FOLDER.iterdir() if path.stem != "version")
    texts = [path.read_bytes() for path in paths]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:16]


def load() -> Rules:
    """Read the files: once, as the process begins."""
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
