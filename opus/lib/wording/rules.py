"""The rules as data: ``rules/``, a file a family, and what the sets hold (V2, V3).

A file has ``words`` that are forbidden wherever they stand, ``phrases`` that are
forbidden as they stand, and ``passes``: the vocabulary of trades, languages and
addresses, in which the same words say nothing of a person. How a rule is written is
told in ``matching``.
"""

import datetime as dt
import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opus.lib.wording.families import SUBJECTS
from opus.lib.wording.matching import Rules

FOLDER = Path(__file__).parent / "rules"


@dataclass(frozen=True)
class Version:
    """A release of the rules, as ``versions.toml`` tells it."""

    number: int
    on: dt.date
    why: str
    fingerprint: str


@dataclass(frozen=True)
class Release:
    """What is forbidden, what explains it, and which release they are."""

    forbidden: Rules
    passes: Rules
    version: Version


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _lines(rules: str) -> list[str]:
    """One rule a line; ``#`` begins a remark."""
    lines = (line.split("#")[0].strip() for line in rules.splitlines())
    return [line for line in lines if line]


def fingerprint() -> str:
    """What tells one text of the rules from another."""
    texts = [
        path.read_bytes()
        for path in sorted(FOLDER.glob("*.toml"))
        if path.stem != "versions"
    ]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:16]


def load() -> Release:
    """The rules of the files. Read once, as the process begins."""
    told = _read("sets")
    context = told.pop("contexte")
    sets = {name: words.split() for name, words in {**told, **context}.items()}
    forbidden, passes = Rules(sets, context), Rules(sets, context)
    for family in SUBJECTS:
        rules = _read(family.value)
        for word in rules["words"].split():
            forbidden.add(word, family)
        for phrase in _lines(rules["phrases"]):
            forbidden.add(phrase, family)
        for phrase in _lines(rules["passes"]):
            passes.add(phrase, family)
    for phrase in _lines(_read("passes")["passes"]):
        passes.add(phrase, None)
    newest = _read("versions")["version"][-1]
    return Release(forbidden, passes, Version(**newest))


RULES = load()
