"""The file of everyday words: old names, abbreviations, slang, with ROME codes."""

from pathlib import Path

FILE = Path(__file__).resolve().parent / "data" / "everyday_words.tsv"


def read_everyday_words() -> dict[str, list[str]]:
    """Return ROME codes by words; the first line of a word counts."""
    found: dict[str, list[str]] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        codes, _, words = line.partition("\t")
        for each in words.split(" ; "):
            found.setdefault(each, codes.split())
    return found
