"""The options of bin/bench. Standard library only: no package is installed yet."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from dataclasses import dataclass
from pathlib import Path

from common import Failed

from benches import BENCHES

ALL = "all"
MILLION = 1_000_000
MOST = 10_000_000
USAGE = """\
Measures Opus on servers of its own, kept in .opus-bench/ with the offers that it made.

{benches}
  {all:<12}each of them
"""


@dataclass(frozen=True, slots=True)
class Options:
    names: tuple[str, ...]
    offers: int = MILLION
    real: Path | None = None

    def words(self, name: str) -> list[str]:
        words = [name, "--offers", str(self.offers)]
        return [*words, "--real", str(self.real)] if self.real else words


def read_options(arguments: list[str]) -> Options:
    """Parse arguments; raise Failed for an unknown bench, file or number."""
    parser = ArgumentParser(
        prog="bin/bench",
        formatter_class=RawDescriptionHelpFormatter,
        description=USAGE.format(
            all=ALL,
            benches="\n".join(f"  {name:<12}{what}" for name, what in BENCHES.items()),
        ),
    )
    parser.add_argument("name", nargs="?", default="")
    parser.add_argument(
        "--offers", default=str(MILLION), metavar="N", help="how many (1000000)"
    )
    parser.add_argument(
        "--real",
        type=Path,
        metavar="FILE",
        help="JSONL of real offers, multiplied in place of invented ones",
    )
    found = parser.parse_args(arguments)
    if found.name != ALL and found.name not in BENCHES:
        known = ", ".join(BENCHES)
        raise Failed(
            f"bin/bench does not know “{found.name}”. It measures {known},"
            f" or all of them: bin/bench {ALL}"
        )
    if not found.offers.isdecimal() or not 0 < int(found.offers) <= MOST:
        raise Failed(f"--offers {found.offers}: write a whole number from 1 to {MOST}.")
    if found.real and not found.real.is_file():
        raise Failed(f"--real {found.real}: there is no such file.")
    names = tuple(BENCHES) if found.name == ALL else (found.name,)
    real = found.real.resolve() if found.real else None
    return Options(names, int(found.offers), real)
