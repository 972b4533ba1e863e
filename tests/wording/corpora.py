"""The sentences that the guard is measured on; all were written for Opus."""

from pathlib import Path

UNSEEN = Path(__file__).parent / "unseen"


def unseen() -> list[tuple[str, str]]:
    """Label and sentence of those that nothing was learned or mended from."""
    return [
        tuple(line.split("\t"))
        for path in sorted(UNSEEN.glob("*.tsv"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
